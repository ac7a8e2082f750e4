import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextMessage, tell } from './child.ts';

/** The latencies of requests sent by the clock, so many a second, whether or not the earlier ones are answered. */
export async function paced(perSecond: number, seconds: number, send: () => Promise<number>): Promise<number[]> {
  const begin = performance.now();
  const answers: Promise<number>[] = [];
  for (let k = 0; k < seconds * perSecond; k++) {
    await sleep(Math.max(0, begin + (1000 * k) / perSecond - performance.now()));
    const answer = send();
    // a failure is told at the end, not as unhandled before
    answer.catch(() => undefined);
    answers.push(answer);
  }
  return Promise.all(answers);
}

/** Runs `use` while a helper keeps requests under way; what the helper tells of them when all have ended. */
export async function loaded<T, Told>(helper: ChildProcess, use: () => Promise<T>): Promise<{ result: T; told: Told }> {
  tell(helper, 'go');
  const result = await use();
  tell(helper, 'stop');
  return { result, told: (await nextMessage(helper)) as Told };
}
