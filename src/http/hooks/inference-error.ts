import type { FastifyReply, FastifyRequest } from 'fastify';
import { prepareProblem } from './error-handler.ts';

/** Sends an error to a client of the Open Inference Protocol: a problem with a member `error`, and status 400 in place of 422. */
export function sendInferenceError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const body = inferenceErrorBody(prepareProblem(error, request, reply));
  reply.code(body.status);
  sendBareJson(reply, body);
}

export function inferenceErrorBody(problem: ReturnType<typeof prepareProblem>) {
  return { error: inOneText(problem), ...problem, status: problem.status === 422 ? 400 : problem.status };
}

/** The highest number of faults in the text of `error`. */
const told = 3;

/** Clients show only this text, so it has the pointer of each fault. */
function inOneText({ errors, error_count }: ReturnType<typeof prepareProblem>): string {
  const faults = errors.slice(0, told).map(({ pointer, detail }) => (pointer === '#' ? detail : `${pointer}: ${detail}`));
  return `${faults.join('; ')}${error_count > faults.length ? `; and ${error_count - faults.length} more` : ''}`;
}

/** Whether a request is for the protocol. Reads the URL, so it works before the router has run. */
export function isInference({ url }: Pick<FastifyRequest, 'url'>): boolean {
  return url === '/v2' || url.startsWith('/v2/');
}

/** Sends JSON as bytes, because Fastify would add a charset to the media type of a string. */
export function sendBareJson(reply: FastifyReply, value: unknown): void {
  reply.type('application/json').send(Buffer.from(JSON.stringify(value)));
}
