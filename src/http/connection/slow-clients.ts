import type { ServerResponse } from 'node:http';
import { slowestPace } from '../body/pace.ts';
import type { Drain } from './drain.ts';
import { bytesInKernel } from './socket-progress.ts';
import { isOpenStream } from './stream-timeout.ts';

/** Number of checks in each window. */
const checksPerWindow = 10;

/** When the window of an answer began, and how many bytes the client had taken then. */
type Window = { readonly taken: number; readonly since: number };

const unread = new WeakSet<ServerResponse>();

/** Whether the service gave up an answer because its client did not read it. */
export function wasUnread(response: ServerResponse): boolean {
  return unread.has(response);
}

/**
 * Closes the connections of clients that do not read their answers, because unread answers hold memory. Only answers with bytes that wait
 * in this process are timed: a client takes `bytes` of its answer in `windowMs`, as it must send a body. Streams have their own timeout.
 * Returns a function that ends the checks.
 */
export function watchSlowClients(
  answers: Drain['answers'],
  { bytes, windowMs }: Pick<typeof slowestPace, 'bytes' | 'windowMs'> = slowestPace,
): () => void {
  const windows = new WeakMap<ServerResponse, Window>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const answer of answers()) look(answer, now);
  }, windowMs / checksPerWindow);
  timer.unref();
  return () => clearInterval(timer);

  function look(answer: ServerResponse, now: number): void {
    const { socket } = answer;
    const { taken, waiting } = bytesInKernel(socket);
    if (socket === null || waiting === 0 || isOpenStream(socket)) {
      windows.delete(answer);
      return;
    }
    const begun = windows.get(answer);
    if (begun !== undefined && now - begun.since < windowMs) return;
    if (begun !== undefined && taken - begun.taken < bytes) {
      unread.add(answer);
      socket.destroy();
      return;
    }
    windows.set(answer, { taken, since: now });
  }
}
