import { faultList } from '../../errors/fault-list.ts';
import { type Fault, RequestError, refuse, reportedFaults } from '../../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../../errors/wording.ts';
import { float64s } from '../../memory/small-arrays.ts';
import { checkNumbers, type Domain, readElements } from '../../tensor/domain.ts';
import { checkElementCount, readShape } from '../../tensor/shape.ts';
import { type Numbers, type Tensor, unravel } from '../../tensor/tensor.ts';
import { decodeBase64 } from './decode-base64.ts';
import { decodeNested } from './decode-nested.ts';

/** How a tensor came, and so how tensors of the answer go back. */
export type TensorForm = 'nested' | 'flat' | 'base64';

/**
 * Numbers that were read straight from bytes are in their domain already, `isChecked`, or leave a `check` to whoever can tell faster that
 * they are: it throws the faults of the elements.
 */
export type DecodedTensor = Tensor<Numbers> & { readonly form: TensorForm; readonly isChecked?: boolean; readonly check?: () => void };

/**
 * Reads a tensor from parsed JSON: nested lists, `{shape, data}` or `{shape, dtype, base64}`. Numbers that were read straight from bytes
 * stand as a Float64Array where JSON has a list, or as a `DecodedTensor`, and are left to be checked.
 * Every element is checked against `domain`, once; `pointer` is where the tensor stands in the request.
 * @throws RequestError with the faults of this tensor, each pointing at its element
 */
export function decodeTensor(value: unknown, pointer: string, domain: Domain, maxElements: number): DecodedTensor {
  if (Array.isArray(value)) return { form: 'nested', ...decodeNested(value, pointer, domain, maxElements) };
  if (isDecoded(value)) {
    checkElementCount(value.shape, maxElements, pointer);
    return checkedLater(value, pointer, domain);
  }
  if (typeof value === 'object' && value !== null) return decodeObject(value as Record<string, unknown>, pointer, domain, maxElements);
  if (typeof value === 'number')
    throw refuse('SCALAR_TENSOR', pointer, 'a single number is a scalar: a distribution needs an axis to lie along');
  throw refuse(
    'INVALID_VALUE',
    pointer,
    `expected nested lists of numbers, {"shape", "data"} or {"shape", "dtype", "base64"}, got ${describeValue(value)}`,
  );
}

/** No JSON value is one: JSON has no typed arrays. */
function isDecoded(value: unknown): value is DecodedTensor {
  return typeof value === 'object' && value !== null && 'form' in value && 'data' in value && ArrayBuffer.isView(value.data);
}

function checkedLater(tensor: DecodedTensor, pointer: string, domain: Domain): DecodedTensor {
  const { shape, data, isChecked } = tensor;
  if (isChecked) return tensor;
  const check = () => {
    const faults = faultList();
    checkNumbers(data, domain, faults, pointer, (position) => `[${unravel(position, shape).join(', ')}]`);
    faults.throwIfAny();
  };
  return { ...tensor, check };
}

const members = ['shape', 'data', 'dtype', 'base64'];

function decodeObject(value: Record<string, unknown>, pointer: string, domain: Domain, maxElements: number): DecodedTensor {
  const unknown = Object.keys(value).filter((key) => !members.includes(key));
  if (unknown.length > 0)
    throw new RequestError(
      unknown.slice(0, reportedFaults).map((key) => unknownMember(key, pointer)),
      unknown.length,
    );
  if (Object.hasOwn(value, 'data') === Object.hasOwn(value, 'base64')) {
    throw refuse('INVALID_VALUE', pointer, 'a tensor that is an object holds shape and either data or base64');
  }
  const shape = readShape(value.shape, appendPointer(pointer, 'shape'));
  const count = checkElementCount(shape, maxElements, appendPointer(pointer, 'shape'));
  if (Object.hasOwn(value, 'base64')) {
    return {
      form: 'base64',
      shape,
      data: decodeBase64(value.base64, Object.hasOwn(value, 'dtype') ? value.dtype : 'float64', shape, pointer, domain),
    };
  }
  if (Object.hasOwn(value, 'dtype')) {
    throw refuse(
      'INVALID_VALUE',
      appendPointer(pointer, 'dtype'),
      'dtype says how base64 bytes are read; the numbers of data are float64 already',
    );
  }
  return { form: 'flat', shape, data: decodeFlat(value.data, shape, count, appendPointer(pointer, 'data'), domain) };
}

function decodeFlat(value: unknown, shape: readonly number[], count: number, pointer: string, domain: Domain): Float64Array {
  if (!Array.isArray(value) && !(value instanceof Float64Array)) {
    throw refuse('INVALID_VALUE', pointer, `expected a flat list of numbers, got ${describeValue(value)}`);
  }
  if (value.length !== count) {
    throw refuse('DATA_LENGTH_MISMATCH', pointer, `shape [${shape.join(', ')}] means ${count} numbers, data has ${value.length}`);
  }
  // what was read straight from bytes has been checked
  if (value instanceof Float64Array) return value;
  const data = float64s(count);
  const faults = faultList();
  readElements(value, data, 0, domain, faults, (position) => appendPointer(pointer, position));
  faults.throwIfAny();
  return data;
}

function unknownMember(key: string, pointer: string): Fault {
  const detail = `a tensor has no ${quote(key)}: its members are shape and data, or shape, dtype and base64`;
  return { pointer: appendPointer(pointer, key), code: 'UNKNOWN_FIELD', detail };
}
