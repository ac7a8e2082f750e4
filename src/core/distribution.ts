import { float64s } from '../memory/small-arrays.ts';
import { compensatedSum, lostInSum, sumParts } from './compensated-sum.ts';

/**
 * One distribution at a time, in memory that is used again for the next.
 * Log scale: log p = (values - shift) - logNorm. Linear scale: p = values / norm.
 */
export type Distribution = {
  /** The numbers as sent; logits divided by the temperature, counts with the pseudocount added. */
  readonly values: Float64Array;
  /** What rounding took from each of the values when a pseudocount was added; absent where none is. */
  readonly valueRests?: Float64Array | undefined;
  /** p, after normalisation where the kind normalises. */
  readonly mass: Float64Array;
  /** The largest logit; 0 for other kinds. */
  shift: number;
  /** log Σ exp(logit - shift) for logits; 0 for other kinds. */
  logNorm: number;
  /** Σ counts, as the nearest float64 and what is missing; 1 and 0 for other kinds. */
  norm: number;
  normRest: number;
};

/** @param keepsRests whether a pseudocount will be added */
export function emptyDistribution(supportSize: number, keepsRests: boolean): Distribution {
  const valueRests = keepsRests ? float64s(supportSize) : undefined;
  return { valueRests, values: float64s(supportSize), mass: float64s(supportSize), shift: 0, logNorm: 0, norm: 1, normRest: 0 };
}

/**
 * Returns a function that gives the first places of a distribution as a shorter one. For each length it returns one object, always the
 * same.
 */
export function frontsOf(whole: Distribution): (length: number) => Distribution {
  const { values, valueRests, mass } = whole;
  const known = new Map([[values.length, whole]]);
  const front = (length: number): Distribution => ({
    ...whole,
    values: values.subarray(0, length),
    valueRests: valueRests?.subarray(0, length),
    mass: mass.subarray(0, length),
  });
  return (length) => {
    const distribution = known.get(length) ?? front(length);
    known.set(length, distribution);
    return distribution;
  };
}

/** log p of outcome k in nats, -Infinity where it has no mass. */
export function logMass({ values, mass, shift, logNorm, norm }: Distribution, scale: 'log' | 'linear', k: number): number {
  if (scale === 'log') return values[k] - shift - logNorm;
  // a subnormal quotient has lost digits that its logarithm still has
  return mass[k] >= smallestNormal || norm === 1 ? Math.log(mass[k]) : Math.log(values[k]) - Math.log(norm);
}

/** Adds a pseudocount to every value, and keeps what rounding takes from the sums: it would show where counts are nearly equal. */
export function addPseudocount({ values, valueRests }: Distribution, pseudocount: number): void {
  for (let k = 0; k < values.length; k++) {
    const count = values[k];
    values[k] = count + pseudocount;
    if (valueRests !== undefined) valueRests[k] = lostInSum(count, pseudocount, values[k]);
  }
}

/** Below it float64 loses digits. */
export const smallestNormal = 2 ** -1022;

/** Log-softmax with the maximum subtracted; no probability is formed and logged again. */
export function readLogits(distribution: Distribution): boolean {
  const { values, mass } = distribution;
  let shift = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) if (values[k] > shift) shift = values[k];
  if (shift === Number.NEGATIVE_INFINITY) return false;

  // Σ exp(x - shift) without its largest term, exp(0), whose digits would push out those of a small rest
  let rest = -1;
  let error = 0;
  for (let k = 0; k < values.length; k++) {
    const weight = Math.exp(values[k] - shift);
    mass[k] = weight;
    const next = rest + weight;
    error += Math.abs(rest) >= weight ? rest - next + weight : weight - next + rest;
    rest = next;
  }
  rest += error;

  const norm = 1 + rest;
  for (let k = 0; k < values.length; k++) mass[k] /= norm;
  distribution.shift = shift;
  distribution.logNorm = Math.log1p(rest);
  return true;
}

export function readLogProbs({ values, mass }: Distribution): boolean {
  for (let k = 0; k < values.length; k++) mass[k] = Math.exp(values[k]);
  return true;
}

export function readProbs({ values, mass }: Distribution): boolean {
  mass.set(values);
  return true;
}

export function readCounts(distribution: Distribution): boolean {
  const { values, valueRests, mass } = distribution;
  const { sum, rest } = sumParts(values);
  if (sum === 0) return false;
  for (let k = 0; k < values.length; k++) mass[k] = values[k] / sum;
  distribution.norm = sum;
  distribution.normRest = valueRests === undefined ? rest : rest + compensatedSum(valueRests);
  return true;
}
