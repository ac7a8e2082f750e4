import type { ParameterTensor } from '../core/closed-forms/parameters.ts';
import { parameterDomain } from '../core/closed-forms/parametric-kinds.ts';
import { type SideName, sideNames, type TensorName, tensorNames } from '../core/comparison.ts';
import { paddingId } from '../core/outcomes/outcome-list.ts';
import { attemptAll } from '../errors/fault-list.ts';
import { refuse } from '../errors/request-error.ts';
import { describeValue, isObject } from '../errors/wording.ts';
import { areParametric, areSamples, type DenseOptions, type Options, type ParsedRequest } from '../schema/parse-request.ts';
import { covers, type Domain } from '../tensor/domain.ts';
import type { DivergenceRequest } from './divergence-request.ts';
import { inWords } from './given-parameters.ts';
import { domainFor, readOperands, restWithoutLists, weightDomain } from './operands.ts';
import { readParameters } from './parameters.ts';
import { readPoints } from './points.ts';
import { sampleDomain } from './sample-rows.ts';
import { type ReadSides, readSamples } from './samples.ts';

/** What is read of the tensors of a request: their names, how each is read, and how many elements each may have. */
type Tensors = {
  readonly given: readonly string[];
  readonly read: ReadSides;
  readonly maxElements: number;
  /** Where the target stands in the body. */
  readonly targetPointer?: string;
};

/**
 * The request whose options have been checked, with its tensors: numbers along an axis on both sides, samples, or parameters of
 * distributions.
 * @throws RequestError the faults of the tensors
 */
export function withTensors(options: Options, { given, read, maxElements, targetPointer }: Tensors): DivergenceRequest {
  if (areParametric(options)) {
    if (options.rest !== 'zero') throw restWithoutLists();
    return { ...withoutSides(options), ...readParameters(options, given, read.tensor, maxElements) };
  }
  if (areSamples(options) && options.estimator === 'knn')
    return { ...withoutSides(options), ...readPoints(options, given, read.tensor, maxElements) };
  if (areSamples(options)) return { ...options, ...readSamples(options, given, read, maxElements) };
  const dense = options as DenseOptions;
  const operands = readOperands(dense, given as readonly TensorName[], read.tensor, maxElements, targetPointer);
  const { input, target, weights, listed } = operands;
  return { ...dense, input, target, weights, listed };
}

function withoutSides<Some extends Options>(options: Some): Omit<Some, 'input' | 'target'> {
  const { input: _, target: __, ...others } = options as Some & { input?: unknown; target?: unknown };
  return others;
}

/**
 * Whether numbers from `lowest` to `highest` are all ones that a tensor of a request may hold; false where the request has no such tensor.
 */
export function admits(name: string, options: Options, lowest: number, highest: number): boolean {
  const domain = areParametric(options) ? domainOfParameter(name, options) : domainOfTensor(name, options);
  return domain !== undefined && covers(domain, lowest, highest);
}

function domainOfParameter(name: string, { input_kind: kind }: Parameters<typeof readParameters>[0]) {
  return name === 'weights' ? weightDomain : parameterDomain(kind, name.slice(name.indexOf('.') + 1));
}

/** What the outcomes of a list may be, but for fractions. */
const ids: Domain = { lowest: paddingId, highest: Number.MAX_SAFE_INTEGER, finiteOnly: true, expected: 'an id' };

function domainOfTensor(name: string, options: Options) {
  if (tensorNames.some((one) => name === `${one}.outcomes`)) return ids;
  const known = tensorNames.find((one) => name === one || name === `${one}.values`);
  if (known === undefined) return undefined;
  if (areSamples(options) && known !== 'weights') return known === name ? sampleDomain(options.missing === 'category') : undefined;
  return domainFor(known, options as DenseOptions);
}

/**
 * The names of the tensors that a request in JSON has, its parameters as `input.loc`.
 * @throws RequestError INVALID_VALUE for a side that is no object where the kind has parameters
 */
export function tensorNamesIn(parsed: ParsedRequest): readonly string[] {
  const given = tensorNames.filter((name) => parsed[name] !== undefined);
  if (!areParametric(parsed)) return given;
  const parametersOf = (side: SideName) => Object.keys(parametersIn(parsed[side], side, parsed.input_kind));
  const names = attemptAll(sideNames.map((side) => () => parametersOf(side).map((name) => `${side}.${name}`)));
  return [...names.flat(), ...given.filter((name) => name === 'weights')];
}

function parametersIn(value: unknown, side: string, kind: Parameters<typeof inWords>[0]): object {
  if (isObject(value)) return value;
  const detail = `expected an object with the parameters of ${kind} distributions, ${inWords(kind)}, got ${describeValue(value)}`;
  throw refuse('INVALID_VALUE', `#/${side}`, detail);
}

/** The JSON of a tensor, by a name of `tensorNamesIn`. */
export function jsonOfTensor(tensors: Readonly<Partial<Record<TensorName, unknown>>>, name: TensorName | ParameterTensor): unknown {
  const field = fieldOf(name);
  return field === name ? tensors[field] : (tensors[field] as Readonly<Record<string, unknown>>)[name.slice(field.length + 1)];
}

/** The field of a request that a tensor stands in: `input` for `input.loc`. */
export function fieldOf(name: TensorName | ParameterTensor): TensorName {
  const end = name.indexOf('.');
  return (end === -1 ? name : name.slice(0, end)) as TensorName;
}
