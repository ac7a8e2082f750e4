import { refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue } from '../../errors/wording.ts';
import type { ScannedTensor } from '../../kernels/number-scanner.ts';
import { float64s, uint32s } from '../../memory/small-arrays.ts';
import { type TensorFaults, tensorFaults } from '../../tensor/unread.ts';
import { observed, rowsOfTensor, type SampleRows, type SampleRules, sampleDomain, unreadIn } from '../sample-rows.ts';
import { decodeTensor } from './decode-tensor.ts';
import { readElements } from './read-elements.ts';

/**
 * Reads samples from parsed JSON: a list of numbers or of text, a list of such rows, whose lengths may differ, or a tensor in another form.
 * `pointer` is where they stand in the request.
 * @param scanned the numbers, where they were read straight from the bytes and checked; an empty list stands in their place
 * @throws RequestError with the faults of this side, each pointing at its element
 */
export function decodeSamples(value: unknown, pointer: string, rules: SampleRules, scanned?: ScannedTensor): SampleRows {
  if (Array.isArray(value) && scanned === undefined) return { form: 'nested', ...decodeLists(value, pointer, rules) };
  if (scanned?.lengths !== undefined) return { form: 'nested', isSingle: false, ...observed(scanned.tensor.data, scanned.lengths) };
  const domain = sampleDomain(rules.hasMissing);
  const tensor = decodeTensor(value, pointer, { domain, unread: unreadIn(rules), maxElements: rules.maxElements }, scanned?.tensor);
  return rowsOfTensor(tensor, pointer);
}

function decodeLists(value: readonly unknown[], pointer: string, rules: SampleRules): Omit<SampleRows, 'form'> {
  const isSingle = !Array.isArray(value[0]);
  const lists = isSingle ? [value] : value;
  const where = (row: number) => (isSingle ? pointer : appendPointer(pointer, row));
  const count = lists.reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0);
  if (count > rules.maxElements) {
    throw refuse('TOO_MANY_ELEMENTS', pointer, `${count} observations; the limit here is ${rules.maxElements} on each side`);
  }
  const first = lists.flatMap((list) => (Array.isArray(list) ? [list.find(tellsWhich)] : [])).find(tellsWhich);
  const areTexts = typeof first === 'string';
  const faults = tensorFaults([], undefined);
  const texts: string[] = [];
  const numbers = areTexts ? new Float64Array() : float64s(count);
  const lengths = uint32s(lists.length);
  const missing = uint32s(lists.length);
  let used = 0;
  for (const [row, list] of lists.entries()) {
    if (rules.isUnread(row)) continue;
    if (!Array.isArray(list)) {
      const detail = `expected a row of observations, a list like the first, got ${describeValue(list)}`;
      faults.add(() => ({ pointer: where(row), code: 'RAGGED_TENSOR', detail }));
    } else if (list.length === 0) {
      faults.add(() => ({ pointer: where(row), code: 'EMPTY_TENSOR', detail: 'an empty list: expected at least one observation' }));
    } else if (areTexts) {
      const before = texts.length;
      readTexts(list, where(row), rules, faults, texts);
      lengths[row] = texts.length - before;
      missing[row] = list.length - lengths[row];
    } else {
      readElements(list, numbers, used, sampleDomain(rules.hasMissing), faults, (position) => appendPointer(where(row), position));
      lengths[row] = list.length;
      used += list.length;
    }
  }
  faults.throwIfAny();
  return { isSingle, ...(areTexts ? { values: texts, lengths, missing } : observed(numbers.subarray(0, used), lengths)) };
}

/** Whether it was observed, and tells what the others are: null and NaN are missing in lists of either kind. */
function isThere(entry: unknown): boolean {
  return entry !== null && entry !== undefined && entry !== 'NaN';
}

/** Whether it tells numbers from text: "Infinity" may be either. */
function tellsWhich(entry: unknown): boolean {
  return isThere(entry) && entry !== 'Infinity' && entry !== '-Infinity';
}

/** Adds the texts of a row. */
function readTexts(list: readonly unknown[], pointer: string, { hasMissing }: SampleRules, faults: TensorFaults, into: string[]): void {
  for (const [position, entry] of list.entries()) {
    if (typeof entry === 'string' && isThere(entry)) {
      into.push(entry);
      continue;
    }
    if (hasMissing && !isThere(entry)) continue;
    const advice = hasMissing ? '' : '. "missing": "category" makes an outcome of null and NaN';
    const detail = `expected a category, text like the first${hasMissing ? ', or null' : ''}, got ${isThere(entry) ? describeValue(entry) : entry}${advice}`;
    faults.add(() => ({ pointer: appendPointer(pointer, position), code: 'INVALID_VALUE', detail }));
  }
}
