import type { Fault } from '../errors/request-error.ts';
import { describeValue } from '../errors/wording.ts';
import { type Numbers, type Tensor, unravel } from './tensor.ts';
import { type IsUnread, type TensorFaults, tensorFaults } from './unread.ts';

/**
 * The numbers that a kind admits: finite ones from `lowest` to `highest`, and -Infinity where `lowest` is negative.
 * `highest` keeps sums over millions of elements inside float64.
 */
export type Domain = {
  readonly lowest: number;
  readonly highest: number;
  /** What a fault says was expected, where the numbers are no logits, probabilities or counts. */
  readonly expected?: string;
  /** Whether true and false are 1 and 0. */
  readonly hasFlags?: boolean;
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

function floorOf({ lowest }: Domain): number {
  return lowest < 0 ? Number.NEGATIVE_INFINITY : lowest;
}

/**
 * Copies a list of JSON elements into `into` from `offset` on, checking each once.
 * `pointer` is only called for an element that is refused.
 */
export function readElements(
  values: readonly unknown[],
  into: Float64Array,
  offset: number,
  domain: Domain,
  faults: TensorFaults,
  pointer: (position: number) => string,
): void {
  const { lowest, highest } = domain;
  for (let position = 0; position < values.length; position++) {
    const value = values[position];
    if (typeof value === 'number' && value >= lowest && value <= highest) {
      into[offset + position] = value;
    } else if (value === '-Infinity' && lowest < 0) {
      into[offset + position] = Number.NEGATIVE_INFINITY;
    } else if (domain.hasFlags && typeof value === 'boolean') {
      into[offset + position] = Number(value);
    } else {
      faults.addElement(offset + position, () => elementFault(value, domain, pointer(position)));
    }
  }
}

/**
 * Checks a tensor whose numbers came as bytes, where infinities and NaN are numbers like any other. `pointer` is where its numbers stand.
 * @throws RequestError with the faults of its elements, which the details name by their index
 */
export function checkTensor({ shape, data }: Tensor<Numbers>, { domain, unread }: ElementRules, pointer: string): void {
  const { highest } = domain;
  const lowest = floorOf(domain);
  const faults = tensorFaults(shape, unread);
  for (let position = 0; position < data.length; position++) {
    const value = data[position];
    if (!(value >= lowest && value <= highest)) {
      faults.addElement(position, () => {
        const fault = elementFault(Number.isFinite(value) ? value : String(value), domain, pointer);
        return { ...fault, detail: `element [${unravel(position, shape).join(', ')}]: ${fault.detail}` };
      });
    }
  }
  faults.throwIfAny();
}

function elementFault(value: unknown, domain: Domain, pointer: string): Fault {
  const fault = numericFault(value, domain, pointer);
  return domain.expected === undefined
    ? fault
    : { ...fault, detail: `expected ${domain.expected}, got ${isSpelled(value) ? value : describeValue(value)}` };
}

function isSpelled(value: unknown): boolean {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}

function numericFault(value: unknown, domain: Domain, pointer: string): Fault {
  if (typeof value === 'number') return numberFault(value, domain, pointer);
  if (value === 'NaN') {
    return { pointer, code: 'NAN_ELEMENT', detail: 'NaN has no place in a divergence: find where it arose' };
  }
  if (value === 'Infinity') {
    return { pointer, code: 'INFINITE_ELEMENT', detail: 'Infinity is not a logit, a log-probability, a probability or a count' };
  }
  if (value === '-Infinity') {
    return {
      pointer,
      code: 'INFINITE_ELEMENT',
      detail: '-Infinity is allowed in logits and log_probs only, where it is a mass of 0; a probability or count of 0 is 0',
    };
  }
  if (Array.isArray(value)) {
    return { pointer, code: 'RAGGED_TENSOR', detail: `expected a number, as at the start of the tensor, got ${describeValue(value)}` };
  }
  return { pointer, code: 'NOT_A_NUMBER', detail: `expected a number, got ${describeValue(value)}${hint(value)}` };
}

function numberFault(value: number, { lowest, highest }: Domain, pointer: string): Fault {
  if (value < 0 && lowest === 0 && value >= -Number.MAX_VALUE) {
    return {
      pointer,
      code: 'NEGATIVE_MASS',
      detail: `${value} is negative; a probability or count is not. Logarithms and scores are kinds of their own: log_probs, logits`,
    };
  }
  const detail = Number.isFinite(value)
    ? `${value} is too large: numbers up to ${highest} are accepted here, so that sums stay inside float64`
    : `the number is beyond float64, whose largest is 1.8e308${lowest < 0 ? '; a mass of 0 is the string "-Infinity"' : ''}`;
  return { pointer, code: 'NUMBER_OVERFLOW', detail };
}

const spellings = /^[+-]?(inf|infinity|nan)$/i;

function hint(value: unknown): string {
  if (value === null) return '. Serialisers write NaN, Infinity and -Infinity as null: send the strings "NaN", "Infinity", "-Infinity"';
  if (typeof value !== 'string') return '';
  if (spellings.test(value)) return '. The spellings are "Infinity", "-Infinity" and "NaN"';
  if (value.trim() !== '' && value.length <= 40 && Number.isFinite(Number(value))) return '. Send the number without quotes';
  return '';
}
