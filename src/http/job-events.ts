import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { JobView } from '../jobs/job-answer.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { Drain } from './connection/drain.ts';
import { onceClosed, refuseGone } from './connection/on-close.ts';

/** Proxies close connections on which nothing comes: there is a comment after this many ms. */
const commentMs = 15_000;

/** A client whose connection ended asks again after this many ms. */
const retryMs = 2_000;

/**
 * Sends what becomes of a job as server-sent events: `progress` at most once a second, and `done` with the whole job at its end. An event
 * is the state of the job, so a client that comes back with the id of the last event gets the next state, and misses nothing that counts.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @throws RequestError BAD_REQUEST of a client that has disconnected: the drain would keep its stream for ever
 */
export function sendJobEvents(
  reply: FastifyReply,
  { jobs, id, client, lastId }: { jobs: Pick<JobService, 'watch'>; id: string; client: string; lastId: string | undefined },
  drain: Drain,
): void {
  refuseGone(reply);
  const events = new PassThrough();
  let sent = lastId;

  function send({ isOver, state, body }: JobView): void {
    if (events.writableEnded || (state === sent && !isOver)) return;
    sent = state;
    events.write(`id: ${state}\nevent: ${isOver ? 'done' : 'progress'}\ndata: `);
    events.write(body);
    events.write('\n\n');
    if (isOver) end();
  }

  function end(): void {
    clearInterval(comments);
    stopWatching();
    events.end();
  }

  const comments = setInterval(() => events.write(':\n\n'), commentMs).unref();
  events.write(`retry: ${retryMs}\n\n`);
  const stopWatching = jobs.watch(id, client, send);
  onceClosed(reply.raw, end);
  // an instance that shuts down ends its streams: their clients come back to another
  drain.enterStream(reply.raw, { end, isAtWork: () => false });
  reply.type('text/event-stream').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(events);
}
