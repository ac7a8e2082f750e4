import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemBody, problemMediaType } from '../../errors/problem-details.ts';
import type { ProblemCode } from '../../errors/problems.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import type { RefusalReason } from '../../telemetry/metrics.ts';
import { lingerAfterReply } from '../connection/lingering-close.ts';
import { pathOf } from '../headers/request-path.ts';
import { unsupportedType } from './content-type.ts';

/** Whatever goes wrong is answered as a problem; what is not the caller's doing is logged, and shown to nobody. */
export function registerErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | RequestError, request, reply) => sendError(error, request, reply));
}

export function sendError(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = problemFor(error, request, reply);
  return reply.code(body.status).type(problemMediaType).send(body);
}

/** The problem that an error is to whoever asked; headers that go with it are set. */
export function problemFor(error: Error, request: FastifyRequest, reply: FastifyReply) {
  const refused = error instanceof RequestError ? error : requestErrorOf(error, request, reply);
  if (refused.code === 'INTERNAL') request.log.error({ request_id: request.id, err: error }, 'request failed');
  const body = problemBody(refused, { path: pathOf(request), requestId: request.id });
  recordRejection(request, refused);
  lingerAfterReply(request.raw, reply.raw);
  // a client that heeds this stops sending; of any other the rest is read, as of all that is refused before its body has come
  if (refused.code === 'BODY_TOO_LARGE') reply.header('connection', 'close');
  if (body.status === 401) reply.header('www-authenticate', 'Bearer realm="kl-divergence"');
  const retryAfter = refused.advice.retryAfter ?? (body.status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return body;
}

/** What the log and the metrics tell of a refusal. */
export function recordRejection(request: FastifyRequest, { code, advice }: RequestError): void {
  request.problem = code;
  request.refusal = advice.reason ?? reasons[code];
}

/** Refusals of requests that could be answered at another time, or to somebody else. */
const reasons: Partial<Record<ProblemCode, RefusalReason>> = {
  QUOTA_EXCEEDED: 'quota',
  UNAUTHENTICATED: 'unauthenticated',
  SHUTTING_DOWN: 'draining',
};

/** What the framework refuses, in the catalogue's codes. */
function requestErrorOf(error: Error & { code?: string; statusCode?: number }, request: FastifyRequest, reply: FastifyReply): RequestError {
  // an answer that broke off because its client has gone is no failure of ours
  if (reply.raw.closed) return refuse('BAD_REQUEST', '#', 'the client went away');
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedType(request);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return refuse('BAD_REQUEST', '#', 'the path, the headers or the framing of the body are malformed');
  }
  return refuse('INTERNAL', '#', 'the service failed to answer this request');
}
