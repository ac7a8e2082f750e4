import { sideNames } from '../core/comparison.ts';
import type { SampledDivergence, Sampling } from '../core/sampling/sampling.ts';
import type { TensorForm } from '../formats/divergence-request.ts';
import { jsonTensor } from '../formats/json/write/json-tensor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Solution } from './solve/solve.ts';

/**
 * How a tensor of an answer is written; a single number has no axes.
 * @param form that of the tensors of the answer, or `nested` for a list
 */
type Write<Written> = (tensor: Tensor, form: TensorForm) => Written;

/** Returns the members of an answer for KL, or for one divergence, that are about samples and sampling; none for other requests. */
export function samplesAnswer(solved: Solution) {
  return samplesMembers(solved, jsonTensor);
}

/** Returns the tensors of these members, each by the path to it: `sampling.p_value`. */
export function sampleTensors(solved: Solution): ReadonlyMap<string, Tensor> {
  return new Map(tensorsIn(samplesMembers(solved, (tensor) => tensor)));
}

function* tensorsIn(members: object, path = ''): Generator<[path: string, tensor: Tensor]> {
  for (const [name, value] of Object.entries(members)) {
    if (isTensor(value)) yield [path + name, value];
    else if (typeof value === 'object') yield* tensorsIn(value, `${path}${name}.`);
  }
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'data' in value;
}

function samplesMembers<Written>(solved: Solution, write: Write<Written>) {
  const { sampling } = solved;
  const about = sampling && { ...sidesSampling(sampling, solved, write), ...divergenceSampling(0, sampling, solved, write) };
  return { ...binsAnswer(solved, write), ...(about === undefined ? {} : { sampling: about }) };
}

/** Returns what an answer with several divergences says of samples as a whole. What is about one divergence stands with that divergence. */
export function familySamplesAnswer(solved: Solution) {
  const { sampling } = solved;
  return {
    ...binsAnswer(solved, jsonTensor),
    ...(sampling === undefined ? {} : { sampling: sidesSampling(sampling, solved, jsonTensor) }),
  };
}

/** Returns the member `sampling` of one of several divergences. */
export function memberSampling(index: number, solved: Solution) {
  const { sampling } = solved;
  if (sampling === undefined) return {};
  const of = divergenceSampling(index, sampling, solved, jsonTensor);
  return Object.keys(of).length === 0 ? {} : { sampling: of };
}

function binsAnswer<Written>(solved: Solution, write: Write<Written>) {
  if (!('binned' in solved) || solved.binned === undefined) return {};
  const { binned, input, target, axes, form } = solved;
  const { categories, edges, bins, hasMissing } = binned;
  const sides = { input: input.tensor, target: target.tensor };
  const outcomes = axes.outcomeOffsets.length;
  const of = (kept: (outcome: number) => boolean, shape: readonly number[]) =>
    Object.fromEntries(
      sideNames.map((name) => [
        name,
        write({ shape, data: Float64Array.from(sides[name].data.filter((_, element) => kept(element % outcomes))) }, form),
      ]),
    );
  return {
    bins: {
      ...(categories === undefined ? {} : { categories }),
      ...(edges === undefined ? {} : { edges: write({ shape: [edges.length], data: edges }, 'nested') }),
      counts: of((outcome) => outcome < bins, [...axes.shape, bins]),
      ...(hasMissing ? { missing: of((outcome) => outcome === bins, axes.shape) } : {}),
    },
  };
}

function sidesSampling<Written>({ sizes, pValues }: Sampling, { axes, form }: Solution, write: Write<Written>) {
  const of = (data: Float64Array) => write({ shape: axes.shape, data }, form);
  return { input_size: of(sizes.input), target_size: of(sizes.target), p_value: of(pValues) };
}

function divergenceSampling<Written>(index: number, { members, interval }: Sampling, { axes, form }: Solution, write: Write<Written>) {
  const { expected, bound, lower, upper }: SampledDivergence = members[index];
  const of = (data: Float64Array) => write({ shape: axes.shape, data }, form);
  return {
    ...(expected === undefined ? {} : { expected_by_chance: of(expected) }),
    ...(bound === undefined ? {} : { chance_bound: of(bound) }),
    ...(interval === undefined || lower === undefined || upper === undefined
      ? {}
      : { interval: { ...interval, lower: of(lower), upper: of(upper) } }),
  };
}
