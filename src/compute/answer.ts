import { divisorOf, reduce } from '../core/reductions.ts';
import { jsonNumber } from '../result/json-number.ts';
import { type JsonTensor, jsonTensor } from '../result/json-tensor.ts';
import type { TensorForm } from '../tensor/decode.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Solved } from './solve.ts';

/** The divergence under every reduction that was asked for, as JSON. */
export function answer(solved: Solved) {
  const { reductions, divergence, input } = solved;
  const values = reductions.map((name) => [name, jsonValue(reduce(name, divergence, solved), input.tensor.form)]);
  const divisors = reductions.map((name) => [name, divisorOf(name, solved)]).filter(([, divisor]) => divisor !== undefined);
  return {
    results: Object.fromEntries(values) as Record<string, JsonTensor>,
    divisors: Object.fromEntries(divisors) as Record<string, number>,
    ...frameOf(solved),
    warnings: solved.warnings,
  };
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
