import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { notebookBody } from '../bodies.ts';
import { endChild, nextMessage, startHelper, tell } from '../child.ts';
import { inDigits } from '../digits.ts';
import { loaded, paced } from '../paced.ts';
import { timedPost } from '../post.ts';
import { median, quantile } from '../rounds.ts';
import { atMost, type Row, ratioRows, row } from '../row.ts';
import { type Server, startWithLoopDelay } from '../servers.ts';

const rounds = 3;
const seconds = 2.5;
const perSecond = 50;
const group = 'beside';

/** Milliseconds, and how many large requests were answered. */
type Sample = {
  readonly alone: number;
  readonly beside: number;
  readonly delay: number;
  readonly longest: number;
  readonly large: number;
};

/** Small requests beside large ones: how much longer they take, and how long the event loop is held up. */
export async function beside(say: (line: string) => void): Promise<Row[]> {
  const ours = await startWithLoopDelay('ours');
  const load = await startHelper('load', ours.origin);
  try {
    await latencies(ours, 2);
    await loaded(load, () => sleep(3_000));
    const samples: Sample[] = [];
    for (let round = 1; round <= rounds; round++) {
      const alone = quantile(await latencies(ours, seconds), 0.99);
      const under = await underLoad(ours, load);
      samples.push({ alone, ...under });
      const { beside, delay, large } = under;
      say(`round ${round} of ${rounds}: p99 ${ms(alone)} alone, ${ms(beside)} beside ${large} large, loop delay ${ms(delay)}`);
    }
    return rowsOf(samples);
  } finally {
    await Promise.all([endChild(load), endChild(ours.child)]);
  }
}

function rowsOf(samples: readonly Sample[]): Row[] {
  const of = (name: keyof Sample) => median(samples.map((sample) => sample[name]));
  const notes = { beside: `(${of('large')} large answered meanwhile)` };
  const work = `5 × 2 at ${perSecond}/s beside two connections of 2 × (10 000 × 100) as JSON`;
  return [
    ...ratioRows({ group, work, unit: 'ms p99', medians: { beside: of('beside'), alone: of('alone') }, notes }, [
      { over: 'beside', under: 'alone', required: atMost(4) },
    ]),
    row({ group, work }, 'ms that the event loop is late, p99', of('delay'), atMost(20), {
      medians: { delay: of('delay'), longest: of('longest') },
      detail: `without the sampling interval of 1 ms; longest ${ms(of('longest'))}; medians of ${rounds} times ${seconds} s`,
    }),
  ];
}

async function underLoad(ours: Server, load: ChildProcess): Promise<Omit<Sample, 'alone'>> {
  tell(ours.child, 'reset');
  const { result, told } = await loaded<number[], number>(load, () => latencies(ours, seconds));
  tell(ours.child, 'report');
  const delays = (await nextMessage(ours.child)) as Pick<Sample, 'delay' | 'longest'>;
  return { beside: quantile(result, 0.99), large: told, ...delays };
}

/** The latencies of small requests sent by the clock. */
function latencies(ours: Server, seconds: number): Promise<number[]> {
  return paced(perSecond, seconds, () => timedPost(ours, notebookBody));
}

function ms(value: number): string {
  return `${inDigits(value)} ms`;
}
