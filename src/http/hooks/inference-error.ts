import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemFor } from './error-handler.ts';

/** A refusal as clients of the Open Inference Protocol read it: a problem with an `error`, and 400 where the status would be 422. */
export function sendInferenceError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const body = inferenceErrorBody(problemFor(error, request, reply));
  reply.code(body.status);
  sendBareJson(reply, body);
}

export function inferenceErrorBody(problem: ReturnType<typeof problemFor>) {
  return { error: inOneText(problem), ...problem, status: problem.status === 422 ? 400 : problem.status };
}

/** A text tells this many faults. */
const told = 3;

/** Clients show nothing but this text, so it says where what is wrong. */
function inOneText({ errors, error_count }: ReturnType<typeof problemFor>): string {
  const faults = errors.slice(0, told).map(({ pointer, detail }) => (pointer === '#' ? detail : `${pointer}: ${detail}`));
  return `${faults.join('; ')}${error_count > faults.length ? `; and ${error_count - faults.length} more` : ''}`;
}

/** For what is refused before a route is found. */
export function isInference({ url }: Pick<FastifyRequest, 'url'>): boolean {
  return url === '/v2' || url.startsWith('/v2/');
}

/** As bytes, because Fastify would add a charset to the media type of a text. */
export function sendBareJson(reply: FastifyReply, value: unknown): void {
  reply.type('application/json').send(Buffer.from(JSON.stringify(value)));
}
