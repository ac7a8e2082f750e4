import { refuse } from '../../errors/request-error.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { largestNumber } from '../../tensor/domain.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import type { Comparison, PlaceOf, SideName } from '../comparison.ts';
import { compensatedSum } from '../compensated-sum.ts';
import { addIndex, emptySample, type IndexSample } from '../diagnostics.ts';
import { leaveOut } from '../divergence.ts';
import { type Base, unitOf } from '../log-base.ts';
import { weightedSum } from '../weights.ts';
import { type FamilyMember, noMemberFacts } from './facts.ts';
import { type NamedDivergence, rowOf } from './named-divergence.ts';

/** An estimate. Positions are of elements: `overflow` has those whose estimate is finite, but larger than any float64. */
export type Estimate = FamilyMember & { readonly overflow: IndexSample };

/**
 * `impossible` are the elements that the model which the samples are not from never samples: every estimate is infinite there.
 * `likelihood` is Σ (log q − log p) of all samples that are read, and √Σ (log q − log p)²: how far rounding alone may bring that sum.
 */
export type Estimates = {
  readonly members: readonly Estimate[];
  readonly impossible: IndexSample;
  readonly likelihood: { readonly logRatio: number; readonly scatter: number };
};

/** What is wanted. `check` is called between blocks of elements, and may throw to cancel. */
type EstimateOptions = {
  readonly base: Base;
  readonly asked: readonly NamedDivergence[];
  readonly wantsTerms: boolean;
  readonly placeOf: PlaceOf;
  readonly check?: (() => void) | undefined;
};

/** Elements between two checks for a cancellation. */
const checkEvery = 2 ** 14;

/** Lower finite log-probabilities could make sums of k1 that are no number. */
const lowest = -largestNumber;

/**
 * Estimates KL(p ‖ q) from samples of p: `sampledFrom` says whether p is `input` or `target`, and q is the other one. Every element of both
 * tensors is the log-probability of one sample. What lies along `dim`, nothing or a sequence of samples, is added up. Results are in nats,
 * or in units of log `base`. There is no clamping: an estimate beyond float64 is Infinity.
 * @throws RequestError INFINITE_ELEMENT for a sample that its own model never draws; NUMBER_OVERFLOW for a log-probability below -1e270
 */
export function estimateFromSamples(comparison: Comparison, wanted: EstimateOptions): Estimates {
  const { base, asked, wantsTerms, placeOf, check = () => {} } = wanted;
  const { axes, weights, sampledFrom = 'target' } = comparison;
  const { distributionOffsets, outcomeOffsets } = axes;
  const other = sampledFrom === 'input' ? 'target' : 'input';
  const p = comparison[sampledFrom].tensor;
  const q = comparison[other].tensor;
  const members = asked.map((divergence) => ({
    ...noMemberFacts(),
    divergence,
    perDistribution: float64s(distributionOffsets.length),
    terms: float64s(wantsTerms ? p.data.length : 0),
    overflow: emptySample(),
  }));
  const impossible = emptySample();
  let logRatio = 0;
  let squares = 0;
  const logRatios = float64s(outcomeOffsets.length);
  const summands = float64s(outcomeOffsets.length);
  const atOnce = Math.ceil(checkEvery / outcomeOffsets.length);
  for (let d = 0; d < distributionOffsets.length; d++) {
    if (d % atOnce === 0) check();
    if (weights?.[d] === 0) {
      for (const { perDistribution, terms } of members) leaveOut(perDistribution, terms, axes, d);
      continue;
    }
    for (let k = 0; k < logRatios.length; k++) {
      const element = distributionOffsets[d] + outcomeOffsets[k];
      logRatios[k] = logRatioAt({ p, q, element, d, k, sampledFrom, other, placeOf });
      if (logRatios[k] === Number.POSITIVE_INFINITY) addIndex(impossible, element);
      logRatio -= logRatios[k];
      squares += logRatios[k] ** 2;
    }
    for (const member of members) {
      estimateOne(member, logRatios, summands, (k) => distributionOffsets[d] + outcomeOffsets[k], unitOf(base));
      member.perDistribution[d] = compensatedSum(summands);
    }
  }
  return {
    members: members.map((member) => ({ ...member, sum: weightedSum(member.perDistribution, weights) })),
    impossible,
    likelihood: { logRatio, scatter: Math.sqrt(squares) },
  };
}

/** Writes the estimate of each sample into `summands`, and into the terms where they are wanted. */
function estimateOne(
  { divergence, terms, overflow }: Omit<Estimate, 'sum'>,
  logRatios: Float64Array,
  summands: Float64Array,
  elementOf: (k: number) => number,
  unit: number,
): void {
  const { estimate = () => Number.NaN } = rowOf(divergence);
  for (let k = 0; k < summands.length; k++) {
    summands[k] = estimate(logRatios[k]) / unit;
    if (terms.length > 0) terms[elementOf(k)] = summands[k];
    if (summands[k] === Number.POSITIVE_INFINITY && Number.isFinite(logRatios[k])) addIndex(overflow, elementOf(k));
  }
}

type Sampled = {
  readonly p: Tensor<Numbers>;
  readonly q: Tensor<Numbers>;
  readonly element: number;
  readonly d: number;
  readonly k: number;
  readonly sampledFrom: SideName;
  readonly other: SideName;
  readonly placeOf: PlaceOf;
};

/** log p - log q of a sample; Infinity where q never draws it. */
function logRatioAt({ p, q, element, d, k, sampledFrom, other, placeOf }: Sampled): number {
  const logP = p.data[element];
  const logQ = q.data[element];
  if (logP === Number.NEGATIVE_INFINITY) {
    const { pointer, where } = placeOf(sampledFrom, element, d, k);
    const detail = `${where}${sampledFrom} gives this sample a probability of 0, and the samples are from ${sampledFrom}. Send the log-probability with which it was drawn, and 0 on both sides, or the weight 0, for padding`;
    throw refuse('INFINITE_ELEMENT', pointer, detail);
  }
  if (logP < lowest) throw tooLow(placeOf(sampledFrom, element, d, k), logP);
  if (logQ < lowest && logQ !== Number.NEGATIVE_INFINITY) throw tooLow(placeOf(other, element, d, k), logQ);
  return logP - logQ;
}

function tooLow({ pointer, where }: ReturnType<PlaceOf>, value: number) {
  const detail = `${where}${value} is too low: log-probabilities down to ${lowest} are accepted here, and a probability of 0 is "-Infinity"`;
  return refuse('NUMBER_OVERFLOW', pointer, detail);
}
