import type { Comparison } from '../../core/comparison.ts';
import { computeFamily } from '../../core/divergences/compute-family.ts';
import { estimateFromSamples } from '../../core/divergences/estimate.ts';
import type { FamilyMember } from '../../core/divergences/facts.ts';
import { reductionsOf } from '../../core/divergences/named-divergence.ts';
import type { ReductionName, Totals } from '../../core/reductions.ts';
import { type Sampling, sampledDivergences } from '../../core/sampling/sampling.ts';
import { selectQuantiles } from '../../core/statistics/statistics.ts';
import type { DenseRequest, DivergenceRequest } from '../../formats/divergence-request.ts';
import { computeSeveral, divergencesOf } from '../../kernels/compute-divergences.ts';
import { wantsSampling } from '../../schema/sample-options.ts';
import { estimateWarnings } from '../../warnings/estimate-warnings.ts';
import { familyWarnings } from '../../warnings/family-warnings.ts';
import type { WarningContext } from '../../warnings/warning.ts';
import type { FoundWarning } from '../../warnings/warnings.ts';
import type { AnswerPlan } from './answer-size.ts';
import { elementPlaces } from './element-places.ts';
import { refuseNone } from './existing-reductions.ts';
import type { SolveTools } from './solve-tools.ts';

/** What is known of a request before its divergences are computed. */
export type AboutRequest = Omit<WarningContext, 'facts' | 'perDistribution' | 'sum' | 'noun' | 'evaluate'>;

/** The numbers of a request and what there is to say about them. */
export type Computed = {
  readonly divergence: Totals;
  readonly family?: readonly FamilyMember[];
  /** What `topOneAgreement` returns, where a kernel has found it. */
  readonly agrees?: Uint8Array | undefined;
  readonly sampling?: Sampling | undefined;
  readonly warnings: readonly FoundWarning[];
};

/**
 * Computes the divergences that a request names, in one pass, and finds their warnings.
 * @throws RequestError INVALID_VALUE where `none` is asked for by name of a divergence that is no sum of terms
 */
export function solveFamily(
  comparison: Comparison,
  about: AboutRequest,
  request: DivergenceRequest,
  { kernel, check }: SolveTools,
): Computed {
  const { base, reductions } = about;
  const asked = divergencesOf(request);
  const wanted = { base, wantsTerms: reductions.includes('none'), wantsAgreement: selectQuantiles(request.statistics) !== undefined };
  const checkElements: typeof request.checkElements = (trusted) => {
    request.checkElements?.(trusted);
    refuseNone(request.reduction, asked);
  };
  const { agrees, ...family } = computeSeveral(comparison, asked, wanted, { kernel, check, arrived: request.arrived, checkElements });
  const evaluate = (other: Comparison) =>
    computeFamily(other, { base, asked, wantsTerms: false }).members.map((totals) => ({ prefix: `${totals.divergence.key}.`, totals }));
  const sampling = samplingOf(comparison, family.members, request, check);
  const warnings = familyWarnings({ ...about, sampling, noun: 'divergence', evaluate }, family);
  return { divergence: family.members[0], family: family.members, sampling, agrees, warnings };
}

/** What sampling makes of divergences, or undefined where the answer is not to say it. */
export function samplingOf(
  comparison: Comparison,
  computed: readonly Pick<FamilyMember, 'divergence' | 'perDistribution'>[],
  request: DivergenceRequest,
  check: SolveTools['check'],
): Sampling | undefined {
  if (!wantsSampling(request)) return undefined;
  const { base, confidence, seed = 0 } = request;
  return sampledDivergences(comparison, computed, { base, interval: confidence === undefined ? undefined : { confidence, seed }, check });
}

/**
 * Estimates the divergences that a request names from the log-probabilities of samples, and finds their warnings.
 * @throws RequestError for elements that came as bytes, and for samples that their own model never draws
 */
export function solveSamples(comparison: Comparison, about: AboutRequest, request: DenseRequest, { check }: SolveTools): Computed {
  request.checkElements?.();
  const { base, reductions } = about;
  const placeOf = elementPlaces(request, comparison.axes);
  const wanted = { base, asked: divergencesOf(request), wantsTerms: reductions.includes('none'), placeOf, check };
  const estimates = estimateFromSamples(comparison, wanted);
  return { divergence: estimates.members[0], family: estimates.members, warnings: estimateWarnings(about, comparison, estimates) };
}

/** What an answer is to hold: of several divergences, the reductions of each, in a frame of its own. */
export function writtenOf(
  request: DivergenceRequest,
  reductions: readonly ReductionName[],
): Pick<AnswerPlan, 'reductions' | 'frames' | 'hasStatistics'> {
  const hasStatistics = selectQuantiles(request.statistics) !== undefined;
  if (request.divergences === undefined) return { reductions, hasStatistics };
  const asked = divergencesOf(request);
  return { reductions: asked.flatMap((divergence) => reductionsOf(divergence, reductions)), frames: asked.length, hasStatistics };
}
