import { isParameterName } from '../../core/closed-forms/parameters.ts';
import { refuseEach } from '../../errors/fault-list.ts';
import { type Fault, refuse } from '../../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../../errors/wording.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { checkElementCount, readShape } from '../../tensor/shape.ts';
import { elementCount, sameShape, type Tensor } from '../../tensor/tensor.ts';
import { tensorFaults } from '../../tensor/unread.ts';
import type { DecodedTensor } from '../divergence-request.ts';
import type { TensorRules } from '../tensor-rules.ts';
import { decodeBase64 } from './decode-base64.ts';
import { decodeNested } from './decode-nested.ts';
import { isTypedArray, readElements, typedArrayAdvice } from './read-elements.ts';

/**
 * Reads a tensor from parsed JSON: nested lists, `{shape, data}` or `{shape, dtype, base64}`. Every element is checked once, by `rules`;
 * `pointer` is where the tensor stands in the request.
 * @param scanned the numbers of the list, where they were read straight from the bytes and checked; an empty list stands in their place
 * @throws RequestError with the faults of this tensor, each pointing at its element
 */
export function decodeTensor(value: unknown, pointer: string, rules: TensorRules, scanned?: Tensor): DecodedTensor {
  if (Array.isArray(value)) return { form: 'nested', ...nestedTensor(value, pointer, rules, scanned) };
  if (typeof value === 'object' && value !== null) return decodeObject(value as Record<string, unknown>, pointer, rules, scanned);
  if (rules.allowsScalar) return { form: 'nested', shape: [], data: elementsOf([value], [], rules, () => pointer) };
  if (typeof value === 'number')
    throw refuse('SCALAR_TENSOR', pointer, 'a single number is a scalar: a distribution needs an axis to lie along');
  throw refuse(
    'INVALID_VALUE',
    pointer,
    `expected nested lists of numbers, {"shape", "data"} or {"shape", "dtype", "base64"}, got ${describeValue(value)}${isPrinted(value) ? ': send array.tolist(), not what it prints' : ''}`,
  );
}

/** Whether a value is the text of an array, as `str` and `json.dumps(default=str)` write it in Python. */
function isPrinted(value: unknown): boolean {
  return typeof value === 'string' && /^\s*(tensor\(|array\(|\[)/i.test(value);
}

function nestedTensor(value: readonly unknown[], pointer: string, rules: TensorRules, scanned: Tensor | undefined): Tensor {
  if (scanned === undefined) return decodeNested(value, pointer, rules);
  checkElementCount(scanned.shape, rules.maxElements, pointer);
  return scanned;
}

const members = ['shape', 'data', 'dtype', 'base64'];

function decodeObject(value: Record<string, unknown>, pointer: string, rules: TensorRules, scanned: Tensor | undefined): DecodedTensor {
  if (isTypedArray(value))
    throw refuse('INVALID_VALUE', pointer, `expected a list of numbers, got an object with the field "0": ${typedArrayAdvice}`);
  if (Object.hasOwn(value, 'values') && !Object.hasOwn(value, 'data'))
    throw refuse(
      'INVALID_VALUE',
      appendPointer(pointer, 'outcomes'),
      'values are the numbers of outcomes: expected a list of outcomes beside them, got nothing',
    );
  if (isDictionary(value)) throw refuse('INVALID_VALUE', pointer, `expected a list of numbers, got an object: ${dictionaryAdvice(value)}`);
  const unknown = Object.keys(value).filter((key) => !members.includes(key));
  refuseEach(unknown, (key) => unknownMember(key, pointer));
  if (Object.hasOwn(value, 'data') === Object.hasOwn(value, 'base64')) {
    throw refuse('INVALID_VALUE', pointer, 'a tensor that is an object holds shape and either data or base64');
  }
  const shape = readShape(value.shape, appendPointer(pointer, 'shape'), rules.allowsScalar);
  checkElementCount(shape, rules.maxElements, appendPointer(pointer, 'shape'));
  if (Object.hasOwn(value, 'base64')) {
    return {
      form: 'base64',
      shape,
      data: decodeBase64(value.base64, Object.hasOwn(value, 'dtype') ? value.dtype : 'float64', shape, pointer, rules),
    };
  }
  if (Object.hasOwn(value, 'dtype')) {
    throw refuse(
      'INVALID_VALUE',
      appendPointer(pointer, 'dtype'),
      'dtype says how base64 bytes are read; the numbers of data are float64 already',
    );
  }
  return { form: 'flat', shape, data: dataOf(value.data, shape, appendPointer(pointer, 'data'), rules, scanned) };
}

/**
 * Whether an object has a number for each of its names, none of which means anything in a tensor: outcomes as Python's dict(counter) has
 * them.
 */
function isDictionary(value: Record<string, unknown>): boolean {
  const entries = Object.entries(value);
  return (
    entries.length > 0 && entries.every(([key, number]) => typeof number === 'number' && !members.includes(key) && !isParameterName(key))
  );
}

function dictionaryAdvice(value: Record<string, unknown>): string {
  const [[name, number]] = Object.entries(value);
  return `list outcomes by name or id as {"outcomes": [${quote(name)}, …], "values": [${number}, …]}`;
}

/** Reads the numbers beside a shape: a flat list, or lists nested as the shape says. */
function dataOf(value: unknown, shape: readonly number[], pointer: string, rules: TensorRules, scanned: Tensor | undefined): Float64Array {
  if (!Array.isArray(value)) throw refuse('INVALID_VALUE', pointer, `expected a list of numbers, got ${describeValue(value)}`);
  const isNested = scanned === undefined ? Array.isArray(value[0]) : scanned.shape.length > 1;
  if (isNested) {
    const nested = nestedTensor(value, pointer, rules, scanned);
    if (sameShape(nested.shape, shape)) return nested.data;
    const detail = `data has shape [${nested.shape.join(', ')}], but shape is [${shape.join(', ')}]`;
    throw refuse('DATA_LENGTH_MISMATCH', pointer, detail);
  }
  const count = elementCount(shape);
  const { length } = scanned?.data ?? value;
  if (length !== count) {
    throw refuse('DATA_LENGTH_MISMATCH', pointer, `shape [${shape.join(', ')}] means ${count} numbers, data has ${length}`);
  }
  return scanned?.data ?? elementsOf(value, shape, rules, (position) => appendPointer(pointer, position));
}

function elementsOf(
  values: readonly unknown[],
  shape: readonly number[],
  { domain, unread }: TensorRules,
  pointer: (position: number) => string,
): Float64Array {
  const data = float64s(values.length);
  const faults = tensorFaults(shape, unread);
  readElements(values, data, 0, domain, faults, pointer);
  faults.throwIfAny();
  return data;
}

function unknownMember(key: string, pointer: string): Fault {
  const detail = isParameterName(key)
    ? `${quote(key)} is a parameter of distributions: say of which, with "input_kind" and "target_kind" such as "normal"`
    : `a tensor has no ${quote(key)}: its members are shape and data, or shape, dtype and base64`;
  return { pointer: appendPointer(pointer, key), code: 'UNKNOWN_FIELD', detail };
}
