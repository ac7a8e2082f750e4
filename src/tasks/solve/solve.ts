import type { ParametricComparison } from '../../core/closed-forms/closed-forms.ts';
import type { Comparison } from '../../core/comparison.ts';
import { divergence } from '../../core/divergence.ts';
import type { FamilyMember } from '../../core/divergences/facts.ts';
import type { NamedDivergence } from '../../core/divergences/named-divergence.ts';
import type { Base } from '../../core/log-base.ts';
import type { PointsComparison } from '../../core/neighbors/neighbor-estimates.ts';
import type { Listed } from '../../core/outcomes/listed.ts';
import { type ReductionName, type Sizes, selectReductions, type Totals } from '../../core/reductions.ts';
import { refuseLongIntervals } from '../../core/sampling/interval.ts';
import type { Sampling } from '../../core/sampling/sampling.ts';
import { refuseFractions } from '../../core/sampling/whole-counts.ts';
import { selectQuantiles } from '../../core/statistics/statistics.ts';
import { topOneAgreement } from '../../core/top-one.ts';
import { readAxes, totalWeight } from '../../core/weights.ts';
import { computing } from '../../errors/request-error.ts';
import {
  type Binned,
  type DenseRequest,
  type DivergenceRequest,
  isDenseRequest,
  layoutOfRequest,
  type Operands,
  type ParametricRequest,
  type PointsRequest,
  type TensorForm,
} from '../../formats/divergence-request.ts';
import { computeKl } from '../../kernels/compute-divergences.ts';
import { wantsSampling } from '../../schema/sample-options.ts';
import { distributionAxes } from '../../tensor/axes.ts';
import { refuseIfStrict } from '../../warnings/strict.ts';
import { type FoundWarning, warningsFor } from '../../warnings/warnings.ts';
import { type AnswerPlan, besideBytes } from './answer-size.ts';
import { elementPlaces } from './element-places.ts';
import { existingReductions, refuseZeroWeight } from './existing-reductions.ts';
import { solveClosedForm, solveNeighbors } from './solve-directions.ts';
import { type AboutRequest, type Computed, samplingOf, solveFamily, solveSamples, writtenOf } from './solve-family.ts';
import type { SolveTools } from './solve-tools.ts';
import { comparedElements, elementsRead, workOf } from './work.ts';

/** A request computed: its operands, its numbers and what there is to say about them. */
export type Solution = DenseSolution | ParametricSolution | PointsSolution;

export type DenseSolution = Operands &
  Comparison &
  Solved & {
    /** What samples were counted in. */
    readonly binned?: Binned | undefined;
  };

export type ParametricSolution = ParametricComparison & Solved;

export type PointsSolution = PointsComparison & Solved;

type Solved = Sizes & {
  /** The form of the tensors of the answer. */
  readonly form: TensorForm;
  readonly base: Base;
  /** Where lists of outcomes were matched outcome by outcome. */
  readonly listed?: Listed | undefined;
  /** How many elements of each tensor were read. */
  readonly elements: number;
  readonly reductions: readonly ReductionName[];
  /** The numbers to reduce: of KL, or of the first of several divergences. */
  readonly divergence: Totals;
  /** The divergences that were asked for by name; undefined for KL alone. */
  readonly family?: readonly FamilyMember[] | undefined;
  /**
   * The statistics that are asked for: which quantiles, and where there are outcomes, for each distribution whether both sides have one
   * most likely.
   */
  readonly statistics?: { readonly quantiles: readonly number[]; readonly agrees?: Uint8Array | undefined } | undefined;
  /** What sampling makes of the divergences, where the answer is to say it. */
  readonly sampling?: Sampling | undefined;
  readonly warnings: readonly FoundWarning[];
};

/** The frame of a solution: everything that does not follow from the computation itself. */
type Frame = Pick<Solved, 'axes' | 'base' | 'elements' | 'form' | 'listed' | 'reductions' | 'shape' | 'weight'>;

/**
 * Computes a request and finds the warnings.
 * @param plan is told what the answer is to hold before anything is computed, and may throw
 * @throws RequestError for what is wrong with `dim`; with the elements as its advice, for elements that came as bytes, for a distribution
 * without mass, or under `strict` for the answer; TooMuchWork
 */
