import type { Axes } from '../../tensor/axes.ts';
import type { Numbers } from '../../tensor/tensor.ts';
import type { SideName } from '../comparison.ts';
import type { ParameterName } from './parameters.ts';

/** The numbers of one parameter: one value for each distribution, or a single one for all. A value is a number, a vector or a matrix. */
export type Parameter = { readonly data: Numbers; readonly isShared: boolean };

/** One side of a comparison of parametric distributions: the parameters that are given. */
export type Side = { readonly name: SideName; readonly parameters: Readonly<Partial<Record<ParameterName, Parameter>>> };

/** How the distributions of both sides lie, and what is called now and then, which may throw to cancel. */
type Layout = { readonly axes: Axes; readonly check: () => void };

/** Makes the function that returns KL(P ‖ Q) of a distribution in nats. It may throw RequestError. */
export type Joint = (p: Side, q: Side, layout: Layout) => (distribution: number) => number;

/** A parameter that must be there: the reader has seen to it. */
export function parameterOf({ name, parameters }: Side, parameter: ParameterName): Parameter {
  return parameters[parameter] ?? raise(`${name} has no ${parameter}`);
}

function raise(message: string): never {
  throw new Error(message);
}

/**
 * KL(P ‖ Q) in nats at an element, of distributions whose parameters are in their domains. No summand is negative, so none loses digits.
 */
export type Term = (p: Columns, q: Columns) => (element: number) => number;

/**
 * Makes the function that adds up the terms of a distribution: of the elements at `offsets` from `start` on. Undefined where it has no
 * better way.
 */
export type Sum = (p: Columns, q: Columns) => ((start: number, offsets: Uint32Array, scratch: Float64Array) => number) | undefined;

/** The numbers of a parameter: that of element i is `data[i · step]`. */
export type Column = { readonly data: Numbers; readonly step: 0 | 1 };

/** The parameters of one side that are given. */
export type Columns = Readonly<Record<ParameterName, Column>>;

export function columnsOf({ parameters }: Side): Columns {
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, columnOf(parameter)])) as Columns;
}

export function columnOf({ data, isShared }: Parameter): Column {
  return { data, step: isShared ? 0 : 1 };
}

export function valueAt({ data, step }: Column, element: number): number {
  return data[element * step];
}

export function has(columns: Columns, name: ParameterName): boolean {
  return Object.hasOwn(columns, name);
}
