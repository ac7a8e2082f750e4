import { reduce } from '../core/reductions.ts';
import { writeSafetensors } from '../formats/safetensors/write.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { divisorsOf, frameOf } from './json-response.ts';
import type { Solution } from './solve.ts';

/** Tensors as safetensors F64; the numbers, and everything else that a JSON answer has, as JSON text in the metadata. */
export function safetensorsAnswer(solved: Solution): Uint8Array[] {
  const { reductions, divergence, warnings } = solved;
  const tensors: Record<string, Tensor> = {};
  const results: Record<string, unknown> = {};
  for (const name of reductions) {
    const value = reduce(name, divergence, solved);
    if (typeof value === 'number') results[name] = jsonNumber(value);
    else tensors[name] = value;
  }
  const members = { results, divisors: divisorsOf(solved), ...frameOf(solved), warnings };
  return writeSafetensors(tensors, Object.fromEntries(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)])));
}
