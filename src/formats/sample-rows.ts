import { refuse } from '../errors/request-error.ts';
import { float64s, uint32s } from '../memory/small-arrays.ts';
import { type Domain, type ElementRules, largestNumber } from '../tensor/domain.ts';
import type { Numbers, Tensor } from '../tensor/tensor.ts';
import type { TensorForm } from './divergence-request.ts';

/**
 * One side of samples: the observations of its rows, one behind the other, without those that were missing. Numbers, or text. There may be
 * as many rows as observations, so a row has no object of its own.
 */
export type SampleRows = {
  readonly form: TensorForm;
  /** Whether they are one list, and not rows. */
  readonly isSingle: boolean;
  readonly values: Numbers | readonly string[];
  /** How many observations each row has, and how many were missing. */
  readonly lengths: Uint32Array;
  readonly missing: Uint32Array;
};

/** How samples are read. Rows of weight 0 are not. */
export type SampleRules = { readonly hasMissing: boolean; readonly maxElements: number; readonly isUnread: (row: number) => boolean };

/** The numbers that may have been observed. @param categories what to do with text */
export function sampleDomain(hasMissing: boolean, categories = 'categories are text'): Domain {
  const expected = `an observation, a finite number${hasMissing ? ' or null' : ''}`;
  const advice = `. Numbers are at most 1e270, ${categories}${hasMissing ? '' : ', and "missing": "category" makes an outcome of null and NaN'}`;
  return { lowest: -largestNumber, highest: largestNumber, finiteOnly: true, hasMissing, expected, advice };
}

/** Returns the rows of a tensor of samples, whose elements have been checked. @throws RequestError INVALID_VALUE for more than two axes */
export function rowsOfTensor({ shape, data, form }: Tensor<Numbers> & { readonly form: TensorForm }, pointer: string): SampleRows {
  if (shape.length > 2) {
    const detail = `samples are a list of observations, or a list of such rows: shape [${shape.join(', ')}] has ${shape.length} axes`;
    throw refuse('INVALID_VALUE', pointer, detail);
  }
  const size = shape[shape.length - 1];
  return { form, isSingle: shape.length === 1, ...observed(data, uint32s(data.length / size).fill(size)) };
}

/** The elements of rows that are not read, for a tensor of samples. */
export function unreadIn({ isUnread }: Pick<SampleRules, 'isUnread'>): ElementRules['unread'] {
  return (shape) => {
    const size = shape[shape.length - 1];
    return (element) => isUnread(Math.floor(element / size));
  };
}

/** Rows of numbers, of which NaN is missing. */
export function observed(values: Numbers, sent: Uint32Array): Pick<SampleRows, 'values' | 'lengths' | 'missing'> {
  const missing = uint32s(sent.length);
  if (!values.includes(Number.NaN)) return { values, lengths: sent, missing };
  const kept = float64s(values.length);
  let count = 0;
  let from = 0;
  for (let row = 0; row < sent.length; row++) {
    for (const end = from + sent[row]; from < end; from++) {
      if (Number.isNaN(values[from])) missing[row]++;
      else kept[count++] = values[from];
    }
  }
  const lengths = uint32s(sent.length);
  for (let row = 0; row < sent.length; row++) lengths[row] = sent[row] - missing[row];
  return { values: kept.subarray(0, count), lengths, missing };
}

/** Empties the rows that are not read. */
export function withoutUnread(side: SampleRows, { isUnread }: Pick<SampleRules, 'isUnread'>): SampleRows {
  const { values, lengths: all } = side;
  if (!all.some((_, row) => isUnread(row))) return side;
  const [lengths, missing] = [all, side.missing].map((counts) => uint32s(counts.length).map((_, row) => (isUnread(row) ? 0 : counts[row])));
  const kept: string[] | Float64Array = isText(values) ? [] : float64s(lengths.reduce((sum, length) => sum + length, 0));
  let count = 0;
  let from = 0;
  for (let row = 0; row < all.length; row++) {
    for (let k = 0; k < lengths[row]; k++) kept[count++] = values[from + k];
    from += all[row];
  }
  return { ...side, values: kept, lengths, missing };
}

export function isText(values: SampleRows['values']): values is readonly string[] {
  return Array.isArray(values);
}

/** How many observations were sent, those that were missing too. */
export function observationsIn({ values, missing }: SampleRows): number {
  return values.length + missing.reduce((sum, count) => sum + count, 0);
}
