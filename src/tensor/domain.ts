import { faultList } from '../errors/fault-list.ts';
import type { Fault } from '../errors/request-error.ts';
import { type Numbers, type Tensor, unravel } from './tensor.ts';

/**
 * The numbers that a kind admits: finite ones from `lowest` to `highest`, and -Infinity where `lowest` is negative.
 * `highest` keeps sums over millions of elements inside float64.
 */
export type Domain = { readonly lowest: number; readonly highest: number };

/** Whether all numbers from one to another are of a domain; -Infinity is where negative numbers are. */
export function covers(domain: Domain, lowest: number, highest: number): boolean {
  return lowest >= floorOf(domain) && highest <= domain.highest;
}

function floorOf({ lowest }: Domain): number {
  return lowest < 0 ? Number.NEGATIVE_INFINITY : lowest;
}

/**
 * Checks every element of a tensor. `pointer` is where its numbers stand.
 * @throws RequestError with the faults of its elements, which the details name by their index
 */
export function checkTensor({ shape, data }: Tensor<Numbers>, domain: Domain, pointer: string): void {
  const { highest } = domain;
  const lowest = floorOf(domain);
  const faults = faultList();
  for (let position = 0; position < data.length; position++) {
    const value = data[position];
    if (!(value >= lowest && value <= highest)) {
      faults.add(() => {
        const fault = numberFault(value, domain, pointer);
        return { ...fault, detail: `element [${unravel(position, shape).join(', ')}]: ${fault.detail}` };
      });
    }
  }
  faults.throwIfAny();
}

/** Returns the fault of a number that is out of its domain. */
export function numberFault(value: number, { lowest, highest }: Domain, pointer: string): Fault {
  if (Number.isNaN(value)) {
    return { pointer, code: 'NAN_ELEMENT', detail: 'NaN has no place in a divergence: find where it arose' };
  }
  if (value === Number.POSITIVE_INFINITY) {
    return { pointer, code: 'INFINITE_ELEMENT', detail: 'Infinity is not a logit, a log-probability, a probability or a count' };
  }
  if (value === Number.NEGATIVE_INFINITY) {
    const detail = '-Infinity is allowed in logits and log_probs only, where it is a mass of 0; a probability or count of 0 is 0';
    return { pointer, code: 'INFINITE_ELEMENT', detail };
  }
  if (value < 0 && lowest === 0) {
    const detail = `${value} is negative; a probability or count is not. Logarithms and scores are kinds of their own: log_probs, logits`;
    return { pointer, code: 'NEGATIVE_MASS', detail };
  }
  const detail = `${value} is too large: numbers up to ${highest} are accepted here, so that sums stay inside float64`;
  return { pointer, code: 'NUMBER_OVERFLOW', detail };
}
