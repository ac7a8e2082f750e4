import { divisorOf, reduce } from '../core/reductions.ts';
import type { TensorForm } from '../formats/divergence-request.ts';
import { type JsonTensor, jsonTensor } from '../formats/json/json-tensor.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Solution } from './solve.ts';

/** Returns the divergence under every requested reduction, as JSON. */
export function answer(solved: Solution) {
  const { reductions, divergence, input } = solved;
  const results: Record<string, JsonTensor> = {};
  for (const name of reductions) results[name] = jsonValue(reduce(name, divergence, solved), input.tensor.form);
  return { results, divisors: divisorsOf(solved), ...frameOf(solved), warnings: solved.warnings };
}

/** Returns the number that each reduction divides the sum of all terms by, if it has one. */
export function divisorsOf(solved: Solution): Record<string, number> {
  const divisors: Record<string, number> = {};
  for (const name of solved.reductions) {
    const divisor = divisorOf(name, solved);
    if (divisor !== undefined) divisors[name] = divisor;
  }
  return divisors;
}

/** Returns the members of every answer that describe the layout of its numbers. */
export function frameOf({ shape, axes, base }: Solution) {
  return {
    shape,
    dim: axes.dims,
    distributions: axes.distributionOffsets.length,
    support_size: axes.outcomeOffsets.length,
    base,
    direction: 'D(target || input)' as const,
  };
}

export function jsonValue(value: number | Tensor, form: TensorForm): JsonTensor {
  return typeof value === 'number' ? jsonNumber(value) : jsonTensor(value, form);
}
