import { readFileSync } from 'node:fs';
import type { SideName } from '../../../src/core/comparison.ts';
import type { BinChoice } from '../../../src/core/samples/edges.ts';

type Sides<T> = Readonly<Record<SideName, T>>;

type Case = (Sides<number[]> | { readonly formula: readonly (readonly [number, number])[] }) & {
  readonly bins: Readonly<Record<string, Sides<number[]> & { readonly edges: number[] }>>;
};

type Golden = {
  readonly samples: Readonly<Record<string, Case>>;
  readonly psi: Readonly<Record<string, number>>;
  readonly g_tests: readonly (Sides<number[]> & { readonly statistic: number; readonly p_value: number; readonly degrees: number })[];
  readonly chi_square: readonly {
    readonly degrees: number;
    readonly mean_of_root: number;
    readonly 'exceeded_by_0.05': number;
    readonly survival: readonly (readonly [number, number])[];
  }[];
};

/** What NumPy and SciPy answered: see test/golden/samples.py. */
export const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/samples.json', import.meta.url), 'utf8'));

/** The observations of a case, in one row on each side. */
export function observationsOf(name: string): Sides<Float64Array[]> {
  const given = golden.samples[name];
  if (!('formula' in given)) return { input: [Float64Array.from(given.input)], target: [Float64Array.from(given.target)] };
  const [input, target] = given.formula.map(([count, power]) => formula(count, power));
  return { input: [input], target: [target] };
}

/** The numbers that `formula` of samples.py makes. */
function formula(count: number, power: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length: count }, () => {
    state = Number((1103515245n * BigInt(state) + 12345n) % 2n ** 31n);
    return (state / 2 ** 31) ** power;
  });
}

/** A choice of bins from its key in samples.json. */
export function choiceOf(key: string): BinChoice {
  return /^\d+$/.test(key) ? Number(key) : (key as BinChoice);
}
