import { together } from '../errors/fault-list.ts';
import { float64s } from '../memory/small-arrays.ts';
import { type Axes, outcomesIn, positionOf } from '../tensor/axes.ts';
import type { Comparison } from './comparison.ts';
import { compensatedSum } from './compensated-sum.ts';
import {
  addIndex,
  addMassDifference,
  areNamed,
  type Diagnostics,
  isOffMass,
  massTolerance,
  noDiagnostics,
  notesIn,
} from './diagnostics.ts';
import { createReader, type DistributionReader, hasNoMass } from './distribution-reader.ts';
import type { KernelOutput } from './kernel.ts';
import { type Base, unitOf } from './log-base.ts';
import { logRatioOf } from './log-ratio.ts';
import type { Totals } from './reductions.ts';
import { generalizedTerm, term } from './terms.ts';
import { weightedSum } from './weights.ts';
import { recordZeros } from './zero-masses.ts';

/** What is wanted of a comparison, and by which means it is found. */
type DivergenceOptions = {
  readonly base: Base;
  readonly wantsTerms: boolean;
  /** The output of a kernel, used where it is trusted. */
  readonly found?: KernelOutput | undefined;
  /** Is set to 1 for each distribution of which something is noted. */
  readonly noted?: Uint8Array | undefined;
  /** Called between blocks of elements; it may throw to cancel. */
  readonly check?: (() => void) | undefined;
};

/** Elements between two checks for a cancellation. */
const checkEvery = 2 ** 14;

/** `terms` is empty unless it was asked for. */
export type Divergence = Totals & { readonly facts: Diagnostics };

/**
 * D(P ‖ Q) = Σ P·(log P - log Q), P from `target` and Q from `input`: the direction of `F.kl_div(input, target)`.
 * Results are in nats, or in units of log `base`. An infinite divergence is a result, not an error. A kernel may have found it before;
 * this function defines the result.
 * @throws RequestError ZERO_MASS for every distribution that is read whose logits are all -Infinity or whose counts are all 0
 */
export function divergence(comparison: Comparison, { base, wantsTerms, found, noted, check = () => {} }: DivergenceOptions): Divergence {
  const { target, axes, weights } = comparison;
  const q = createReader('input', comparison);
  const p = createReader('target', comparison);
  const logRatio = logRatioOf(p.kind, q.kind);
  // the generalised form equals KL only where both masses are 1
  const generalized = p.kind.normalizes && q.kind.normalizes;
  const unit = unitOf(base);

  const perDistribution = float64s(axes.distributionOffsets.length);
  const terms = found?.terms ?? float64s(wantsTerms ? target.tensor.data.length : 0);
  let scratch: Float64Array | undefined;
  const facts = noDiagnostics(q.facts, p.facts);

  const atOnce = Math.ceil(checkEvery / axes.outcomeOffsets.length);
  const define = (d: number): void => {
    readBoth(p, q, d);
    const logRatioAt = logRatio(p.current, q.current);
    scratch ??= float64s(axes.outcomeOffsets.length);
    const summands = front(scratch, outcomesIn(axes, d));
    for (let k = 0; k < summands.length; k++) {
      const mass = p.current.mass[k];
      const ratio = mass === 0 ? 0 : logRatioAt(k);
      const ofTerm = term(mass, ratio);
      summands[k] = generalized ? generalizedTerm(mass, q.current.mass[k], ratio) : ofTerm;
      if (wantsTerms) terms[axes.distributionOffsets[d] + axes.outcomeOffsets[k]] = ofTerm / unit;
      recordTerm(facts, ofTerm, mass, hasNoMass(q, k), positionOf(axes, d, k));
    }
    const total = compensatedSum(summands) / unit;
    perDistribution[d] = total;
    if (total < 0) recordNegative(facts, total, d, p, q, summands);
    if (!generalized) recordMassDifference(facts, total * unit, weights?.[d], d, p, q, summands);
  };

  for (let d = 0; d < perDistribution.length; d++) {
    if (d % atOnce === 0) check();
    const notes = noted && notesIn(facts);
    if (weights?.[d] === 0) leaveOut(perDistribution, terms, axes, d);
    else if (found?.trusted[d]) {
      perDistribution[d] = found.totals[d] / unit;
      takeTrusted(facts, terms, comparison, found, d, unit);
    } else define(d);
    if (noted !== undefined && notesIn(facts) !== notes) noted[d] = 1;
  }
  return { terms, perDistribution, sum: weightedSum(perDistribution, weights), facts };
}

