import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextMessage, tell } from './child.ts';
import { countOf, goodWithin, inWords, type Load, type Statistics } from './load-statistics.ts';

const first = 1000;
const lowest = 10;
const highest = 100_000;
/** The search ends when what is too much is no more than this above what is not. */
const precision = 1.1;
const probe = 2;
const confirmation = 3;
const mostConfirmations = 5;

export const mix = { large: 0.05, expects: true };

/** Has a generator (servers/open-loop.ts) do its work. */
export async function generate(generator: ChildProcess, load: Load): Promise<Statistics> {
  tell(generator, load);
  return (await nextMessage(generator)) as Statistics;
}

/** Whether p99 of all answers is good, and all requests were answered 200: what the capacity is defined by. */
export function isServed(statistics: Statistics): boolean {
  return statistics.all.p99 <= goodWithin && countOf(statistics, 'refused', 'wrong', 'reset', 'timeout') === 0;
}

/** The highest rate of the mix, in requests a second, at which everything is served well. */
export async function capacity(generator: ChildProcess, say: (line: string) => void): Promise<number> {
  let good = first;
  while (!(await holds(good, probe))) {
    good /= 2;
    if (good < lowest) throw new Error(`not even ${lowest} requests a second are served well`);
  }
  let bad = 2 * good;
  for (; bad < highest && (await holds(bad, probe)); bad *= 2) good = bad;
  while (bad / good > precision) {
    const between = Math.round(Math.sqrt(good * bad));
    if (await holds(between, probe)) good = between;
    else bad = between;
  }
  for (let attempt = 0; attempt < mostConfirmations; attempt++, good = Math.round(good / precision)) {
    if (await holds(good, confirmation)) return good;
  }
  throw new Error(`no rate was served well for ${confirmation} s, down to ${good} requests a second`);

  /** Twice, where it is not at first: other work on the machine may have been in the way. */
  async function holds(rate: number, seconds: number): Promise<boolean> {
    return (await isServedAt(rate, seconds)) || isServedAt(rate, seconds);
  }

  async function isServedAt(rate: number, seconds: number): Promise<boolean> {
    const statistics = await generate(generator, { rate, seconds, ...mix });
    const served = isServed(statistics);
    say(`${rate}/s: ${served ? 'served' : 'too much'}, p99 ${Math.round(statistics.all.p99)} ms; ${inWords(statistics)}`);
    if (!served) await sleep(500);
    return served;
  }
}
