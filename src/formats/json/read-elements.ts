import type { Fault } from '../../errors/request-error.ts';
import { describeValue } from '../../errors/wording.ts';
import { admitsMinusInfinity, type Domain, expecting, numberFault } from '../../tensor/domain.ts';
import type { TensorFaults } from '../../tensor/unread.ts';

/** The numbers that JSON has no literals for, by the strings that stand for them. */
const spellings = new Map<unknown, number>(
  [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => [String(value), value]),
);

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
    } else if (value === '-Infinity' && admitsMinusInfinity(domain)) {
      into[offset + position] = Number.NEGATIVE_INFINITY;
    } else if (domain.hasMissing && (value === null || value === 'NaN')) {
      into[offset + position] = Number.NaN;
    } else if (domain.hasFlags && typeof value === 'boolean') {
      into[offset + position] = Number(value);
    } else {
      faults.addElement(offset + position, faultAt(position, value, domain, pointer));
    }
  }
}

/** Apart from the loop that adds it: what a closure in a loop sees is allocated in each round, whether there is a fault or not. */
function faultAt(position: number, value: unknown, domain: Domain, pointer: (position: number) => string): () => Fault {
  return () => elementFault(value, domain, pointer(position));
}

/** What to do about a typed array, which JSON.stringify writes as an object of indices. */
export const typedArrayAdvice = 'this is a typed array that JSON.stringify wrote as an object: send Array.from(x), or the bytes as base64';

/** What to do about objects among the elements, as APIs of models list their top log-probabilities. */
const namedOutcomesAdvice = 'outcomes with names or ids are two lists, {"outcomes": ["a", …], "values": [-0.1, …]}';

/** Whether an object is a typed array that JSON.stringify wrote. */
export function isTypedArray(value: object): boolean {
  return Object.hasOwn(value, '0');
}

function elementFault(value: unknown, domain: Domain, pointer: string): Fault {
  if (typeof value === 'number') return Number.isFinite(value) ? numberFault(value, domain, pointer) : beyondFloat64(domain, pointer);
  const spelled = spellings.get(value);
  if (spelled !== undefined) return numberFault(spelled, domain, pointer);
  if (Array.isArray(value)) {
    return { pointer, code: 'RAGGED_TENSOR', detail: `expected a number, as at the start of the tensor, got ${describeValue(value)}` };
  }
  const got = describeValue(value);
  return expecting({ pointer, code: 'NOT_A_NUMBER', detail: `expected a number, got ${got}${hint(value)}` }, domain, got);
}

/** JSON.parse reads a number as infinite that is too large for float64. */
function beyondFloat64(domain: Domain, pointer: string): Fault {
  const detail = `the number is beyond float64, whose largest is 1.8e308${admitsMinusInfinity(domain) ? '; a mass of 0 is the string "-Infinity"' : ''}`;
  return expecting({ pointer, code: 'NUMBER_OVERFLOW', detail }, domain, 'a number beyond float64');
}

function hint(value: unknown): string {
  if (value === null) {
    return '. Serialisers write NaN and infinities as null: find where it arose, send a mass of 0 in logits and log_probs as "-Infinity", or give the distribution the weight 0';
  }
  if (typeof value === 'boolean') return '. Flags are weights; one-hot rows are 1 and 0';
  if (typeof value === 'object') return `: ${isTypedArray(value) ? typedArrayAdvice : namedOutcomesAdvice}`;
  if (typeof value !== 'string') return '';
  if (/^-(inf|infinity)$/i.test(value)) return '. A mass of 0 in logits and log_probs is the string "-Infinity"';
  if (/^\+?(inf|infinity)$/i.test(value)) return '. No element may be infinite: find where it overflowed';
  if (/^[+-]?nan$/i.test(value)) return '. No divergence follows from NaN: find where it arose';
  if (value.trim() !== '' && value.length <= 40 && Number.isFinite(Number(value))) return '. Send the number without quotes';
  return '';
}