function front(array: Float64Array, length: number): Float64Array {
  return array.length === length ? array : array.subarray(0, length);
}

/** Of a distribution of weight 0: its results are no numbers, because nothing of it was read. */
export function leaveOut(perDistribution: Float64Array, terms: Float64Array, axes: Axes, d: number): void {
  const { distributionOffsets, outcomeOffsets } = axes;
  perDistribution[d] = Number.NaN;
  if (terms.length === 0) return;
  const size = outcomesIn(axes, d);
  for (let k = 0; k < size; k++) terms[distributionOffsets[d] + outcomeOffsets[k]] = Number.NaN;
}

/** @throws RequestError ZERO_MASS */
export function readBoth(p: DistributionReader, q: DistributionReader, d: number): void {
  if (!(p.read(d) && q.read(d))) throw together(q.zeroMasses(), p.zeroMasses());
}

/** Of a distribution that a kernel has done: terms may be negative. */
function takeTrusted(
  facts: Diagnostics,
  terms: Float64Array,
  comparison: Comparison,
  { totals, trusted, missing }: KernelOutput,
  d: number,
  unit: number,
): void {
  const { axes } = comparison;
  const { distributionOffsets, outcomeOffsets } = axes;
  if (trusted[d] === 2) recordZeros(facts, comparison, d, totals[d], missing?.[d]);
  if (terms.length === 0) return;
  const start = distributionOffsets[d];
  const size = outcomesIn(axes, d);
  if (unit !== 1) for (let k = 0; k < size; k++) terms[start + outcomeOffsets[k]] /= unit;
  if (!areNamed(facts.negativeTerms)) {
    for (let k = 0; k < size; k++) if (terms[start + outcomeOffsets[k]] < 0) addIndex(facts.negativeTerms, positionOf(axes, d, k));
    return;
  }
  let negative = 0;
  // no branch: half of the terms may be negative, in no order that could be foreseen
  for (let k = 0; k < size; k++) negative += terms[start + outcomeOffsets[k]] < 0 ? 1 : 0;
  facts.negativeTerms.count += negative;
}

function recordTerm(facts: Diagnostics, ofTerm: number, mass: number, inputHasNoMass: boolean, element: number): void {
  if (inputHasNoMass) addIndex(mass === 0 ? facts.zeroOverZero : facts.infiniteTerms, element);
  else if (ofTerm < 0) addIndex(facts.negativeTerms, element);
}

/** @param scratch holds as many numbers as a distribution has outcomes, which are overwritten */
function recordNegative(
  facts: Diagnostics,
  value: number,
  at: number,
  p: DistributionReader,
  q: DistributionReader,
  scratch: Float64Array,
): void {
  addIndex(facts.negativeTotals, at);
  if (facts.lowestTotal !== undefined && value >= facts.lowestTotal.value) return;
  facts.lowestTotal = { value, at, targetMass: p.mass(), inputMass: q.mass(), massDifference: massDifferenceOf(p, q, scratch) };
}

/** Masses of 1 but for rounding differ by no more than this, and so does what their difference can explain. */
const mostDifference = 4 * massTolerance;

/** Whether a total in nats is no more than twice the difference of two masses that are both 1 but for rounding. */
export function isMassDifference(total: number, p: DistributionReader, q: DistributionReader, scratch: Float64Array): boolean {
  if (total === 0 || Math.abs(total) > mostDifference || isOffMass(p.mass()) || isOffMass(q.mass())) return false;
  return total < 0 || total <= 2 * massDifferenceOf(p, q, scratch);
}

/** @param total in nats */
function recordMassDifference(
  facts: Diagnostics,
  total: number,
  weight: number | undefined,
  at: number,
  p: DistributionReader,
  q: DistributionReader,
  scratch: Float64Array,
): void {
  if (!isMassDifference(total, p, q, scratch)) return;
  addMassDifference(facts.massDifferences, (weight ?? 1) * Math.abs(total), at);
}

/** Σ (p - q), which keeps its digits where the masses are 1 but for rounding. */
export function massDifferenceOf(p: DistributionReader, q: DistributionReader, scratch: Float64Array): number {
  for (let k = 0; k < scratch.length; k++) scratch[k] = p.current.mass[k] - q.current.mass[k];
  return compensatedSum(scratch);
}
