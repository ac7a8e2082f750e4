import { type Divergence, divergence } from '../core/divergence.ts';
import type { Base } from '../core/log-base.ts';
import { type ReductionName, selectReductions } from '../core/reductions.ts';
import { computing, RequestError } from '../errors/request-error.ts';
import type { DivergenceRequest, Operands } from '../formats/divergence-request.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { type Axes, distributionAxes } from '../tensor/axes.ts';
import { type FoundWarning, warningsFor } from '../warnings/warnings.ts';
import type { AnswerPlan } from './answer-size.ts';
import type { WorkerTools } from './task.ts';
import { workOf } from './work.ts';

/** A request computed: its operands, its numbers and what there is to say about them. */
export type Solution = Operands & {
  readonly base: Base;
  readonly shape: readonly number[];
  readonly axes: Axes;
  readonly reductions: readonly ReductionName[];
  readonly divergence: Divergence;
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
  const axes = distributionAxes(shape, request.dim);
  plan({ shape, rest: axes.shape, reductions: selectReductions(request.reduction) });
  const elements = () => axes.distributionOffsets.length * axes.outcomeOffsets.length;
  return computing(elements, () => solveAlong(axes, request, tools));
}

function solveAlong(axes: Axes, request: DivergenceRequest, { kernel, check }: WorkerTools): Solution {
  const { input, target, ignored = [] } = request;
  const { shape } = input.tensor;
  const reductions = selectReductions(request.reduction);
  const wantsTerms = reductions.includes('none');
  const found = kernel && runKernel(kernel, input, target, axes, wantsTerms, check);
  // a kernel that trusts its output has seen no element outside of the domain
  if (found === undefined || found.trusted.includes(0)) request.checkElements?.();
  const result = divergence(input, target, axes, request.base, wantsTerms, found, check);
  const warnings = warningsFor({ ...result, operands: { input, target }, base: request.base, reductions, shape, axes, ignored });
  if (request.strict) refuseWarnings(warnings.filter(({ pointer }) => request.reduction !== undefined || pointer !== '#/reduction'));
  return { input, target, base: request.base, shape, axes, reductions, divergence: result, warnings };
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
