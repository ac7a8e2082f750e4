import { setTimeout as sleep } from 'node:timers/promises';
import { inDigits } from './digits.ts';

/** Long enough for a competitor to finish with its garbage before the next one is measured. */
const pause = 50;

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The sample below which the share `q` of all samples lies; between two samples, their mean weighted by nearness. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)] - below);
}

export type Rounds<T> = {
  readonly competitors: readonly T[];
  readonly warmUps: number;
  readonly rounds: number;
  readonly measure: (competitor: T) => Promise<number>;
  readonly say: (line: string) => void;
};

/** The median of each competitor by name. */
export function medians<T extends { readonly name: string }>(plan: Rounds<T>): Promise<Record<string, number>> {
  return inTurns(plan, median);
}

/** The least of each competitor by name: what it takes where nothing else runs. */
export function minima<T extends { readonly name: string }>(plan: Rounds<T>): Promise<Record<string, number>> {
  return inTurns(plan, (samples) => Math.min(...samples));
}

/** All are measured in turns, forwards in one round and backwards in the next. */
async function inTurns<T extends { readonly name: string }>(
  plan: Rounds<T>,
  summary: (samples: readonly number[]) => number,
): Promise<Record<string, number>> {
  const { competitors, warmUps, rounds, measure, say } = plan;
  const samples: Record<string, number[]> = Object.fromEntries(competitors.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    const order = round % 2 === 0 ? competitors : competitors.toReversed();
    const measured: string[] = [];
    for (const competitor of order) {
      const sample = await measure(competitor);
      if (round >= 0) samples[competitor.name].push(sample);
      measured.push(`${competitor.name} ${inDigits(sample)}`);
      await sleep(pause);
    }
    say(`${round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`}: ${measured.join(', ')}`);
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summary(values)]));
}
