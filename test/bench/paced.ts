import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { notebookBody } from './bodies.ts';
import { nextMessage, tell } from './child.ts';
import { post } from './post.ts';

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

/** The latencies of small requests, sent by the clock, that are answered; and how many are refused. */
export async function pacedAnswers(origin: string, perSecond: number, seconds: number): Promise<{ latencies: number[]; refused: number }> {
  let refused = 0;
  const latencies: number[] = [];
  await paced(perSecond, seconds, async () => {
    const { status, ms } = await post(origin, notebookBody);
    if (status === 503) refused++;
    else if (status === 200) latencies.push(ms);
    else throw new Error(`a small request is answered with ${status}`);
    return ms;
  });
  return { latencies, refused };
}

/** Runs `use` while a helper keeps requests under way; what the helper tells of them when all have ended. */
export async function loaded<T, Told>(helper: ChildProcess, use: () => Promise<T>): Promise<{ result: T; told: Told }> {
  tell(helper, 'go');
  const result = await use();
  tell(helper, 'stop');
  return { result, told: (await nextMessage(helper)) as Told };
}
