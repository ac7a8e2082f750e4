import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { refuse } from '../../errors/request-error.ts';

/** Calls back when an answer ends or its client disconnects. If it is closed already, calls back at once: `close` does not come again. */
export function onceClosed(response: ServerResponse, callback: () => void): void {
  if (response.closed) callback();
  else response.once('close', callback);
}

/** A client may disconnect while it is authenticated; then no event of its body would follow. @throws RequestError BAD_REQUEST */
export function refuseGone({ raw }: FastifyReply): void {
  if (raw.closed) throw refuse('BAD_REQUEST', '#', 'the client disconnected');
}

/** Aborted when the client goes away before it has its answer. `request.signal` ends with the body: fastify pull request 6725. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  onceClosed(reply.raw, () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
