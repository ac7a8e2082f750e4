import type { SideName } from '../core/comparison.ts';
import { kinds, type TensorKindName } from '../core/kinds.ts';
import { type RequestError, refuse } from '../errors/request-error.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';

type Shapes = Readonly<Record<SideName, readonly number[]>>;

type Options = Readonly<Record<`${SideName}_kind`, TensorKindName>> & { readonly dim: number | readonly number[] };

/** Says how two shapes differ, and what makes them one. @param pointer where the target stands in the body */
export function shapeMismatch(shapes: Shapes, options: Options, pointer: string): RequestError {
  const detail = `target has shape [${shapes.target.join(', ')}], input has [${shapes.input.join(', ')}]. ${adviceFor(shapes, options)}`;
  return refuse('SHAPE_MISMATCH', pointer, detail);
}

function adviceFor({ input, target }: Shapes, options: Options): string {
  const [shorter, longer] = target.length < input.length ? [target, input] : [input, target];
  if (input.length === target.length) return sameRankAdvice({ input, target }, options);
  const label = target.length < input.length ? 'target' : 'input';
  if (isPrefix(shorter, longer) && longer.length === shorter.length + 1) {
    return `If ${label} holds class labels, send them one-hot: 1 at the label and 0 elsewhere, as probs`;
  }
  if (sameShape(shorter, longer.slice(-shorter.length))) {
    return `Nothing is broadcast: repeat ${label} for each of the ${elementCount(longer.slice(0, -shorter.length))} along the axes before`;
  }
  return sameElements(input, target) ?? `Send both with ${longer.length} axes of the same sizes`;
}

function sameRankAdvice({ input, target }: Shapes, options: Options): string {
  const differing = input.flatMap((size, axis) => (size === target[axis] ? [] : [axis]));
  const [axis] = differing;
  if (differing.length > 1) return sameElements(input, target) ?? `Their sizes differ along axes ${differing.join(', ')}`;
  const short: SideName = input[axis] < target[axis] ? 'input' : 'target';
  const seen = `Their sizes differ along axis ${axis} (target ${target[axis]}, input ${input[axis]})`;
  const kind = options[`${short}_kind`];
  if (kind === 'sampled_log_probs') return `${seen}: send the log-probabilities of the same samples on both sides`;
  if (!isAlong(axis, input.length, options.dim)) {
    const repeat = Math.min(input[axis], target[axis]) === 1 ? `; nothing is broadcast: repeat ${short}` : '';
    return `${seen}: send the same distributions on both sides${repeat}`;
  }
  const padding = kinds[kind].scale === 'log' ? '"-Infinity"' : '0';
  const infinite = short === 'input' ? ': KL is infinite then where target has some' : '';
  const samples = input.length === 1 ? '. Raw observations are of the kind "samples" on both sides, and may differ in number' : '';
  return `${seen}, where the outcomes lie: cut those off that ${short} lacks, or pad ${short} with ${padding}, which gives them no mass${infinite}. If these are other outcomes, as in two top-k, send lists to /v1: {"outcomes": [...], "values": [...]}${samples}`;
}

function sameElements(input: readonly number[], target: readonly number[]): string | undefined {
  if (elementCount(input) !== elementCount(target)) return undefined;
  return 'Both have the same number of elements: one seems to be transposed or reshaped';
}

function isPrefix(shorter: readonly number[], longer: readonly number[]): boolean {
  return sameShape(shorter, longer.slice(0, shorter.length));
}

function isAlong(axis: number, rank: number, dim: Options['dim']): boolean {
  return [dim].flat().some((one) => (one < 0 ? one + rank : one) === axis);
}