export function solve(
  request: DivergenceRequest,
  tools: SolveTools = {},
  plan: (plan: Omit<AnswerPlan, 'form'>) => void = () => {},
): Solution {
  tools.spend?.(workOf(request));
  const { shape, form } = layoutOfRequest(request);
  const listed = isDenseRequest(request) ? request.listed : undefined;
  const axes = listed?.axes ?? distributionAxes(shape, request.dim);
  const reductions = existingReductions(request, selectReductions(request.reduction));
  const written = writtenOf(request, reductions);
  if (request.confidence !== undefined && isDenseRequest(request)) refuseLongIntervals(comparedElements(request), written.frames ?? 1);
  plan({ shape, rest: axes.shape, beside: besideBytes(request, axes.shape, written.frames), ...listedIn(request), ...written });
  const distributions = axes.distributionOffsets.length;
  const weight = totalWeight(distributions, request.weights);
  refuseZeroWeight(weight, reductions, selectQuantiles(request.statistics) !== undefined);
  const elements = elementsRead(request, axes);
  const frame = { axes, base: request.base, elements, form, listed, reductions, shape, weight };
  return computing(
    () => elements,
    () => (isDenseRequest(request) ? solveDense(frame, request, tools) : solveDirections(frame, request, tools)),
  );
}

/** What the answer says of lists of outcomes. Rows that are not read are empty in them. */
function listedIn(request: DivergenceRequest): Pick<AnswerPlan, 'listed'> {
  if (!isDenseRequest(request) || request.listed === undefined) return {};
  return { listed: { entries: request.input.tensor.data.length, textBytes: request.listed.textBytes } };
}

function solveDirections(frame: Frame, request: ParametricRequest | PointsRequest, tools: SolveTools): ParametricSolution | PointsSolution {
  const { weights, ignored = [] } = request;
  const about = { ...frame, ignored };
  const quantiles = selectQuantiles(request.statistics);
  const solutionOf = <Compared extends object>(comparison: Compared, computed: Computed) => {
    refuseIfStrict(request, computed.warnings);
    return { ...comparison, ...frame, ...computed, statistics: quantiles && { quantiles } };
  };
  if ('points' in request) {
    const comparison = { points: request.points, k: request.k, axes: frame.axes, weights };
    return solutionOf(comparison, solveNeighbors(comparison, about, request, tools));
  }
  const comparison = { kind: request.kind, sides: request.sides, axes: frame.axes, weights };
  return solutionOf(comparison, solveClosedForm(comparison, about, request, tools));
}

function solveDense(frame: Frame, request: DenseRequest, tools: SolveTools): DenseSolution {
  const { axes, base, listed, reductions, shape, weight } = frame;
  const { input, target, weights, temperature, pseudocount, ignored = [] } = request;
  const comparison = { input, target, axes, temperature, pseudocount, weights, sampledFrom: request.sampled_from };
  const about = {
    operands: { input, target },
    temperature,
    pseudocount,
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
    refuseFractions(comparison, elementPlaces(request, axes));
  }
  const computed = computerOf(request)(comparison, about, request, tools);
  refuseIfStrict(request, computed.warnings);
  const quantiles = selectQuantiles(request.statistics);
  const { agrees, divergence: totals, family, sampling, warnings } = computed;
  const agreement = () => (request.sampled_from === undefined ? (agrees ?? topOneAgreement(comparison, tools.check)) : undefined);
  const statistics = quantiles && { quantiles, agrees: agreement() };
  // named one by one, as below
  return {
    ...frame,
    input,
    target,
    temperature,
    pseudocount,
    weights,
    sampledFrom: request.sampled_from,
    divergence: totals,
    family,
    sampling,
    warnings,
    binned: request.binned,
    statistics,
  };
}

function computerOf({ divergences, sampled_from }: DivergenceRequest) {
  if (sampled_from !== undefined) return solveSamples;
  return divergences === undefined ? solveKl : solveFamily;
}

function solveKl(comparison: Comparison, about: AboutRequest, request: DenseRequest, { kernel, check }: SolveTools): Computed {
  const { base, reductions } = about;
  const wantsAgreement = selectQuantiles(request.statistics) !== undefined;
  const wanted = { base, wantsTerms: reductions.includes('none'), wantsAgreement };
  const { arrived, checkElements } = request;
  const result = computeKl(comparison, wanted, { kernel, check, arrived, checkElements });
  const sampling = samplingOf(comparison, [{ divergence: kl, perDistribution: result.perDistribution }], request, check);
  const evaluate = (other: Comparison) => [{ prefix: '', totals: divergence(other, { base, wantsTerms: false }) }];
  // named one by one: to spread a second object takes V8 longer than to compute a small item
  const { agrees, facts, perDistribution, sum } = result;
  const warnings = warningsFor({ ...about, facts, perDistribution, sum, sampling, noun: 'KL divergence', evaluate });
  return { divergence: result, sampling, agrees, warnings };
}

const kl: NamedDivergence = { key: 'kl', name: 'kl', parameter: 0 };
