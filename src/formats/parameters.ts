import { isParameterName, type ParameterName, type ParameterTensor } from '../core/closed-forms/parameters.ts';
import { eventAxesOf, type ParametricKindName, parameterDomain, parametricKind } from '../core/closed-forms/parametric-kinds.ts';
import type { Parameter, Side } from '../core/closed-forms/side.ts';
import { type SideName, sideNames } from '../core/comparison.ts';
import { isOutcomeList } from '../core/outcomes/outcome-list.ts';
import { attempt, attemptAll, together } from '../errors/fault-list.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import type { ParametricOptions } from '../schema/parse-request.ts';
import { checkTensor } from '../tensor/domain.ts';
import { elementCount, type Numbers, type Tensor } from '../tensor/tensor.ts';
import type { DecodedTensor, ParametricOperands, TensorForm } from './divergence-request.ts';
import { checkGivenParameters } from './given-parameters.ts';
import { checkWeightShape, maskOf, type ReadTensor, readWeights } from './operands.ts';
import { checkCoordinates, commonShape, isSingle, type ReadParameter } from './parameter-shapes.ts';

/**
 * Reads the parameters of both sides, each in its domain; faults of both sides are told together. One number, or one vector or matrix where
 * distributions have these, counts for all distributions; other parameters have one shape.
 * @param given the names of the tensors that the request has: `input.loc`, `weights`
 * @throws RequestError the faults of names, numbers, shapes, or of `dim`
 */
export function readParameters(
  options: ParametricOptions,
  given: readonly string[],
  read: ReadTensor,
  maxElements: number,
): ParametricOperands {
  const { input_kind: kind, dim } = options;
  checkGivenParameters(kind, given);
  const weights = given.includes('weights') ? readWeights(read, maxElements) : undefined;
  const mask = weights && maskOf(weights, dim);
  const attempts = sideNames.map((side) => attempt(() => readSide(side, { kind, given, read, maxElements, unread: mask?.unread })));
  if (attempts.some((result) => result instanceof RequestError)) throw together(mask?.mismatch(), ...attempts);
  const sides = attempts as ReadParameter[][];
  const parameters = sides.flat();
  const shape = commonShape(kind, parameters);
  checkCoordinates(kind, shape, dim);
  if (weights !== undefined) checkWeightShape(weights, shape, dim);
  return {
    kind,
    sides: { input: sideOf(kind, 'input', parameters), target: sideOf(kind, 'target', parameters) },
    shape,
    form: formOf(parameters),
    weights: weights?.data,
    elements: sides.reduce((most, side) => Math.max(most, numbersIn(side)), elementCount(shape)),
  };
}

type SideContext = {
  readonly kind: ParametricKindName;
  readonly given: readonly string[];
  readonly read: ReadTensor;
  readonly maxElements: number;
  readonly unread: ReturnType<typeof maskOf>['unread'] | undefined;
};

/** All parameters of a side together have no more elements than a tensor may have. @throws RequestError */
function readSide(side: SideName, { kind, given, read, maxElements, unread }: SideContext): ReadParameter[] {
  const names = Object.keys(parametricKind(kind).parameters).filter(isParameterName);
  let left = maxElements;
  const steps = names
    .filter((name) => given.includes(`${side}.${name}`))
    .map((name) => () => {
      const tensor = readParameter(kind, `${side}.${name}`, name, { read, maxElements: left, unread });
      left -= tensor.data.length;
      return { side, name, tensor };
    });
  return attemptAll(steps);
}

function readParameter(
  kind: ParametricKindName,
  tensorName: ParameterTensor,
  name: ParameterName,
  { read, maxElements, unread }: Pick<SideContext, 'read' | 'maxElements' | 'unread'>,
): DecodedTensor {
  const domain = parameterDomain(kind, name);
  if (domain === undefined) throw refuse('INTERNAL', '#', `${kind} has no ${name}`);
  const rules = { domain, unread: unread && unreadValues(kind, name, unread) };
  const tensor = read(tensorName, { ...rules, allowsScalar: true, maxElements });
  if (isOutcomeList(tensor)) throw refuse('INVALID_VALUE', pointerOf(tensorName), 'expected a number or a tensor, got a list of outcomes');
  // what came as bytes has not been checked
  checkTensor(tensor, rules, pointerOf(tensorName));
  return tensor;
}

/** Where a tensor stands in a request: `#/input/loc` for `input.loc`. */
export function pointerOf(name: string): string {
  return `#/${name.replaceAll('.', '/')}`;
}

/** Elements of values of weight 0. A value for all distributions is read. */
function unreadValues(kind: ParametricKindName, name: ParameterName, unread: NonNullable<SideContext['unread']>) {
  return (shape: readonly number[]) => {
    if (isSingle(kind, name, shape)) return () => false;
    const isMatrix = eventAxesOf(kind, name) === 2;
    const isUnread = unread(isMatrix ? shape.slice(0, -1) : shape);
    const columns = isMatrix ? shape[shape.length - 1] : 1;
    return (element: number) => isUnread(Math.floor(element / columns));
  };
}

function sideOf(kind: ParametricKindName, name: SideName, parameters: readonly ReadParameter[]): Side {
  const own = parameters.filter(({ side }) => side === name);
  return { name, parameters: Object.fromEntries(own.map((one) => [one.name, parameterOf(kind, one.name, one.tensor)])) };
}

function parameterOf(kind: ParametricKindName, name: ParameterName, { shape, data }: Tensor<Numbers>): Parameter {
  return { data, isShared: isSingle(kind, name, shape) };
}

/** That of the first parameter that is a tensor, of `input` if it has one. */
function formOf(parameters: readonly ReadParameter[]): TensorForm {
  return parameters.find(({ tensor }) => tensor.shape.length > 0)?.tensor.form ?? 'nested';
}

function numbersIn(side: readonly ReadParameter[]): number {
  return side.reduce((sum, { tensor }) => sum + tensor.data.length, 0);
}
