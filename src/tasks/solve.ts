import type { Comparison } from '../core/comparison.ts';
import { divergence } from '../core/divergence.ts';
import type { FamilyMember } from '../core/divergences/compute.ts';
import type { NamedDivergence } from '../core/divergences/named-divergence.ts';
import type { Base } from '../core/log-base.ts';
import { isAverage, type ReductionName, type Sizes, selectReductions, type Totals } from '../core/reductions.ts';
import { refuseLongIntervals } from '../core/sampling/interval.ts';
import type { Sampling } from '../core/sampling/sampling.ts';
import { refuseFractions } from '../core/sampling/whole-counts.ts';
import { selectQuantiles } from '../core/statistics.ts';
import { topOneAgreement } from '../core/top-one.ts';
import { readAxes, readDistributions, totalWeight } from '../core/weights.ts';
import { computing, RequestError, refuse } from '../errors/request-error.ts';
import type { Binned, DivergenceRequest, Operands } from '../formats/divergence-request.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { wantsSampling } from '../schema/sample-options.ts';
import { type Axes, distributionAxes } from '../tensor/axes.ts';
import { type FoundWarning, warningsFor } from '../warnings/warnings.ts';
import { type AnswerPlan, besideBytes } from './answer-size.ts';
import { type AboutRequest, type Computed, samplingOf, solveFamily, writtenOf } from './solve-family.ts';
import type { WorkerTools } from './task.ts';
import { comparedElements, workOf } from './work.ts';

/** A request computed: its operands, its numbers and what there is to say about them. */
export type Solution = Operands &
  Comparison &
  Sizes & {
    readonly base: Base;
    /** How many elements of each tensor were read. */
    readonly elements: number;
    readonly reductions: readonly ReductionName[];
    /** The numbers to reduce: of KL, or of the first of several divergences. */
    readonly divergence: Totals;
    /** The divergences that were asked for by name; undefined for KL alone. */
    readonly family?: readonly FamilyMember[] | undefined;
    /** The statistics that are asked for: which quantiles, and for each distribution whether both sides have one most likely outcome. */
    readonly statistics?: { readonly quantiles: readonly number[]; readonly agrees: Uint8Array } | undefined;
    /** What sampling makes of the divergences, where the answer is to say it. */
    readonly sampling?: Sampling | undefined;
    /** What samples were counted in. */
    readonly binned?: Binned | undefined;
    readonly warnings: readonly FoundWarning[];
  };

/**
 * Computes a request and finds the warnings.
 * @param plan is told what the answer is to hold before anything is computed, and may throw
 * @throws RequestError for what is wrong with `dim`; with the elements as its advice, for elements that came as bytes, for a distribution
 * without mass, or under `strict` for the answer; TooMuchWork
 */
export function solve(
  request: DivergenceRequest,
  tools: WorkerTools = {},
  plan: (plan: Omit<AnswerPlan, 'form'>) => void = () => {},
): Solution {
  tools.spend?.(workOf(request));
  const { shape } = request.input.tensor;
  const axes = request.listed?.axes ?? distributionAxes(shape, request.dim);
  const reductions = selectReductions(request.reduction);
  const written = writtenOf(request, reductions);
  if (request.confidence !== undefined) refuseLongIntervals(comparedElements(request), written.frames ?? 1);
  plan({ shape, rest: axes.shape, beside: besideBytes(request, axes.shape, written.frames), ...listedIn(request), ...written });
  const distributions = axes.distributionOffsets.length;
  const weight = totalWeight(distributions, request.weights);
  if (weight === 0) refuseAverages([...reductions.filter(isAverage), ...(selectQuantiles(request.statistics) ? ['statistics'] : [])]);
  const elements =
    request.binned?.observations ??
    axes.rows?.lengths.reduce((sum, length) => sum + length, 0) ??
    readDistributions(distributions, request.weights) * axes.outcomeOffsets.length;
  return computing(
    () => elements,
    () => ({ ...solveAlong(axes, weight, reductions, request, tools), elements }),
  );
}

