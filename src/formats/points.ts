import { type SideName, sideNames } from '../core/comparison.ts';
import type { Points } from '../core/neighbors/k-d-tree.ts';
import { isOutcomeList } from '../core/outcomes/outcome-list.ts';
import { attempt, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import { float64sOf } from '../memory/small-arrays.ts';
import type { SampleOptions } from '../schema/parse-request.ts';
import { standardK } from '../schema/samples.ts';
import { checkTensor } from '../tensor/domain.ts';
import { type Numbers, sameShape, type Tensor } from '../tensor/tensor.ts';
import type { DecodedTensor, PointsOperands } from './divergence-request.ts';
import { checkWeightShape, type ReadTensor, readWeights } from './operands.ts';
import { sampleDomain } from './sample-rows.ts';

/**
 * Reads both sides as points: a tensor of shape (n) has n numbers, (n, d) n points of d coordinates, (D, n, d) as many of each of D
 * distributions. Both sides have as many distributions and coordinates.
 * @param given the names of the tensors that the request has
 * @throws RequestError the faults of the tensors, SHAPE_MISMATCH, INVALID_VALUE for fewer observations than k needs
 */
export function readPoints(
  { k = standardK }: SampleOptions,
  given: readonly string[],
  read: ReadTensor,
  maxElements: number,
): PointsOperands {
  const weights = given.includes('weights') ? readWeights(read, maxElements) : undefined;
  const outcomes = sideNames.map((name) => attempt(() => readSide(name, weights, read, maxElements)));
  const [input, target] = outcomes;
  if (input instanceof RequestError || target instanceof RequestError) throw together(...outcomes);
  const shape = commonShape(input, target);
  if (weights !== undefined) checkWeightShape(weights, shape, -1);
  checkK(k, { input, target });
  const points = { input: pointsOf('input', input), target: pointsOf('target', target) };
  const elements = Math.max(input.data.length, target.data.length);
  return { points, k, shape, form: input.form, weights: weights?.data, elements };
}

function readSide(name: SideName, weights: Tensor<Numbers> | undefined, read: ReadTensor, maxElements: number): DecodedTensor {
  const unread = (shape: readonly number[]) => {
    const perDistribution = shape.length === 3 ? shape[1] * shape[2] : Number.POSITIVE_INFINITY;
    return (element: number) => weights?.data[Math.floor(element / perDistribution)] === 0;
  };
  const rules = { domain: sampleDomain(false), unread: weights && unread };
  const tensor = read(name, { ...rules, maxElements });
  const pointer = `#/${name}`;
  if (isOutcomeList(tensor)) throw refuse('INVALID_VALUE', pointer, 'expected observations, got a list of outcomes');
  if (tensor.shape.length > 3) {
    const detail = `observations are a list of numbers, a list of points, or several such lists: shape [${tensor.shape.join(', ')}] has ${tensor.shape.length} axes`;
    throw refuse('INVALID_VALUE', pointer, detail);
  }
  // what came as bytes has not been checked
  checkTensor(tensor, rules, pointer);
  return tensor;
}

/** Numbers are points of one coordinate. */
function layoutOf({ shape }: DecodedTensor) {
  const coordinates = shape.length === 1 ? 1 : shape[shape.length - 1];
  return { rest: shape.slice(0, -2), count: shape.length === 1 ? shape[0] : shape[shape.length - 2], coordinates };
}

function commonShape(input: DecodedTensor, target: DecodedTensor): readonly number[] {
  const [q, p] = [layoutOf(input), layoutOf(target)];
  if (sameShape(q.rest, p.rest) && q.coordinates === p.coordinates) return [...p.rest, p.coordinates];
  const inWords = ({ shape }: DecodedTensor) => `shape [${shape.join(', ')}]`;
  const detail = `target has ${inWords(target)}, input ${inWords(input)}: the numbers of observations may differ, those of distributions and of coordinates may not`;
  throw refuse('SHAPE_MISMATCH', '#/target', detail);
}

/** A point of either side needs k neighbours on its own side beside itself, and k on the other. */
function checkK(k: number, sides: Readonly<Record<SideName, DecodedTensor>>): void {
  for (const name of sideNames) {
    const { count } = layoutOf(sides[name]);
    if (count > k) continue;
    const detail = `${name} has ${count} ${count === 1 ? 'observation' : 'observations'}, and k is ${k}: expected more observations than k. Send more, or a smaller k`;
    throw refuse('INVALID_VALUE', '#/k', detail);
  }
}

function pointsOf(name: SideName, tensor: DecodedTensor): Points[] {
  const { rest, count, coordinates } = layoutOf(tensor);
  const size = count * coordinates;
  const pointerTo = (d: number) => (at: number) => {
    const index = tensor.form === 'nested' ? [...(rest.length === 0 ? [] : [d]), at] : [];
    return ['#', name, ...index].join('/');
  };
  return Array.from({ length: tensor.data.length / size }, (_, d) => ({
    count,
    coordinates,
    data: float64sOf(tensor.data.subarray(d * size, (d + 1) * size)),
    pointerTo: pointerTo(d),
  }));
}
