import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemBody, problemMediaType } from '../../errors/problem-details.ts';
import type { ProblemCode } from '../../errors/problems.ts';
import { RequestError, refuse } from '../../errors/request-error.ts';
import type { RefusalReason } from '../../telemetry/metrics.ts';
import { lingerAfterReply } from '../connection/lingering-close.ts';
import { pathOf } from '../headers/request-path.ts';
import { unsupportedType } from './content-type.ts';

/** Answers every error with a problem. Internal errors are logged, and the client does not see their text. */
export function registerErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | RequestError, request, reply) => sendError(error, request, reply));
}

function sendError(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = prepareProblem(error, request, reply);
  return reply.code(body.status).type(problemMediaType).send(body);
}

/** Returns the problem for an error, records it and sets its headers. Logs internal errors. */
export function prepareProblem(error: Error, request: FastifyRequest, reply: FastifyReply) {
  const refused = error instanceof RequestError ? error : requestErrorOf(error, request, reply);
  if (refused.code === 'INTERNAL') request.log.error({ request_id: request.id, err: error }, 'request failed');
  const body = problemBody(refused, { path: pathOf(request), requestId: request.id });
  recordRejection(request, refused);
  lingerAfterReply(request.raw, reply.raw);
  // a client that honors this header stops sending; otherwise the rest is read, as after any early rejection
  if (refused.code === 'BODY_TOO_LARGE') reply.header('connection', 'close');
  if (body.status === 401) reply.header('www-authenticate', 'Bearer realm="kl-divergence"');
  const retryAfter = refused.advice.retryAfter ?? (body.status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return body;
}

/** Records a rejection for the log and the metrics. */
export function recordRejection(request: FastifyRequest, { code, advice }: RequestError): void {
  request.problem = code;
  request.refusal = advice.reason ?? reasons[code];
}

/** The reasons to reject requests that could be answered at another time, or for another client. */
const reasons: Partial<Record<ProblemCode, RefusalReason>> = {
  QUOTA_EXCEEDED: 'quota',
  UNAUTHENTICATED: 'unauthenticated',
  SHUTTING_DOWN: 'draining',
};

/** Returns an error of the framework with a code of the catalogue. */
function requestErrorOf(error: Error & { code?: string; statusCode?: number }, request: FastifyRequest, reply: FastifyReply): RequestError {
  // the client disconnected while its answer was written: the service did not fail
  if (reply.raw.closed) return refuse('BAD_REQUEST', '#', 'the client disconnected');
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedType(request);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return refuse('BAD_REQUEST', '#', 'the path, the headers or the framing of the body are malformed');
  }
  return refuse('INTERNAL', '#', 'the service failed to answer this request');
}
