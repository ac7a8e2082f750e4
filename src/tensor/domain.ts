import type { ProblemCode } from '../errors/problems.ts';
import type { Fault } from '../errors/request-error.ts';
import { type Axes, offsetsIn } from './axes.ts';
import { type Numbers, type Tensor, unravel } from './tensor.ts';
import { type IsUnread, tensorFaults } from './unread.ts';

/**
 * The largest number of operands, weights and parameters: sums of 2²³ such numbers, times a log-ratio and divided by the smallest
 * logarithm of a base, stay inside float64.
 */
export const largestNumber = 1e270;

/**
 * The numbers that a kind admits: finite ones from `lowest` to `highest`, and -Infinity where `lowest` is negative, unless all are finite.
 * `highest` keeps sums over millions of elements inside float64.
 */
export type Domain = {
  readonly lowest: number;
  readonly highest: number;
  /** Under what condition `highest` holds, where it is not that of the kind. */
  readonly where?: string;
  /** What a fault says was expected, where the numbers are no logits, probabilities or counts. */
  readonly expected?: string;
  /** What a fault says beside that. */
  readonly advice?: string;
  /** Whether true and false are 1 and 0. */
  readonly hasFlags?: boolean;
  /** Whether -Infinity is no number of it, although negative ones are. */
  readonly finiteOnly?: boolean;
  /** Whether elements may be missing: NaN, and in JSON null. */
  readonly hasMissing?: boolean;
  /** The code of a finite number outside of it, where it is none of those for masses. */
  readonly outside?: ProblemCode;
  /** What is said of a number below it, and of a finite one above it. */
  readonly adviceBelow?: string;
  readonly adviceAbove?: string;
};

/** What is asked of the elements of a tensor. */
export type ElementRules = {
  readonly domain: Domain;
  /** Makes the test of elements that are not read from the shape of the tensor; absent where all are read. */
  readonly unread?: ((shape: readonly number[]) => IsUnread) | undefined;
};

/** Whether all numbers from one to another are of a domain; -Infinity is where negative numbers are. */
export function covers(domain: Domain, lowest: number, highest: number): boolean {
  return lowest >= floorOf(domain) && highest <= domain.highest;
}

function floorOf(domain: Domain): number {
  return admitsMinusInfinity(domain) ? Number.NEGATIVE_INFINITY : domain.lowest;
}

export function admitsMinusInfinity({ lowest, finiteOnly }: Domain): boolean {
  return lowest < 0 && !finiteOnly;
}

/** Distributions of a tensor, of which some are known to be in order. */
export type Unsure = { readonly axes: Axes /** 0 where a distribution is not. */; readonly trusted: Uint8Array };

/** Whether all numbers of the distributions that are not known to be in order are of a domain. */
export function coversUnsure(domain: Domain, data: Numbers, { axes, trusted }: Unsure): boolean {
  const { highest } = domain;
  const lowest = floorOf(domain);
  for (let d = 0; d < trusted.length; d++) {
    if (trusted[d] !== 0) continue;
    const start = axes.distributionOffsets[d];
    for (const step of offsetsIn(axes, d)) if (!(data[start + step] >= lowest && data[start + step] <= highest)) return false;
  }
  return true;
}

/**
 * Checks every element of a tensor, but for those that are not read. `pointer` is where its numbers stand.
 * @throws RequestError with the faults of its elements, which the details name by their index
 */
export function checkTensor({ shape, data }: Tensor<Numbers>, { domain, unread }: ElementRules, pointer: string): void {
  const { highest } = domain;
  const lowest = floorOf(domain);
  const faults = tensorFaults(shape, unread);
  for (let position = 0; position < data.length; position++) {
    const value = data[position];
    if (!(value >= lowest && value <= highest) && !(domain.hasMissing && Number.isNaN(value))) {
      faults.addElement(position, faultAt(position, shape, value, domain, pointer));
    }
  }
  faults.throwIfAny();
}

/** Apart from the loop that adds it: what a closure in a loop sees is allocated in each round, whether there is a fault or not. */
function faultAt(position: number, shape: readonly number[], value: number, domain: Domain, pointer: string): () => Fault {
  return () => {
    const fault = numberFault(value, domain, pointer);
    return { ...fault, detail: `element [${unravel(position, shape).join(', ')}]: ${fault.detail}` };
  };
}

/** Returns the fault of a number that is out of its domain. */
export function numberFault(value: number, domain: Domain, pointer: string): Fault {
  const { lowest, highest, adviceBelow, adviceAbove } = domain;
  const advice = value < lowest ? adviceBelow : value > highest && value < Number.POSITIVE_INFINITY ? adviceAbove : undefined;
  return expecting(faultOf(value, domain, pointer), domain, advice === undefined ? String(value) : `${value}. ${advice}`);
}

/** A fault that says what was expected, where its domain does. @param got what stands there, in words */
export function expecting(fault: Fault, { expected, advice = '' }: Domain, got: string): Fault {
  return expected === undefined ? fault : { ...fault, detail: `expected ${expected}, got ${got}${advice}` };
}

function faultOf(value: number, { lowest, highest, where = 'here', outside, adviceAbove }: Domain, pointer: string): Fault {
  if (outside !== undefined && Number.isFinite(value)) return { pointer, code: outside, detail: `${value} is out of its domain` };
  if (Number.isNaN(value)) {
    return {
      pointer,
      code: 'NAN_ELEMENT',
      detail: 'NaN has no place in a divergence: find where it arose, or give its distribution the weight 0',
    };
  }
  if (value === Number.POSITIVE_INFINITY) {
    return { pointer, code: 'INFINITE_ELEMENT', detail: 'Infinity is not a logit, a log-probability, a probability or a count' };
  }
  if (value === Number.NEGATIVE_INFINITY) {
    const detail = '-Infinity is allowed in logits and log_probs only, where it is a mass of 0; a probability or count of 0 is 0';
    return { pointer, code: 'INFINITE_ELEMENT', detail };
  }
  if (value < 0 && lowest === 0) {
    const advice =
      value > -1e-9
        ? 'If it is 0 but for rounding, send 0'
        : 'Logarithms, scores and observations are kinds of their own: log_probs, logits, samples';
    const detail = `${value} is negative; a probability or count is not. ${advice}`;
    return { pointer, code: 'NEGATIVE_MASS', detail };
  }
  const detail = `${value} is too large: numbers up to ${highest} are accepted ${where}, so that sums stay inside float64`;
  return { pointer, code: 'NUMBER_OVERFLOW', detail: adviceAbove === undefined ? detail : `${detail}. ${adviceAbove}` };
}