/** What the answer says of lists of outcomes. Rows that are not read are empty in them. */
function listedIn({ listed, input }: DivergenceRequest): Pick<AnswerPlan, 'listed'> {
  return listed === undefined ? {} : { listed: { entries: input.tensor.data.length, textBytes: listed.textBytes } };
}

function solveAlong(
  axes: Axes,
  weight: number,
  reductions: readonly ReductionName[],
  request: DivergenceRequest,
  tools: WorkerTools,
): Omit<Solution, 'elements'> {
  const { input, target, weights, temperature, pseudocount, base, listed, ignored = [] } = request;
  const { shape } = input.tensor;
  const comparison = { input, target, axes, temperature, pseudocount, weights };
  const about = {
    operands: { input, target },
    temperature,
    weights,
    read: readAxes(axes, weights),
    axes,
    base,
    reductions,
    shape,
    weight,
    ignored,
    listed,
    ofSamples: request.binned !== undefined,
  };
  if (wantsSampling(request)) {
    request.checkElements?.();
    refuseFractions(comparison, listed?.outcomeAt);
  }
  const computed =
    request.divergences === undefined ? solveKl(comparison, about, request, tools) : solveFamily(comparison, about, request, tools);
  const { warnings } = computed;
  if (request.strict) refuseWarnings(warnings.filter(({ pointer }) => !isByDefault(pointer, request)));
  const quantiles = selectQuantiles(request.statistics);
  const { agrees, ...numbers } = computed;
  const statistics = quantiles && { quantiles, agrees: agrees ?? topOneAgreement(comparison, tools.check) };
  return { ...comparison, base, shape, weight, reductions, listed, binned: request.binned, ...numbers, statistics };
}

/** KL by the kernel and by its definition. */
function solveKl(comparison: Comparison, about: AboutRequest, request: DivergenceRequest, { kernel, check }: WorkerTools): Computed {
  const { base, reductions } = about;
  const wantsTerms = reductions.includes('none');
  const wantsAgreement = selectQuantiles(request.statistics) !== undefined;
  const found = kernel && runKernel(kernel, comparison, { wantsTerms, wantsAgreement }, check);
  // a kernel that trusts its output has seen no element outside of the domain
  if (found === undefined || found.trusted.includes(0)) request.checkElements?.();
  const result = divergence(comparison, { base, wantsTerms, found, check });
  const sampling = samplingOf(comparison, [{ divergence: kl, perDistribution: result.perDistribution }], request, check);
  const evaluate = (other: Comparison) => [{ prefix: '', totals: divergence(other, { base, wantsTerms: false }) }];
  const warnings = warningsFor({ ...about, ...result, sampling, noun: 'KL divergence', evaluate });
  return { divergence: result, sampling, agrees: found?.agrees, warnings };
}

const kl: NamedDivergence = { key: 'kl', name: 'kl', parameter: 0 };

/** Whether a warning is about what the caller has not asked for. */
function isByDefault(pointer: string, { reduction, sampling, confidence }: DivergenceRequest): boolean {
  if (pointer === '#/sampling') return sampling === undefined && confidence === undefined;
  return pointer === '#/reduction' && reduction === undefined;
}

/** Where no distribution is read. @throws RequestError ZERO_WEIGHT for what would divide by the sum of the weights */
function refuseAverages(averages: readonly string[]): void {
  if (averages.length === 0) return;
  const detail = `all weights are 0, so no distribution is read and there is nothing that ${averages.join(', ')} could average`;
  throw refuse('ZERO_WEIGHT', '#/weights', `${detail}; sum, per_distribution and none are answered`);
}

function refuseWarnings(warnings: readonly FoundWarning[]): void {
  const refusing = warnings.filter(({ severity }) => severity === 'warning');
  if (refusing.length === 0) return;
  const faults = refusing.map(({ pointer, code, message }) => ({
    pointer,
    code: 'STRICT_WARNINGS' as const,
    detail: `${code}: ${message}`,
  }));
  throw new RequestError(faults, faults.length, { warnings });
}
