import type { Comparison } from '../core/comparison.ts';
import { type Divergence, divergence } from '../core/divergence.ts';
import type { Base } from '../core/log-base.ts';
import { isAverage, type ReductionName, type Sizes, selectReductions } from '../core/reductions.ts';
import { readAxes, readDistributions, totalWeight } from '../core/weights.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { DivergenceRequest, Operands } from '../formats/divergence-request.ts';
import { runKernel } from '../kernels/run-kernel.ts';
import { distributionAxes } from '../tensor/axes.ts';
import { type FoundWarning, warningsFor } from '../warnings/warnings.ts';
import type { WorkerTools } from './task.ts';

/** A request computed: its operands, its numbers and what there is to say about them. */
export type Solution = Operands &
  Comparison &
  Sizes & {
    readonly base: Base;
    /** How many elements of each tensor were read. */
    readonly elements: number;
    readonly reductions: readonly ReductionName[];
    readonly divergence: Divergence;
    readonly warnings: readonly FoundWarning[];
  };

/**
 * Computes a request and finds the warnings.
 * @throws RequestError for what is wrong with `dim` or with elements that came as bytes, or under `strict` with the answer
 */
export function solve(request: DivergenceRequest, { kernel, check }: WorkerTools = {}): Solution {
  const { input, target, weights, temperature, ignored = [] } = request;
  const { shape } = input.tensor;
  const axes = distributionAxes(shape, request.dim);
  const reductions = selectReductions(request.reduction);
  const distributions = axes.distributionOffsets.length;
  const weight = totalWeight(distributions, weights);
  if (weight === 0) refuseAverages(reductions);
  const wantsTerms = reductions.includes('none');
  const comparison = { input, target, axes, temperature, weights };
  const found = kernel && runKernel(kernel, comparison, wantsTerms, check);
  // a kernel that trusts its output has seen no element outside of the domain
  if (found === undefined || found.trusted.includes(0)) request.checkElements?.();
  const result = divergence(comparison, { base: request.base, wantsTerms, found, check });
  const warnings = warningsFor({
    ...result,
    operands: { input, target },
    temperature,
    weights,
    read: readAxes(axes, weights),
    axes,
    base: request.base,
    reductions,
    shape,
    weight,
    ignored,
  });
  const elements = readDistributions(distributions, weights) * axes.outcomeOffsets.length;
  if (request.strict)
    refuseWarnings(
      warnings.filter(({ pointer }) => request.reduction !== undefined || pointer !== '#/reduction'),
      elements,
    );
  return { ...comparison, base: request.base, shape, weight, elements, reductions, divergence: result, warnings };
}

/** Where no distribution is read. @throws RequestError ZERO_WEIGHT for reductions that would divide by the sum of the weights */
function refuseAverages(reductions: readonly ReductionName[]): void {
  const averages = reductions.filter(isAverage);
  if (averages.length === 0) return;
  const detail = `all weights are 0, so no distribution is read and there is nothing that ${averages.join(', ')} could average`;
  throw refuse('ZERO_WEIGHT', '#/weights', `${detail}; sum, per_distribution and none are answered`);
}

function refuseWarnings(warnings: readonly FoundWarning[], elements: number): void {
  const refusing = warnings.filter(({ severity }) => severity === 'warning');
  if (refusing.length === 0) return;
  const faults = refusing.map(({ pointer, code, message }) => ({
    pointer,
    code: 'STRICT_WARNINGS' as const,
    detail: `${code}: ${message}`,
  }));
  throw new RequestError(faults, faults.length, { warnings }, { elements });
}
