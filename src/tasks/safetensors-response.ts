import type { FamilyMember } from '../core/divergences/facts.ts';
import { reduce } from '../core/reductions.ts';
import { outcomeRows, packed } from '../formats/json/write/json-rows.ts';
import { writeSafetensors } from '../formats/safetensors/write.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { splitFamily } from './family-response.ts';
import { divisorsOf, frameOf, layoutOf } from './json-response.ts';
import { familySamplesAnswer, samplesAnswer } from './sampling-response.ts';
import type { Solution } from './solve/solve.ts';
import { agreementMember, statisticsMember } from './statistics-response.ts';

/** Tensors as safetensors F64; the numbers, and everything else that a JSON answer has, as JSON text in the metadata. */
export function safetensorsAnswer(solved: Solution): Uint8Array[] {
  if (solved.family !== undefined) return familySafetensors(solved, solved.family);
  const { reductions, divergence, warnings } = solved;
  const tensors: Record<string, Tensor> = {};
  const results: Record<string, unknown> = {};
  for (const name of reductions) {
    const value = reduce(name, divergence, solved);
    if (typeof value === 'number') results[name] = jsonNumber(value);
    else tensors[name] = name === 'none' ? inOneRow(value, solved) : value;
  }
  const members = { ...frameOf(solved), ...statisticsMember(solved), ...samplesAnswer(solved) };
  return written(tensors, { ...outcomesOf(tensors, solved), results, divisors: divisorsOf(solved), ...members, warnings });
}

/** Writes several divergences: a tensor is called `kl.per_distribution`, and the numbers stand in `divergences` of the metadata. */
function familySafetensors(solved: Solution, family: readonly FamilyMember[]): Uint8Array[] {
  const { tensors, divergences } = splitFamily(family, solved);
  for (const [name, tensor] of Object.entries(tensors)) if (isOfTerms(name)) tensors[name] = inOneRow(tensor, solved);
  const members = { ...layoutOf(solved), ...agreementMember(solved), ...familySamplesAnswer(solved) };
  return written(tensors, {
    ...outcomesOf(tensors, solved),
    divergences,
    divisors: divisorsOf(solved),
    ...members,
    warnings: solved.warnings,
  });
}

/** The terms of lists of outcomes, one list behind the other: lists of different lengths are no tensor of more axes. */
function inOneRow(terms: Tensor, { listed }: Solution): Tensor {
  if (listed === undefined) return terms;
  const data = packed(terms.data, listed);
  return { shape: [data.length], data };
}

/** The outcome of each term, in lists, where there are terms of lists of outcomes. */
function outcomesOf(tensors: Readonly<Record<string, Tensor>>, { listed }: Solution): { readonly outcomes?: unknown } {
  return listed === undefined || !Object.keys(tensors).some(isOfTerms) ? {} : { outcomes: outcomeRows(listed) };
}

/** Whether a tensor of an answer holds terms: `none`, `kl.none`. */
const isOfTerms = (name: string) => /(^|\.)none$/.test(name);

function written(tensors: Readonly<Record<string, Tensor>>, members: Readonly<Record<string, unknown>>): Uint8Array[] {
  return writeSafetensors(tensors, Object.fromEntries(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)])));
}
