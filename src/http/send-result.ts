import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorOf } from '../errors/sent-error.ts';
import type { ExecutorResult } from '../pool/run-in-worker.ts';
import type { TaskOutput } from '../tasks/task.ts';
import { serverTiming } from './headers/server-timing.ts';
import { sendContent } from './send-content.ts';

/**
 * Sends the response of a task, or throws why there is none.
 * @param receive ms that the body took to arrive
 * @throws RequestError
 */
export function sendResult(
  request: FastifyRequest,
  reply: FastifyReply,
  { timings, refused, answered }: ExecutorResult,
  receive: number,
  typeOf: (answered: TaskOutput) => string,
): void {
  reply.header('server-timing', serverTiming(receive, timings));
  request.phases = { durations: { receive, ...timings }, until: performance.timeOrigin + performance.now() };
  if (refused !== undefined) {
    const { elements } = refused.advice;
    // a request may be rejected after its elements were computed
    if (elements !== undefined) request.account?.settle(elements);
    throw errorOf(refused);
  }
  const { content, elements, warnings, items } = answered;
  request.computed = { elements, warnings, ...items };
  request.account?.settle(elements);
  reply.type(typeOf(answered));
  sendContent(request, reply, content);
}
