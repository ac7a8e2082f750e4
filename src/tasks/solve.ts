import { divergence, type Operand } from '../core/divergence.ts';
import type { FamilyMember } from '../core/divergences/compute.ts';
import type { Base } from '../core/log-base.ts';
import { type ReductionName, selectReductions, type Totals } from '../core/reductions.ts';
import { RequestError } from '../errors/request-error.ts';
import type { DivergenceRequest, Operands } from '../formats/divergence-request.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { type Axes, distributionAxes } from '../tensor/axes.ts';
import { type FoundWarning, warningsFor } from '../warnings/warnings.ts';
import { solveFamily } from './solve-family.ts';
import type { WorkerTools } from './task.ts';

/** A request computed: its operands, its numbers and what there is to say about them. */
export type Solution = Operands & {
  readonly base: Base;
  readonly shape: readonly number[];
  readonly axes: Axes;
  readonly reductions: readonly ReductionName[];
  /** The numbers to reduce: of KL, or of the first of several divergences. */
  readonly divergence: Totals;
  /** The divergences that were asked for by name; undefined for KL alone. */
  readonly family?: readonly FamilyMember[] | undefined;
  readonly warnings: readonly FoundWarning[];
};

/**
 * Computes a request and finds the warnings.
 * @throws RequestError for what is wrong with `dim` or with elements that came as bytes, or under `strict` with the answer
 */
export function solve(request: DivergenceRequest, tools: WorkerTools = {}): Solution {
  const { input, target } = request;
  const { shape } = input.tensor;
  const axes = distributionAxes(shape, request.dim);
  const reductions = selectReductions(request.reduction);
  const { divergence: totals, family, warnings } = computed(request, axes, reductions, tools);
  if (request.strict)
    refuseWarnings(
      warnings.filter(({ pointer }) => request.reduction !== undefined || pointer !== '#/reduction'),
      axes,
    );
  return { input, target, base: request.base, shape, axes, reductions, divergence: totals, family, warnings };
}

type Computed = Pick<Solution, 'divergence' | 'family' | 'warnings'>;

/** KL by the kernel and by its definition, or the divergences that the request names. */
function computed(request: DivergenceRequest, axes: Axes, reductions: readonly ReductionName[], { kernel, check }: WorkerTools): Computed {
  const { input, target, base, ignored = [] } = request;
  const { shape } = input.tensor;
  if (request.divergences !== undefined) {
    request.checkElements?.();
    const { members, warnings } = solveFamily(request, request.divergences, axes, reductions, check);
    return { divergence: members[0], family: members, warnings };
  }
  const wantsTerms = reductions.includes('none');
  const found = kernel && runKernel(kernel, input, target, axes, wantsTerms, check);
  // a kernel that trusts its output has seen no element outside of the domain
  if (found === undefined || found.trusted.includes(0)) request.checkElements?.();
  const result = divergence(input, target, axes, base, wantsTerms, found, check);
  const evaluate = (ofInput: Operand, ofTarget: Operand, ofAxes: Axes) => [
    { prefix: '', totals: divergence(ofInput, ofTarget, ofAxes, base, false) },
  ];
  const about = { operands: { input, target }, base, reductions, shape, axes, ignored, noun: 'KL divergence' as const, evaluate };
  return { divergence: result, warnings: warningsFor({ ...result, ...about }) };
}

function refuseWarnings(warnings: readonly FoundWarning[], { distributionOffsets, outcomeOffsets }: Axes): void {
  const refusing = warnings.filter(({ severity }) => severity === 'warning');
  if (refusing.length === 0) return;
  const faults = refusing.map(({ pointer, code, message }) => ({
    pointer,
    code: 'STRICT_WARNINGS' as const,
    detail: `${code}: ${message}`,
  }));
  throw new RequestError(faults, faults.length, { warnings }, { elements: distributionOffsets.length * outcomeOffsets.length });
}
