import { sideNames } from '../core/comparison.ts';
import type { SampledDivergence, Sampling } from '../core/sampling/sampling.ts';
import type { TensorForm } from '../formats/divergence-request.ts';
import { type JsonTensor, jsonTensor } from '../formats/json/write/json-tensor.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import type { Solution } from './solve.ts';

/** Returns the members of an answer for KL that are about samples and sampling; none for other requests. */
export function samplesAnswer(solved: Solution) {
  const { sampling } = solved;
  return {
    ...binsAnswer(solved),
    ...(sampling === undefined ? {} : { sampling: { ...sidesSampling(sampling, solved), ...divergenceSampling(0, sampling, solved) } }),
  };
}

/** Returns the same for several divergences, each of which has what is about it alone. */
export function familySamplesAnswer(solved: Solution) {
  const { sampling } = solved;
  return { ...binsAnswer(solved), ...(sampling === undefined ? {} : { sampling: sidesSampling(sampling, solved) }) };
}

/** Returns the member `sampling` of one of several divergences. */
export function memberSampling(index: number, solved: Solution) {
  const { sampling } = solved;
  if (sampling === undefined) return {};
  const of = divergenceSampling(index, sampling, solved);
  return Object.keys(of).length === 0 ? {} : { sampling: of };
}

function binsAnswer(solved: Solution) {
  if (!('binned' in solved) || solved.binned === undefined) return {};
  const { binned, input, target, axes, form } = solved;
  const { categories, edges, bins, hasMissing } = binned;
  const sides = { input: input.tensor, target: target.tensor };
  const outcomes = axes.outcomeOffsets.length;
  const of = (kept: (outcome: number) => boolean, shape: readonly number[]) =>
    Object.fromEntries(
      sideNames.map((name) => [
        name,
        tensorOf(Float64Array.from(sides[name].data.filter((_, element) => kept(element % outcomes))), shape, form),
      ]),
    );
  return {
    bins: {
      ...(categories === undefined ? {} : { categories }),
      ...(edges === undefined ? {} : { edges: Array.from(edges, jsonNumber) }),
      counts: of((outcome) => outcome < bins, [...axes.shape, bins]),
      ...(hasMissing ? { missing: of((outcome) => outcome === bins, axes.shape) } : {}),
    },
  };
}

function sidesSampling({ sizes, pValues }: Sampling, { axes, form }: Solution) {
  const of = (data: Float64Array) => tensorOf(data, axes.shape, form);
  return { input_size: of(sizes.input), target_size: of(sizes.target), p_value: of(pValues) };
}

function divergenceSampling(index: number, { members, interval }: Sampling, { axes, form }: Solution) {
  const { expected, bound, lower, upper }: SampledDivergence = members[index];
  const of = (data: Float64Array) => tensorOf(data, axes.shape, form);
  return {
    ...(expected === undefined ? {} : { expected_by_chance: of(expected) }),
    ...(bound === undefined ? {} : { chance_bound: of(bound) }),
    ...(interval === undefined || lower === undefined || upper === undefined
      ? {}
      : { interval: { ...interval, lower: of(lower), upper: of(upper) } }),
  };
}

/** A tensor as JSON; a single number in nested lists is that number. */
function tensorOf(data: Float64Array, shape: readonly number[], form: TensorForm): JsonTensor {
  return jsonTensor({ shape, data }, form);
}
