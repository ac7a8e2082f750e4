import { type Comparison, type SideName, sideNames } from '../core/comparison.ts';
import type { NamedDivergence } from '../core/divergences/named-divergence.ts';
import { type IntervalRequest, type Sampling, sampledDivergences } from '../core/sampling/sampling.ts';
import { type Fault, RequestError, refuse, reportedFaults } from '../errors/request-error.ts';
import type { DivergenceRequest } from '../formats/divergence-request.ts';
import { wantsSampling } from '../schema/sample-options.ts';
import { unravel } from '../tensor/tensor.ts';

/** Most outcomes of all distributions that are drawn anew, times the divergences that are computed of them. */
const mostDrawn = 10_000;

type Computed = { readonly divergence: NamedDivergence; readonly perDistribution: Float64Array };

/** Returns what sampling makes of divergences, or undefined where the answer is not to say it. @throws RequestError TOO_MANY_ELEMENTS */
export function samplingOf(
  comparison: Comparison,
  computed: readonly Computed[],
  request: DivergenceRequest,
  check: (() => void) | undefined,
): Sampling | undefined {
  if (!wantsSampling(request)) return undefined;
  const { base, confidence, seed = 0 } = request;
  const interval: IntervalRequest | undefined = confidence === undefined ? undefined : { confidence, seed };
  return sampledDivergences(comparison, computed, { base, interval, check });
}

/** The work of an interval for so many outcomes, in how often a number is drawn or computed. @throws RequestError TOO_MANY_ELEMENTS */
export function refuseLongIntervals({ confidence }: DivergenceRequest, elements: number, divergences: number): void {
  if (confidence === undefined || elements * divergences <= mostDrawn) return;
  const detail = `a confidence interval takes at most ${mostDrawn} outcomes times divergences, which are drawn anew; here are ${elements} outcomes and ${divergences} divergences`;
  throw refuse('TOO_MANY_ELEMENTS', '#/confidence', detail);
}

/** Counts of observations are whole numbers. @throws RequestError INVALID_VALUE for others in distributions that are read */
export function refuseFractions(comparison: Comparison): void {
  const faults: Fault[] = [];
  let count = 0;
  const { distributionOffsets, outcomeOffsets } = comparison.axes;
  for (const name of sideNames) {
    const { data } = comparison[name].tensor;
    for (const [d, start] of distributionOffsets.entries()) {
      if (comparison.weights?.[d] === 0) continue;
      for (const step of outcomeOffsets) {
        if (Number.isSafeInteger(data[start + step])) continue;
        count++;
        if (faults.length < reportedFaults) faults.push(fraction(name, start + step, comparison));
      }
    }
  }
  if (count > 0) throw new RequestError(faults, count);
}

function fraction(name: SideName, element: number, comparison: Comparison): Fault {
  const { data, shape } = comparison[name].tensor;
  const where = unravel(element, shape).join(', ');
  const detail = `element [${where}]: sampling counts observations, so expected a whole number up to 2^53 - 1, got ${data[element]}: leave sampling out for weights and rates`;
  return { pointer: `#/${name}`, code: 'INVALID_VALUE', detail };
}
