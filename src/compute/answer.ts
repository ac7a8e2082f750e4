import { divisorOf, reduce } from '../core/reductions.ts';
import { jsonNumber } from '../result/json-number.ts';
import { type JsonTensor, jsonTensor } from '../result/json-tensor.ts';
import type { TensorForm } from '../tensor/decode.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Solved } from './solve.ts';

/** The divergence under every reduction that was asked for, as JSON. */
export function answer(solved: Solved) {
  const { reductions, divergence, input } = solved;
  const results: Record<string, JsonTensor> = {};
  const divisors: Record<string, number> = {};
  for (const name of reductions) {
    results[name] = jsonValue(reduce(name, divergence, solved), input.tensor.form);
    const divisor = divisorOf(name, solved);
    if (divisor !== undefined) divisors[name] = divisor;
  }
  return { results, divisors, ...frameOf(solved), warnings: solved.warnings };
}

/** What every answer says about how its numbers lie. */
export function frameOf({ shape, axes, base }: Solved) {
  return {
    shape,
    dim: axes.dims,
    distributions: axes.starts.length,
    support_size: axes.steps.length,
    base,
    direction: 'D(target || input)' as const,
  };
}

export function jsonValue(value: number | Tensor, form: TensorForm): JsonTensor {
  return typeof value === 'number' ? jsonNumber(value) : jsonTensor(value, form);
}
