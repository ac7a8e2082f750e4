import { type SideName, sideNames, type TensorName } from '../core/comparison.ts';
import { domainOf } from '../core/kinds.ts';
import { attempt, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { Options } from '../schema/parse-request.ts';
import type { OfTensors } from '../schema/sample-options.ts';
import { dimsInWords, remainingShape, resolveDims } from '../tensor/axes.ts';
import { checkTensor, type Domain } from '../tensor/domain.ts';
import { type Numbers, sameShape, type Tensor } from '../tensor/tensor.ts';
import { unreadElements } from '../tensor/unread.ts';
import type { DecodedTensor, Operands } from './divergence-request.ts';
import { sampleDomain } from './sample-rows.ts';
import { shapeMismatch } from './shape-mismatch.ts';
import type { TensorRules } from './tensor-rules.ts';

/** The options that say how tensors are read. */
type ReadingOptions = Pick<Options, 'temperature' | 'dim'> & OfTensors;

/** Reads a tensor by its name, in the form that its format has. @throws RequestError its faults */
export type ReadTensor = (name: TensorName, rules: TensorRules) => DecodedTensor;

/** The largest weight, so that sums of weighted divergences stay inside float64. */
const highestWeight = 1e270;

const weightDomain: Domain = {
  lowest: 0,
  highest: highestWeight,
  hasFlags: true,
  expected: `a weight, a number from 0 to ${highestWeight} or true or false, where 0 leaves the distribution out`,
};

/**
 * Reads the tensors of a request, each in the domain of its kind; a caller who got both sides wrong is told of both. Weights are read
 * first: elements of a distribution of weight 0 may be anything.
 * @param given the tensors that the request has
 * @param targetPointer where the target stands in the body
 * @throws RequestError the tensors' faults, or SHAPE_MISMATCH, or what is wrong with `dim` where there are weights
 */
export function readOperands(
  options: ReadingOptions,
  given: readonly TensorName[],
  read: ReadTensor,
  maxElements: number,
  targetPointer = '#/target',
): Operands {
  const weights = given.includes('weights') ? readWeights(read, maxElements) : undefined;
  const mask = weights && maskOf(weights, options.dim);
  const input = attempt(() => read('input', { domain: domainFor('input', options), unread: mask?.unread, maxElements }));
  const target = attempt(() => read('target', { domain: domainFor('target', options), unread: mask?.unread, maxElements }));
  if (input instanceof RequestError || target instanceof RequestError) throw together(mask?.mismatch(), input, target);
  if (!sameShape(input.shape, target.shape)) throw shapeMismatch({ input: input.shape, target: target.shape }, options, targetPointer);
  if (weights !== undefined) checkWeightShape(weights, input.shape, options.dim);
  return {
    input: { tensor: input, kind: options.input_kind },
    target: { tensor: target, kind: options.target_kind },
    weights: weights?.data,
  };
}

/**
 * Checks the elements of tensors that came as bytes, but for those of distributions of weight 0.
 * @param names the tensors that have not been checked
 * @throws RequestError the faults of these tensors
 */
export function checkElements(operands: Operands, options: ReadingOptions, names: readonly SideName[] = sideNames): void {
  const { weights } = operands;
  const unread = weights && ((shape: readonly number[]) => unreadElements(shape, options.dim, weights));
  const check = (name: SideName) => checkTensor(operands[name].tensor, { domain: domainFor(name, options), unread }, `#/${name}`);
  const outcomes = names.map((name) => attempt(() => check(name)));
  if (outcomes.some((outcome) => outcome instanceof RequestError)) throw together(...outcomes);
}

/** The numbers that a tensor of a request may hold. */
export function domainFor(name: TensorName, options: Pick<Options, 'input_kind' | 'target_kind' | 'temperature' | 'missing'>): Domain {
  if (name === 'weights') return weightDomain;
  const kind = options[`${name}_kind`];
  return kind === 'samples' ? sampleDomain(options.missing === 'category') : domainOf(kind, options.temperature);
}

/** Weights are needed before anything else is read, so those that came as bytes are checked here. @throws RequestError their faults */
export function readWeights(read: ReadTensor, maxElements: number): Tensor<Numbers> {
  const weights = read('weights', { domain: weightDomain, allowsScalar: true, maxElements });
  checkTensor(weights, { domain: weightDomain }, '#/weights');
  return weights;
}

/** The test of elements that are not read; where weights have another shape, nothing is said of elements, but of the weights. */
function maskOf(weights: Tensor<Numbers>, dim: ReadingOptions['dim']) {
  let mismatch: RequestError | undefined;
  const unread = (shape: readonly number[]) => {
    const fault = attempt(() => checkWeightShape(weights, shape, dim));
    if (fault === undefined) return unreadElements(shape, dim, weights.data);
    mismatch = fault;
    return () => true;
  };
  return { unread, mismatch: () => mismatch };
}

/** A single distribution may have its weight in one axis, for formats that have no tensors without axes. @throws RequestError SHAPE_MISMATCH */
export function checkWeightShape(weights: Tensor<Numbers>, shape: readonly number[], dim: ReadingOptions['dim']): undefined {
  const dims = resolveDims(shape.length, dim);
  const expected = remainingShape(shape, dims);
  if (sameShape(weights.shape, expected) || (expected.length === 0 && sameShape(weights.shape, [1]))) return;
  const axes = `the tensors have shape [${shape.join(', ')}], which is [${expected.join(', ')}] without ${dimsInWords(dims)}`;
  const detail = `weights has shape [${weights.shape.join(', ')}]: expected a weight for each distribution, and ${axes}`;
  throw refuse('SHAPE_MISMATCH', '#/weights', detail);
}
