import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, refuse } from '../errors.ts';
import { pathOf } from './path.ts';
import { problemBody, problemMediaType } from './problem.ts';

/** Whatever goes wrong is answered as a problem; what is not the caller's doing is logged, and shown to nobody. */
export function registerErrorHandlers(app: FastifyInstance, bodyLimit: number): void {
  app.setErrorHandler((error: FastifyError | RequestError, request, reply) => sendError(error, request, reply, bodyLimit));
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  // before the body is read: what is sent to nowhere need not arrive
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw notFound(request);
  });
}

export function sendError(error: Error, request: FastifyRequest, reply: FastifyReply, bodyLimit: number): FastifyReply {
  const refused = error instanceof RequestError ? error : requestErrorOf(error, request, bodyLimit);
  if (refused.code === 'INTERNAL') request.log.error({ err: error }, 'request failed');
  const body = problemBody(refused, { path: pathOf(request), requestId: request.id });
  request.problem = refused.code;
  return reply.code(body.status).type(problemMediaType).send(body);
}

/** What the framework refuses, in the catalogue's codes. */
function requestErrorOf(error: Error & { code?: string; statusCode?: number }, request: FastifyRequest, bodyLimit: number): RequestError {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return refuse('BODY_TOO_LARGE', '#', `the body is larger than the limit of ${bodyLimit} bytes`);
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const sent = request.headers['content-type'];
    return refuse(
      'UNSUPPORTED_MEDIA_TYPE',
      '#',
      `expected Content-Type: application/json, got ${sent === undefined ? 'none' : JSON.stringify(sent.slice(0, 100))}`,
    );
  }
  if (error.statusCode === 404) return notFound(request);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return refuse('BAD_REQUEST', '#', 'the path or the headers are malformed');
  }
  return refuse('INTERNAL', '#', 'the service failed to answer this request');
}

function notFound(request: FastifyRequest): RequestError {
  return refuse('NOT_FOUND', '#', `there is nothing at ${pathOf(request)}`);
}
