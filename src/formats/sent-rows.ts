import type { CodedNames } from '../core/outcomes/name-table.ts';
import { faultList } from '../errors/fault-list.ts';
import { refuse } from '../errors/request-error.ts';
import { appendPointer, describeValue } from '../errors/wording.ts';
import type { ScannedTensor } from '../kernels/number-scanner.ts';
import { uint32s } from '../memory/small-arrays.ts';
import { maxRank } from '../tensor/shape.ts';
import { elementCount, sameShape, unravel } from '../tensor/tensor.ts';

/** Numbers, or names, that were read straight from the bytes, and the lengths of their rows where these differ. */
export type ScannedNumbers = Pick<ScannedTensor, 'tensor' | 'lengths' | 'areIntegers'> & {
  /** Of a list of names, which has no numbers. */
  readonly names?: CodedNames;
};

/** Rows of a member: their lists, or the numbers that were scanned. */
export type SentRows = { readonly shape: readonly number[]; readonly starts: Uint32Array } & (
  | { readonly lists: readonly (readonly unknown[])[]; readonly numbers?: never; readonly areIntegers?: never; readonly names?: never }
  | { readonly numbers: Float64Array; readonly areIntegers: boolean; readonly names?: CodedNames | undefined; readonly lists?: never }
);

/** Returns the rows of a member. @throws RequestError INVALID_VALUE, RAGGED_TENSOR, DEPTH_LIMIT */
export function rowsOf(value: unknown, pointer: string, scanned: ScannedNumbers | undefined): SentRows {
  if (scanned?.lengths !== undefined) {
    const { lengths } = scanned;
    return {
      shape: [lengths.length],
      starts: startsOf(lengths.length, (d) => lengths[d]),
      numbers: scanned.tensor.data,
      areIntegers: scanned.areIntegers,
      names: scanned.names,
    };
  }
  if (scanned !== undefined) {
    const { tensor } = scanned;
    const shape = tensor.shape.slice(0, -1);
    const size = tensor.shape[tensor.shape.length - 1];
    return {
      shape,
      starts: startsOf(elementCount(shape), () => size),
      numbers: tensor.data,
      areIntegers: scanned.areIntegers,
      names: scanned.names,
    };
  }
  if (!Array.isArray(value)) throw refuse('INVALID_VALUE', pointer, `expected a list, or a list of lists, got ${describeValue(value)}`);
  const shape: number[] = [];
  let lists: readonly unknown[][] = [value];
  while (lists.length > 0 && Array.isArray(lists[0][0])) {
    if (shape.length === maxRank - 1) throw refuse('DEPTH_LIMIT', pointer, `lists are nested deeper than ${maxRank}`);
    const size = lists[0].length;
    for (const [d, list] of lists.entries()) {
      const odd = list.length === size ? list.findIndex((entry) => !Array.isArray(entry)) : undefined;
      if (odd === -1) continue;
      const index = [...unravel(d, shape), ...(odd === undefined ? [] : [odd])];
      const what = odd === undefined ? `a list of ${size}, like the first at this depth` : 'a list, like the first at this depth';
      const detail = `expected ${what}, got ${describeValue(odd === undefined ? list : list[odd])}`;
      throw refuse('RAGGED_TENSOR', index.reduce<string>(appendPointer, pointer), detail);
    }
    shape.push(size);
    lists = lists.flat() as unknown[][];
  }
  const rows = lists;
  return { shape, starts: startsOf(rows.length, (d) => rows[d].length), lists: rows };
}

function startsOf(count: number, lengthOf: (d: number) => number): Uint32Array {
  const starts = uint32s(count + 1);
  for (let d = 0; d < count; d++) starts[d + 1] = starts[d] + lengthOf(d);
  return starts;
}

/** @throws RequestError DATA_LENGTH_MISMATCH */
export function checkLengths(outcomes: SentRows, values: SentRows, pointer: string): void {
  if (!sameShape(outcomes.shape, values.shape)) {
    const inWords = ({ shape }: SentRows) => (shape.length === 0 ? 'one list' : `lists of shape [${shape.join(', ')}]`);
    const detail = `values has ${inWords(values)}, outcomes ${inWords(outcomes)}: send a number for each outcome`;
    throw refuse('DATA_LENGTH_MISMATCH', `${pointer}/values`, detail);
  }
  const faults = faultList();
  for (let d = 0; d < outcomes.starts.length - 1; d++) {
    const listed = outcomes.starts[d + 1] - outcomes.starts[d];
    const numbers = values.starts[d + 1] - values.starts[d];
    if (listed === numbers) continue;
    const where = unravel(d, outcomes.shape).reduce<string>(appendPointer, `${pointer}/values`);
    faults.add(() => ({
      pointer: where,
      code: 'DATA_LENGTH_MISMATCH',
      detail: `${counted(listed, 'outcome')} and ${counted(numbers, 'value')}: send a number for each outcome`,
    }));
  }
  faults.throwIfAny();
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
