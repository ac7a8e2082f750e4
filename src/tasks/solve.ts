import type { Comparison } from '../core/comparison.ts';
import { divergence } from '../core/divergence.ts';
import type { FamilyMember } from '../core/divergences/compute.ts';
import type { Base } from '../core/log-base.ts';
import { isAverage, type ReductionName, type Sizes, selectReductions, type Totals } from '../core/reductions.ts';
import { selectQuantiles } from '../core/statistics.ts';
import { topOneAgreement } from '../core/top-one.ts';
import { readAxes, readDistributions, totalWeight } from '../core/weights.ts';
import { computing, RequestError, refuse } from '../errors/request-error.ts';
import type { DivergenceRequest, Operands } from '../formats/divergence-request.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { type Axes, distributionAxes } from '../tensor/axes.ts';
import { type FoundWarning, warningsFor } from '../warnings/warnings.ts';
import type { AnswerPlan } from './answer-size.ts';
import { type AboutRequest, type Computed, solveFamily, solveSamples, writtenOf } from './solve-family.ts';
import type { WorkerTools } from './task.ts';
import { workOf } from './work.ts';

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
    /** The statistics that are asked for: which quantiles, and for each distribution, but of samples, whether both sides have one most likely outcome. */
    readonly statistics?: { readonly quantiles: readonly number[]; readonly agrees: Uint8Array | undefined } | undefined;
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
  plan({ shape, rest: axes.shape, ...listedIn(request), ...writtenOf(request, reductions) });
  const distributions = axes.distributionOffsets.length;
  const weight = totalWeight(distributions, request.weights);
  if (weight === 0) refuseAverages([...reductions.filter(isAverage), ...(selectQuantiles(request.statistics) ? ['statistics'] : [])]);
  const elements =
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
  const comparison = { input, target, axes, temperature, pseudocount, weights, sampledFrom: request.sampled_from };
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
  };
  const computed = computerOf(request)(comparison, about, request, tools);
  const { warnings } = computed;
  if (request.strict) refuseWarnings(warnings.filter(({ pointer }) => request.reduction !== undefined || pointer !== '#/reduction'));
  const quantiles = selectQuantiles(request.statistics);
  const { agrees, ...numbers } = computed;
  const agreement = () => (request.sampled_from === undefined ? (agrees ?? topOneAgreement(comparison, tools.check)) : undefined);
  const statistics = quantiles && { quantiles, agrees: agreement() };
  return { ...comparison, base, shape, weight, reductions, listed, ...numbers, statistics };
}

function computerOf({ divergences, sampled_from }: DivergenceRequest) {
  if (sampled_from !== undefined) return solveSamples;
  return divergences === undefined ? solveKl : solveFamily;
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
  const evaluate = (other: Comparison) => [{ prefix: '', totals: divergence(other, { base, wantsTerms: false }) }];
  return { divergence: result, agrees: found?.agrees, warnings: warningsFor({ ...about, ...result, noun: 'KL divergence', evaluate }) };
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
