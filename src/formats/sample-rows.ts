import { refuse } from '../errors/request-error.ts';
import type { Domain, ElementRules } from '../tensor/domain.ts';
import type { Numbers, Tensor } from '../tensor/tensor.ts';
import type { TensorForm } from './divergence-request.ts';

/** One row of observations of one side, without those that were missing. Numbers, or text. */
export type SampleRow = { readonly missing: number } & (
  | { readonly numbers: Numbers; readonly texts?: never }
  | { readonly texts: readonly string[]; readonly numbers?: never }
);

/** One side of samples as it was sent: its rows, or its only one. */
export type SampleRows = { readonly form: TensorForm; readonly isSingle: boolean; readonly rows: readonly SampleRow[] };

/** How samples are read. Rows of weight 0 are not. */
export type SampleRules = { readonly hasMissing: boolean; readonly maxElements: number; readonly isUnread: (row: number) => boolean };

/** Sums of 2^23 numbers up to this stay inside float64. */
const largest = 1e270;

/** The numbers that may have been observed. @param categories what to do with text */
export function sampleDomain(hasMissing: boolean, categories = 'categories are text'): Domain {
  const expected = `an observation, a finite number${hasMissing ? ' or null' : ''}`;
  const advice = `. Numbers are at most 1e270, ${categories}${hasMissing ? '' : ', and "missing": "category" makes an outcome of null and NaN'}`;
  return { lowest: -largest, highest: largest, finiteOnly: true, hasMissing, expected, advice };
}

/** Returns the rows of a tensor of samples, whose elements have been checked. @throws RequestError INVALID_VALUE for more than two axes */
export function rowsOfTensor(
  { shape, data, form }: Tensor<Numbers> & { readonly form: TensorForm },
  pointer: string,
  { isUnread }: Pick<SampleRules, 'isUnread'>,
): SampleRows {
  if (shape.length > 2) {
    const detail = `samples are a list of observations, or a list of such rows: shape [${shape.join(', ')}] has ${shape.length} axes`;
    throw refuse('INVALID_VALUE', pointer, detail);
  }
  const size = shape[shape.length - 1];
  const count = data.length / size;
  const rows = Array.from({ length: count }, (_, row) =>
    isUnread(row) ? emptyRow : observed(data.subarray(row * size, (row + 1) * size)),
  );
  return { form, isSingle: shape.length === 1, rows };
}

/** The elements of rows that are not read, for a tensor of samples. */
export function unreadIn({ isUnread }: Pick<SampleRules, 'isUnread'>): ElementRules['unread'] {
  return (shape) => {
    const size = shape[shape.length - 1];
    return (element) => isUnread(Math.floor(element / size));
  };
}

export const emptyRow: SampleRow = { numbers: new Float64Array(), missing: 0 };

/** A row of numbers, of which NaN is missing. */
export function observed(numbers: Numbers): SampleRow {
  const there = numbers.includes(Number.NaN) ? numbers.filter((x) => !Number.isNaN(x)) : numbers;
  return { numbers: there, missing: numbers.length - there.length };
}
