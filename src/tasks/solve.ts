import { type Divergence, divergence } from '../core/divergence.ts';
import type { Base } from '../core/log-base.ts';
import { type ReductionName, selectReductions } from '../core/reductions.ts';
import { RequestError } from '../errors/request-error.ts';
import type { DivergenceRequest, Operands } from '../formats/divergence-request.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { type Axes, distributionAxes } from '../tensor/axes.ts';
import { type FoundWarning, warningsFor } from '../warnings/warnings.ts';
import type { WorkerTools } from './task.ts';

/** A request computed: its operands, its numbers and what there is to say about them. */
export type Solution = Operands & {
  readonly temperature: number;
  readonly base: Base;
  readonly shape: readonly number[];
  readonly axes: Axes;
  readonly reductions: readonly ReductionName[];
  readonly divergence: Divergence;
  readonly warnings: readonly FoundWarning[];
};

/**
 * Computes a request and finds the warnings.
 * @throws RequestError for what is wrong with `dim` or with elements that came as bytes, or under `strict` with the answer
 */
export function solve(request: DivergenceRequest, { kernel, check }: WorkerTools = {}): Solution {
  const { input, target, ignored = [] } = request;
  const { shape } = input.tensor;
  const axes = distributionAxes(shape, request.dim);
  const reductions = selectReductions(request.reduction);
  const wantsTerms = reductions.includes('none');
  const comparison = { input, target, axes, temperature: request.temperature };
  const found = kernel && runKernel(kernel, comparison, wantsTerms, check);
  // a kernel that trusts its output has seen no element outside of the domain
  if (found === undefined || found.trusted.includes(0)) request.checkElements?.();
  const result = divergence(comparison, { base: request.base, wantsTerms, found, check });
  const warnings = warningsFor({ facts: result.facts, sum: result.sum, reductions, shape, axes, ignored });
  if (request.strict) refuseWarnings(warnings, axes);
  return { ...comparison, base: request.base, shape, axes, reductions, divergence: result, warnings };
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
