import { type ParameterTensor, parameterTensors } from '../../core/closed-forms/parameters.ts';
import { type SideName, sideNames, type TensorName, tensorNames } from '../../core/comparison.ts';
import { refuse } from '../../errors/request-error.ts';
import type { ScannedTensor } from '../../kernels/number-scanner.ts';
import type { Datatype, InferenceRequest } from '../../schema/inference/request.ts';
import { areParametric, type Options } from '../../schema/parse-request.ts';
import { checkTensor } from '../../tensor/domain.ts';
import { type Dtype, dtypes, tensorOfBytes } from '../../tensor/dtypes.ts';
import { checkElementCount, readShape } from '../../tensor/shape.ts';
import { unravel } from '../../tensor/tensor.ts';
import type { DecodedTensor, DivergenceRequest } from '../divergence-request.ts';
import { decodeTensor } from '../json/decode-tensor.ts';
import type { ScannedTensors } from '../json/extract-tensors.ts';
import type { ReadTensor } from '../operands.ts';
import { rowsOfTensor, sampleDomain, unreadIn } from '../sample-rows.ts';
import type { ReadSamples } from '../samples.ts';
import type { TensorRules } from '../tensor-rules.ts';
import { admits, withTensors } from '../with-tensors.ts';

type Input = InferenceRequest['inputs'][number];

/** Tensor data outside of the parsed JSON: the bytes after it, and the scanned numbers by the index of their input. */
type Held = { readonly binary: Uint8Array; readonly numbers: ScannedTensors };

/** The dtype of each datatype in bytes, and for integers the range of numbers in JSON. */
const formats = {
  FP64: { dtype: 'float64' },
  FP32: { dtype: 'float32' },
  FP16: { dtype: 'float16' },
  BF16: { dtype: 'bfloat16' },
  BOOL: { dtype: 'bool', range: [0, 1] },
  INT8: { dtype: 'int8', range: [-(2 ** 7), 2 ** 7 - 1] },
  INT16: { dtype: 'int16', range: [-(2 ** 15), 2 ** 15 - 1] },
  INT32: { dtype: 'int32', range: [-(2 ** 31), 2 ** 31 - 1] },
  INT64: { dtype: 'int64', range: [-(2 ** 63), 2 ** 63] },
  UINT8: { dtype: 'uint8', range: [0, 2 ** 8 - 1] },
  UINT16: { dtype: 'uint16', range: [0, 2 ** 16 - 1] },
  UINT32: { dtype: 'uint32', range: [0, 2 ** 32 - 1] },
  UINT64: { dtype: 'uint64', range: [0, 2 ** 64] },
} as const satisfies Record<Datatype, { dtype: Dtype; range?: readonly [number, number] }>;

/**
 * Reads the tensors of an inference request. If both are invalid, the error has the faults of both.
 * @throws RequestError INVALID_VALUE, INVALID_BINARY_TENSORS, DATA_LENGTH_MISMATCH, SHAPE_MISMATCH, or the faults of shapes and elements
 */
export function withInferenceTensors(
  { inputs }: InferenceRequest,
  { binary, numbers }: Held,
  options: Options,
  maxElements: number,
): DivergenceRequest {
  const indices = indicesOf(inputs, options);
  const bytes = bytesOf(inputs, binary);
  const read: ReadTensor = (name, rules) => {
    const index = indices.get(name) as number;
    return readTensor(inputs[index], `#/inputs/${index}`, { bytes: bytes[index], scanned: numbers.get(index) }, rules);
  };
  const samples: ReadSamples = (name, rules) => {
    const domain = { domain: sampleDomain(rules.hasMissing, ofCategories), unread: unreadIn(rules) };
    const tensor = read(name, { ...domain, maxElements }) as DecodedTensor;
    const pointer = `#/inputs/${indices.get(name)}`;
    // what came as bytes has not been checked
    checkTensor(tensor, domain, pointer);
    return rowsOfTensor(tensor, pointer);
  };
  const targetPointer = `#/inputs/${indices.get('target')}`;
  return withTensors(options, { given: [...indices.keys()], read: { tensor: read, samples }, maxElements, targetPointer });
}

/** The protocol has text as BYTES, which no model takes. */
const ofCategories = 'categories, which are text, are read by POST /v1/kl-divergence';

/** Whether all scanned numbers are in the domain of their kind. */
export function canTakeScanned({ inputs }: InferenceRequest, numbers: Held['numbers'], options: Options): boolean {
  return inputs.every(({ name }, index) => {
    const scanned = numbers.get(index);
    return scanned === undefined || admits(name, options, scanned.lowest, scanned.highest);
  });
}

/** Returns the tensors in bytes after the JSON, whose elements have not been checked. */
export function binaryInputs({ inputs }: InferenceRequest): SideName[] {
  return sideNames.filter((name) => inputs.some((input) => input.name === name && input.parameters?.binary_data_size !== undefined));
}

/**
 * Returns the index of each input that is there.
 * @throws RequestError INVALID_VALUE for one that is missing, in the list twice, or of another kind
 */
