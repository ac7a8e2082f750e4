import type { ParameterTensor } from '../core/closed-forms/parameters.ts';
import { type SideName, sideNames, type TensorName } from '../core/comparison.ts';
import { domainOf, type KindName, type TensorKindName } from '../core/kinds.ts';
import { isOutcomeList, type OutcomeList } from '../core/outcomes/outcome-list.ts';
import { attempt, attemptAll, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { DenseOptions, Options } from '../schema/parse-request.ts';
import { dimsInWords, remainingShape, resolveDims } from '../tensor/axes.ts';
import { checkTensor, coversUnsure, type Domain, largestNumber, type Unsure } from '../tensor/domain.ts';
import { type Numbers, sameShape, type Tensor } from '../tensor/tensor.ts';
import { unreadElements } from '../tensor/unread.ts';
import type { DecodedTensor, Operands } from './divergence-request.ts';
import { type Listing, matchOutcomes } from './match-outcomes.ts';
import { shapeMismatch } from './shape-mismatch.ts';
import type { TensorRules } from './tensor-rules.ts';

/** The options that say how tensors are read. */
type ReadingOptions = ElementOptions & Pick<DenseOptions, 'rest'>;

/** The options that say which numbers tensors may hold. */
type ElementOptions = Pick<DenseOptions, 'input_kind' | 'target_kind' | 'temperature' | 'dim'>;

/** What a format holds under the name of a tensor. */
export type SentOperand = DecodedTensor | OutcomeList;

/** Reads what stands under a name, in the form that its format has. @throws RequestError its faults */
export type ReadTensor = (name: TensorName | ParameterTensor, rules: TensorRules) => SentOperand;

export const weightDomain: Domain = {
  lowest: 0,
  highest: largestNumber,
  hasFlags: true,
  expected: `a weight, a number from 0 to ${largestNumber} or true or false, where 0 leaves the distribution out`,
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
  const rules = { unread: mask?.unread, unreadRows: mask?.unreadRows, maxElements };
  const input = attempt(() => read('input', { domain: domainFor('input', options), ...rules }));
  const target = attempt(() => read('target', { domain: domainFor('target', options), ...rules }));
  if (input instanceof RequestError || target instanceof RequestError) throw together(mask?.mismatch(), input, target);
  if (isOutcomeList(input) || isOutcomeList(target)) return matchedOperands({ input, target }, options, weights, mask, maxElements);
  if (options.rest !== 'zero') throw restWithoutLists();
  if (!sameShape(input.shape, target.shape)) throw shapeMismatch({ input: input.shape, target: target.shape }, options, targetPointer);
  if (weights !== undefined) checkWeightShape(weights, input.shape, options.dim);
  return {
    input: { tensor: input, kind: distributionKind(options.input_kind) },
    target: { tensor: target, kind: distributionKind(options.target_kind) },
    weights: weights?.data,
  };
}

/** How the numbers of a side are read: log-probabilities of samples are log-probabilities. */
function distributionKind(kind: TensorKindName): KindName {
  return kind === 'sampled_log_probs' ? 'log_probs' : kind;
}

/**
 * Checks the elements of tensors that came as bytes, but for those of distributions of weight 0.
 * @param unsure the distributions that may have faults, where others are known to have none
 * @param names the tensors that have not been checked
 * @throws RequestError the faults of these tensors
 */
export function checkElements(operands: Operands, options: ElementOptions, unsure?: Unsure, names: readonly SideName[] = sideNames): void {
  const { weights } = operands;
  if (unsure !== undefined && names.every((name) => coversUnsure(domainFor(name, options), operands[name].tensor.data, unsure))) return;
  const unread = weights && ((shape: readonly number[]) => unreadElements(shape, options.dim, weights));
  attemptAll(names.map((name) => () => checkTensor(operands[name].tensor, { domain: domainFor(name, options), unread }, `#/${name}`)));
}

/** The numbers that a tensor of a request may hold. */
export function domainFor(name: TensorName, options: ElementOptions): Domain {
  if (name === 'weights') return weightDomain;
  // spelled out: the name of a field that is put together is looked up anew each time
  return domainOf(name === 'input' ? options.input_kind : options.target_kind, options.temperature);
}

/** Weights are needed before anything else is read, so those that came as bytes are checked here. @throws RequestError their faults */
export function readWeights(read: ReadTensor, maxElements: number): Tensor<Numbers> {
  const weights = read('weights', { domain: weightDomain, allowsScalar: true, maxElements });
  if (isOutcomeList(weights))
    throw refuse('INVALID_VALUE', '#/weights', 'expected a tensor with a weight for each distribution, got a list of outcomes');
  checkTensor(weights, { domain: weightDomain }, '#/weights');
  return weights;
}

/** The test of elements that are not read; where weights have another shape, nothing is said of elements, but of the weights. */
export function maskOf(weights: Tensor<Numbers>, dim: Options['dim']) {
  let mismatch: RequestError | undefined;
  const unread = (shape: readonly number[]) => {
    const fault = attempt(() => checkWeightShape(weights, shape, dim));
    if (fault === undefined) return unreadElements(shape, dim, weights.data);
    mismatch = fault;
    return () => true;
  };
  const unreadRows = (shape: readonly number[]) => {
    const fault = attempt(() => checkRowWeights(weights, shape));
    mismatch = fault ?? mismatch;
    return (row: number) => fault !== undefined || weights.data[row] === 0;
  };
  return { unread, unreadRows, mismatch: () => mismatch };
}

/** Matches lists of outcomes, whose kinds stay what they are. */
function matchedOperands(
  sides: Listing,
  options: ReadingOptions,
  weights: Tensor<Numbers> | undefined,
  mask: ReturnType<typeof maskOf> | undefined,
  maxElements: number,
): Operands {
  const { input_kind, target_kind } = options;
  if (input_kind === 'sampled_log_probs' || target_kind === 'sampled_log_probs') throw samplesInLists(sides);
  for (const name of sideNames) {
    const side = sides[name];
    if (isOutcomeList(side)) {
      if (weights !== undefined) checkRowWeights(weights, side.shape);
      continue;
    }
    if (weights !== undefined) checkWeightShape(weights, side.shape, options.dim);
    // a tensor that came as bytes, before its numbers are summed
    checkTensor(side, { domain: domainFor(name, options), unread: mask?.unread }, `#/${name}`);
  }
  const { input, target, ...listed } = matchOutcomes(sides, { ...options, input_kind, target_kind }, weights?.data, maxElements);
  return {
    input: { tensor: input, kind: input_kind },
    target: { tensor: target, kind: target_kind },
    weights: weights?.data,
    ...listed,
  };
}

function samplesInLists(sides: Listing): RequestError {
  const name = isOutcomeList(sides.input) ? 'input' : 'target';
  const detail =
    'a list of outcomes is a distribution, and log-probabilities of samples are none: send them as a tensor, one number a sample';
  return refuse('INVALID_VALUE', `#/${name}`, detail);
}

export function restWithoutLists(): RequestError {
  const detail = 'rest says what becomes of outcomes that a list lacks, but neither side is a list of outcomes: leave rest out';
  return refuse('INVALID_VALUE', '#/rest', detail);
}

/** The weights of lists of outcomes. @throws RequestError SHAPE_MISMATCH */
function checkRowWeights(weights: Tensor<Numbers>, shape: readonly number[]): undefined {
  if (sameShape(weights.shape, shape) || (shape.length === 0 && sameShape(weights.shape, [1]))) return;
  const detail = `weights has shape [${weights.shape.join(', ')}]: expected a weight for each list of outcomes, of shape [${shape.join(', ')}]`;
  throw refuse('SHAPE_MISMATCH', '#/weights', detail);
}

/** A single distribution may have its weight in one axis, for formats that have no tensors without axes. */
export function checkWeightShape(weights: Tensor<Numbers>, shape: readonly number[], dim: Options['dim']): undefined {
  const dims = resolveDims(shape.length, dim);
  const expected = remainingShape(shape, dims);
  if (sameShape(weights.shape, expected) || (expected.length === 0 && sameShape(weights.shape, [1]))) return;
  const of = dims.length === 0 ? 'sample' : 'distribution';
  const without = dims.length === 0 ? '' : `, which is [${expected.join(', ')}] without ${dimsInWords(dims)}`;
  const axes = `the tensors have shape [${shape.join(', ')}]${without}`;
  const detail = `weights has shape [${weights.shape.join(', ')}]: expected a weight for each ${of}, and ${axes}`;
  throw refuse('SHAPE_MISMATCH', '#/weights', detail);
}
