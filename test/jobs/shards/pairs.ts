import { type Held, held, type Pair } from './helper.ts';

/** Repeatable numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const arrays = { float64: Float64Array, float32: Float32Array, float16: Float16Array, bfloat16: Float32Array };

export type Case = {
  readonly seed: number;
  readonly rows: number;
  readonly outcomes: number;
  readonly dtype: keyof typeof arrays;
  /** The share of rows that are unlike the others. */
  readonly odd: number;
};

export type Kind = 'logits' | 'log_probs' | 'probs' | 'counts';

/** The number of a kind that a logit stands for, and no mass. */
const numbersOf: Readonly<Record<Kind, { readonly of: (logit: number) => number; readonly none: number }>> = {
  logits: { of: (logit) => logit, none: Number.NEGATIVE_INFINITY },
  log_probs: { of: Math.exp, none: 0 },
  probs: { of: Math.exp, none: 0 },
  counts: { of: (logit) => Math.floor(3 * Math.exp(logit)) + 1, none: 0 },
};

type Side = Float64Array | Float32Array | Float16Array;

/** What may be odd about a row: the sides are equal, or constant; padding; outcomes are masked on both sides, or on one. */
const oddities: readonly ((input: Side, target: Side, none: number) => void)[] = [
  (input, target) => input.set(target),
  (input, target) => {
    input.fill(1);
    target.fill(1);
  },
  (input, _, none) => {
    if (none !== 0) input.fill(-100);
  },
  (input, target, none) => {
    for (let k = 1; k < input.length; k += 3) input[k] = target[k] = none;
  },
  (input, _, none) => {
    input[input.length - 1] = none;
  },
];

/** Two tensors of a kind that are nearly equal but for odd rows, and weights. What is not read may be NaN. */
export function pairOf({ seed, rows, outcomes, dtype, odd }: Case, kind: Kind, isWeighted: boolean): Pair {
  const next = random(seed);
  const [input, target] = [0, 0].map(() => new arrays[dtype](rows * outcomes));
  const weights = new Float64Array(rows);
  const { of, none } = numbersOf[kind];
  for (let row = 0; row < rows; row++) {
    const [q, p] = [input, target].map((side) => side.subarray(row * outcomes, (row + 1) * outcomes));
    for (let k = 0; k < outcomes; k++) {
      const logit = next() * 8 - 6;
      p[k] = of(logit);
      q[k] = of(logit + (next() - 0.5) * 0.1);
    }
    if (next() < odd) oddities[Math.floor(next() * oddities.length)](q, p, none);
    const mass = next() < odd / 4 ? 1.01 : 1;
    if (kind === 'probs' || kind === 'log_probs') for (const side of [q, p]) normalise(side, mass, kind);
    weights[row] = next() < 0.3 ? 0 : Math.round(next() * 8) / 4 + next() * odd;
    if (isWeighted && weights[row] === 0 && next() < 0.5) q[0] = Number.NaN;
  }
  const shape = [rows, outcomes];
  const sideOf = (numbers: Side) => (dtype === 'bfloat16' ? inBfloat16(held(shape, numbers)) : held(shape, numbers));
  return { input: sideOf(input), target: sideOf(target), ...(isWeighted ? { weights: held([rows], weights) } : {}) };
}

/** The upper halves of float32. */
function inBfloat16({ shape, bytes }: Held): Held {
  const upper = Uint16Array.from(new Uint32Array(bytes.buffer), (bits) => bits >>> 16);
  return { dtype: 'bfloat16', shape, bytes: new Uint8Array(upper.buffer) };
}

function normalise(side: Side, mass: number, kind: 'probs' | 'log_probs'): void {
  let sum = 0;
  for (const value of side) sum += value;
  for (let k = 0; k < side.length; k++) {
    const p = (side[k] / sum) * mass;
    side[k] = kind === 'log_probs' ? Math.log(p) : p;
  }
}