function indicesOf(inputs: readonly Input[], options: Options): ReadonlyMap<TensorName | ParameterTensor, number> {
  const indices = new Map<TensorName | ParameterTensor, number>();
  const names = areParametric(options) ? ([...parameterTensors, 'weights'] as const) : tensorNames;
  const stray = inputs.findIndex(({ name }) => !(names as readonly string[]).includes(name));
  if (stray !== -1) throw refuse('INVALID_VALUE', `#/inputs/${stray}/name`, strayInput(inputs[stray].name, options));
  for (const name of names) {
    const [first, second] = inputs.keys().filter((index) => inputs[index].name === name);
    if (second !== undefined) throw refuse('INVALID_VALUE', `#/inputs/${second}/name`, `the input ${name} is in the list already`);
    if (first !== undefined) indices.set(name, first);
    else if (isSide(name)) throw refuse('INVALID_VALUE', '#/inputs', `expected the inputs input and target; there is none named ${name}`);
  }
  return indices;
}

function strayInput(name: string, options: Options): string {
  const kind = `input_kind is ${options.input_kind}`;
  return areParametric(options)
    ? `${kind}, whose parameters are inputs of their own, such as input.loc: there is no input ${name}`
    : `${kind}, so the inputs are input and target: send the kind that ${name} is a parameter of, or the tensors`;
}

function isSide(name: string): name is SideName {
  return (sideNames as readonly string[]).includes(name);
}

/** Returns the bytes of each input that has some: in the order of the inputs, without gaps, to the end of the body. */
function bytesOf(inputs: readonly Input[], binary: Uint8Array): (Uint8Array | undefined)[] {
  const sizes = inputs.map(({ parameters }) => parameters?.binary_data_size);
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  if (total !== binary.length) {
    const detail = `binary_data_size of the inputs adds up to ${total} bytes, but ${binary.length} follow the JSON`;
    throw refuse('INVALID_BINARY_TENSORS', '#', detail);
  }
  let end = 0;
  return sizes.map((size) => {
    if (size === undefined) return undefined;
    end += size;
    return binary.subarray(end - size, end);
  });
}

/** The data of one input outside of the parsed JSON. */
type InputData = { readonly bytes: Uint8Array | undefined; readonly scanned: ScannedTensor | undefined };

function readTensor(input: Input, pointer: string, { bytes, scanned }: InputData, rules: TensorRules): DecodedTensor {
  if (Object.hasOwn(input.parameters ?? {}, 'shared_memory_region')) {
    const detail = 'this service cannot read the memory of its callers: send the tensor as data, or as binary data';
    throw refuse('INVALID_VALUE', `${pointer}/parameters/shared_memory_region`, detail);
  }
  if (input.datatype === 'BOOL' && input.name !== 'weights')
    throw refuse('INVALID_VALUE', `${pointer}/datatype`, `only weights may be of BOOL: expected the numbers of ${input.name}`);
  const shape = readShape(input.shape, `${pointer}/shape`, rules.allowsScalar);
  const count = checkElementCount(shape, rules.maxElements, `${pointer}/shape`);
  if ((bytes === undefined) === (input.data === undefined)) {
    throw refuse(
      'INVALID_VALUE',
      pointer,
      'expected the numbers either in data, or as bytes after the JSON with binary_data_size in parameters',
    );
  }
  if (bytes === undefined) return readData(input, shape, pointer, scanned, rules);
  const { dtype } = formats[input.datatype];
  const expected = count * dtypes[dtype].size;
  if (bytes.length !== expected) {
    const detail = `shape [${shape.join(', ')}] of ${input.datatype} means ${expected} bytes, binary_data_size is ${bytes.length}`;
    throw refuse('DATA_LENGTH_MISMATCH', `${pointer}/parameters/binary_data_size`, detail);
  }
  return tensorOfBytes(dtype, bytes, { form: 'flat' as const, shape });
}

/**
 * Reads numbers in JSON, flat or nested. Numbers of floating-point datatypes stay float64: rounding them to the datatype would only lose
 * digits.
 */
function readData(
  { data, datatype }: Input,
  shape: number[],
  pointer: string,
  scanned: ScannedTensor | undefined,
  rules: TensorRules,
): DecodedTensor {
  const tensor = decodeTensor({ shape, data }, pointer, rules, scanned?.tensor);
  const format = formats[datatype];
  if (!('range' in format)) return tensor;
  const [lowest, highest] = format.range;
  const odd = tensor.data.findIndex((value) => !(Number.isInteger(value) && value >= lowest && value <= highest));
  if (odd !== -1) {
    const isNested = scanned === undefined ? Array.isArray((data as unknown[])[0]) : scanned.tensor.shape.length > 1;
    const place = isNested ? unravel(odd, shape).join('/') : odd;
    throw refuse('INVALID_VALUE', `${pointer}/data/${place}`, `expected a value of ${datatype}, got ${tensor.data[odd]}`);
  }
  return { ...tensor, isInteger: true };
}
