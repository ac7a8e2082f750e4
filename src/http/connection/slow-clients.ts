import type { ServerResponse } from 'node:http';
import type { Answers } from './drain.ts';
import { bytesInKernel } from './socket-progress.ts';
import { isOpenStream } from './stream-timeout.ts';

/** A client that is waited for takes at least so many bytes of its answer in so many ms. */
const pace = { bytes: 2 ** 16, window: 10_000 };

/** How often it is looked after that in a window. */
const checksPerWindow = 10;

/** How many bytes of an answer had been taken when its window began. */
type Window = { readonly taken: number; readonly since: number };

const unread = new WeakSet<ServerResponse>();

/** Whether an answer was given up because its client did not read it. */
export function wasUnread(response: ServerResponse): boolean {
  return unread.has(response);
}

/**
 * Closes the connections of clients that do not read their answers, which hold memory as long as they wait. Only answers that are looked
 * at while bytes of them wait in this process cost anything. Streams have a rule of their own. Returns what ends the watch.
 */
export function watchSlowClients(answers: Answers, { bytes, window } = pace): () => void {
  const windows = new WeakMap<ServerResponse, Window>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const answer of answers.keys()) look(answer, now);
  }, window / checksPerWindow);
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
    if (begun !== undefined && now - begun.since < window) return;
    if (begun !== undefined && taken - begun.taken < bytes) {
      unread.add(answer);
      socket.destroy();
      return;
    }
    windows.set(answer, { taken, since: now });
  }
}
