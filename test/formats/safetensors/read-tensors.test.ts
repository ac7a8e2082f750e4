import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestError } from '../../../src/errors/request-error.ts';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import { faultPlaces, faultsOf, numbersOf } from '../../helper.ts';
import { readSafetensors } from './read-safetensors.ts';

const fixtures = new URL('../../fixtures/safetensors/', import.meta.url);
const kept = JSON.parse(readFileSync(new URL('expected.json', fixtures), 'utf8')).files;
const fixture = (name: string) => readFileSync(new URL(`${name}.safetensors`, fixtures));

const read = (bytes: Uint8Array, maxElements = 100) => readSafetensors(bytes, maxElements);
const refused = (bytes: Uint8Array, maxElements = 100) => faultPlaces(() => read(bytes, maxElements));
const detailOf = (bytes: Uint8Array) => faultsOf(() => read(bytes))[0].detail;

/** A body: the length of the header, the header as it is or as JSON, and as many bytes of data. */
function body(header: unknown, data: Uint8Array | number = 16): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([length, text, typeof data === 'number' ? Buffer.alloc(data) : data]));
}

const first = { dtype: 'F64', shape: [1], data_offsets: [0, 8] };
const second = { dtype: 'F64', shape: [1], data_offsets: [8, 16] };
const withInput = (change: Record<string, unknown>) => body({ input: { ...first, ...change }, target: second });

test('files of the reference library are read as the numbers that it wrote, in every dtype', () => {
  assert.equal(readdirSync(fixtures).filter((name) => name.endsWith('.safetensors')).length, Object.keys(kept).length);
  for (const [name, { input, target }] of Object.entries<Record<string, { shape: number[]; numbers: unknown }>>(kept)) {
    const tensors = read(fixture(name));
    assert.deepEqual([tensors.input.shape, tensors.target.shape], [input.shape, target.shape], name);
    assert.deepEqual([[...tensors.input.data], [...tensors.target.data]], [numbersOf(input.numbers), numbersOf(target.numbers)], name);
  }
});

test('a transposed NumPy array reaches this service scrambled: its writer takes no notice of strides', () => {
  const { input } = read(fixture('transposed'));
  const { meant } = kept.transposed;
  assert.deepEqual(input.shape, meant.input.shape);
  assert.notDeepEqual([...input.data], meant.input.numbers);
});

test('an aligned F64 tensor is a view of the body, an unaligned one a copy', () => {
  const aligned = read(fixture('float64')).input.data;
  assert.ok(aligned.buffer.byteLength > aligned.byteLength);
  const bytes = fixture('float64');
  for (let shift = 1; shift < 8; shift++) {
    const moved = new Uint8Array(bytes.length + shift).subarray(shift);
    moved.set(bytes);
    const { input } = read(moved);
    assert.deepEqual(input.data, aligned);
    assert.notEqual(input.data.buffer, moved.buffer);
  }
});

test('every dtype is read at any place, aligned or not, in a Buffer of a pool too', () => {
  for (const name of Object.keys(kept)) {
    const bytes = fixture(name);
    const straight = read(bytes);
    for (let shift = 1; shift < 8; shift++) {
      const moved = Buffer.from(new ArrayBuffer(bytes.length + shift), shift);
      bytes.copy(moved);
      assert.deepEqual(read(moved), straight, `${name} at ${shift}`);
    }
  }
});

test('every F16 and BF16 is the number that its bits mean', () => {
  const halves = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
  const header = {
    input: { dtype: 'F16', shape: [2 ** 16], data_offsets: [0, 2 ** 17] },
    target: { dtype: 'BF16', shape: [2 ** 16], data_offsets: [2 ** 17, 2 ** 18] },
  };
  const bytes = Buffer.from(halves.buffer);
  const { input, target } = read(body(header, Buffer.concat([bytes, bytes])), 2 ** 16);
  for (const bits of halves) {
    assert.equal(input.data[bits], meaning(bits, 5, 10), `F16 ${bits}`);
    assert.equal(target.data[bits], meaning(bits, 8, 7), `BF16 ${bits}`);
  }
});

/** The number that 16 bits mean: a sign, a biased exponent, a fraction. IEEE 754-2019, section 3.4. */
function meaning(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >>> 15 ? -1 : 1;
  const highest = 2 ** exponentBits - 1;
  const exponent = (bits >>> fractionBits) & highest;
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === highest) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const bias = 2 ** (exponentBits - 1) - 1;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

const integers: readonly (readonly [string, ArrayBufferView])[] = [
  ['U8', Uint8Array.of(255, 7)],
  ['U16', Uint16Array.of(65_535, 7)],
  ['U32', Uint32Array.of(2 ** 32 - 1, 7)],
  ['U64', BigUint64Array.of(2n ** 64n - 1n, 7n)],
  ['I8', Int8Array.of(-128, 7)],
  ['I16', Int16Array.of(-32_768, 7)],
  ['I32', Int32Array.of(-(2 ** 31), 7)],
  ['I64', BigInt64Array.of(-(2n ** 63n), 7n)],
];

for (const [dtype, array] of integers) {
  test(`${dtype} are integers, and known to be some`, () => {
    const { buffer, byteLength } = array;
    const header = {
      input: { dtype, shape: [2], data_offsets: [0, byteLength] },
      target: { dtype: 'F64', shape: [2], data_offsets: [byteLength, byteLength + 16] },
    };
    const { input, target } = read(body(header, Buffer.concat([Buffer.from(buffer as ArrayBuffer), Buffer.alloc(16)])));
    assert.deepEqual([...input.data], Array.from(array as unknown as ArrayLike<number | bigint>, Number));
    assert.deepEqual([input.isInteger, target.isInteger], [true, undefined]);
  });
}

test('tensors may lie in any order, the header may have spaces at its end and metadata', () => {
  const data = Buffer.from(Float64Array.of(1, 2).buffer);
  const { input, target } = read(body(`${JSON.stringify({ __metadata__: {}, target: first, input: second })}   `, data));
  assert.deepEqual([[...input.data], [...target.data]], [[2], [1]]);
});

test('a body that is no safetensors is refused as a whole', () => {
  const bodies: Record<string, { bytes: Uint8Array; detail: RegExp }> = {
    empty: { bytes: new Uint8Array(0), detail: /0 bytes; the length of the header alone takes 8/ },
    'seven bytes': { bytes: new Uint8Array(7), detail: /7 bytes/ },
    'a header longer than the body': { bytes: body('{}', 0).with(0, 3), detail: /3 bytes; 2 follow/ },
    'a header longer than any': { bytes: new Uint8Array(100).fill(0xff), detail: /18446744073709551615 bytes; at most 65536/ },
    'a header one byte too long': { bytes: body(' '.repeat(65537)), detail: /65537 bytes; at most 65536/ },
    JSON: { bytes: Buffer.from('{"input": [1], "target": [2]}'), detail: /starts like JSON.*application\/json/ },
    'a header that is no UTF-8': { bytes: body('{"é": 1}').with(11, 0xff), detail: /not UTF-8/ },
    'an empty header': { bytes: body(''), detail: /starts with nothing; expected \{/ },
    'a header after a space': { bytes: body(' {}'), detail: /expected \{/ },
    'a header after a byte order mark': { bytes: body('\ufeff{}'), detail: /expected \{/ },
    'a header that is a list': { bytes: body('[]'), detail: /starts with "\[\]"; expected \{/ },
    'a header that is not JSON': { bytes: body('{"input": }'), detail: /not valid JSON/ },
    'a header that goes on': { bytes: body('{} {}'), detail: /not valid JSON/ },
    'a header of brackets': { bytes: body(`{"input":${'['.repeat(65000)}`), detail: /not valid JSON/ },
  };
  for (const [name, { bytes, detail }] of Object.entries(bodies)) {
    assert.deepEqual(refused(bytes), ['INVALID_SAFETENSORS #'], name);
    assert.match(detailOf(bytes), detail, name);
  }
});

test('a name that the header has twice is refused, however it is spelt and wherever it stands', () => {
  const entry = JSON.stringify(first);
  const rest = `"target": ${JSON.stringify(second)}`;
  const twice = {
    [`{"input": ${entry}, ${rest}, "input": ${entry}}`]: '#/input',
    [`{"input": ${entry}, ${rest}, "inp\\u0075t" : ${entry}}`]: '#/input',
    [`{"input": {"dtype": "F32", ${entry.slice(1)}, ${rest}}`]: '#/input/dtype',
    [`{"__metadata__": {"a": "1", "a": "2"}, "input": ${entry}, ${rest}}`]: '#/__metadata__/a',
    [`{"input": ${'[{"a": '.repeat(5000)}1${'}]'.repeat(5000)}, "input": ${entry}, ${rest}}`]: '#/input',
  };
  for (const [header, pointer] of Object.entries(twice)) assert.deepEqual(refused(body(header)), [`INVALID_SAFETENSORS ${pointer}`]);
});

test('a text that looks like a name is not one', () => {
  const metadata = { input: '"input": {"input":', a: '\\', b: '\\"', c: '{"a": 1, "a": 2}', d: 'a', 'input"': '' };
  assert.deepEqual(read(body({ __metadata__: metadata, input: first, target: second })).input.shape, [1]);
});

test('unknown tensors are named, before the missing ones that they explain', () => {
  assert.deepEqual(refused(body({ q: first, target: second })), ['UNKNOWN_FIELD #/q', 'INVALID_VALUE #/input']);
  assert.deepEqual(refused(body({ input: first, target: second, weight: second })), ['UNKNOWN_FIELD #/weight']);
  assert.deepEqual(refused(body(`{"__proto__": 1, "constructor": 2, "input": ${JSON.stringify(first)}, "target": 1}`)), [
    'UNKNOWN_FIELD #/__proto__',
    'UNKNOWN_FIELD #/constructor',
  ]);
  assert.deepEqual(refused(body('{}', 0)), ['INVALID_VALUE #/input', 'INVALID_VALUE #/target']);
});

test('a tensor by the name that another library has for it is told the name here, and an option where it goes', () => {
  assert.match(detailOf(body({ q: first, target: second })), /got "q"; Q, the model or approximation, is called input here$/);
  assert.match(detailOf(body({ targets: first, input: second })), /got "targets"; did you mean target\?$/);
  assert.match(detailOf(body({ dim: first, input: second })), /got "dim"; options go into the query of the URL$/);
});

test('a thousand unknown tensors are counted and the first twenty are told', () => {
  const header = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`layer${index}`, 1]));
  try {
    read(body(header));
    assert.fail('expected a refusal');
  } catch (error) {
    const { faults, count } = error as RequestError;
    assert.deepEqual([faults.length, count], [20, 1002]);
  }
});

test('metadata are texts', () => {
  for (const metadata of [null, [], 'x', 1])
    assert.deepEqual(refused(body({ __metadata__: metadata, input: first, target: second })), ['INVALID_SAFETENSORS #/__metadata__']);
  assert.deepEqual(refused(body({ __metadata__: { a: '', b: 1 }, input: first, target: second })), [
    'INVALID_SAFETENSORS #/__metadata__/b',
  ]);
});

test('a tensor of the header has dtype, shape and data_offsets, and no others', () => {
  for (const entry of [null, [], 'F64', 1])
    assert.deepEqual(refused(body({ input: entry, target: second })), ['INVALID_SAFETENSORS #/input']);
  assert.deepEqual(refused(withInput({ strides: [1] })), ['UNKNOWN_FIELD #/input/strides']);
  assert.deepEqual(refused(body({ input: {}, target: second })), ['INVALID_VALUE #/input/dtype']);
});

test('a dtype is one of those that NumPy and PyTorch have for numbers, and others are refused with their names', () => {
  for (const dtype of ['BOOL', 'F8_E4M3', 'f64', 'toString', null, 64, ['F64']]) {
    assert.deepEqual(refused(withInput({ dtype })), ['INVALID_VALUE #/input/dtype']);
    assert.match(detailOf(withInput({ dtype })), /^expected one of F64, F32, F16, BF16, U8, U16, U32, U64, I8, I16, I32, I64, got /);
  }
});

test('a shape is checked as in JSON', () => {
  const shapes: [unknown, string][] = [
    [undefined, 'INVALID_VALUE #/input/shape'],
    [1, 'INVALID_VALUE #/input/shape'],
    [[-1], 'INVALID_VALUE #/input/shape/0'],
    [[1, 0.5], 'INVALID_VALUE #/input/shape/1'],
    [[], 'SCALAR_TENSOR #/input/shape'],
    [[1, 0], 'EMPTY_TENSOR #/input/shape/1'],
    [Array(33).fill(1), 'DEPTH_LIMIT #/input/shape'],
    [[101], 'TOO_MANY_ELEMENTS #/input/shape'],
    [[2 ** 53 - 1, 2 ** 53 - 1], 'TOO_MANY_ELEMENTS #/input/shape'],
  ];
  for (const [shape, place] of shapes) assert.deepEqual(refused(withInput({ shape })), [place]);
  assert.equal(read(withInput({ shape: Array(32).fill(1) })).input.shape.length, 32);
});

test('as many elements as the limit are accepted, one more is not', () => {
  const tensors = { input: { shape: [2], data: Float64Array.of(1, 2) }, target: { shape: [2], data: Float64Array.of(3, 4) } };
  const bytes = Buffer.concat(writeSafetensors(tensors, {}));
  assert.equal(read(bytes, 2).input.data.length, 2);
  assert.deepEqual(refused(bytes, 1), ['TOO_MANY_ELEMENTS #/input/shape', 'TOO_MANY_ELEMENTS #/target/shape']);
});

test('offsets are two integers inside the data', () => {
  const offsets = [undefined, 8, [], [0], [0, 8, 16], ['0', 8], [0, 8.5], [-8, 0], [0, null], [0, 2 ** 53], [0, 24], [24, 32], [8, 0]];
  for (const data_offsets of offsets) assert.deepEqual(refused(withInput({ data_offsets })), ['INVALID_SAFETENSORS #/input/data_offsets']);
  assert.match(detailOf(withInput({ data_offsets: [0, 24] })), /beyond the 16 bytes of data in the body, which may have been cut short/);
  assert.match(detailOf(withInput({ data_offsets: [0, 8.5] })), /got \[0, 8\.5\]/);
});

test('a tensor has the bytes that its shape and dtype mean', () => {
  for (const change of [{ shape: [2] }, { dtype: 'F32' }, { data_offsets: [0, 7] }, { data_offsets: [4, 4] }])
    assert.deepEqual(refused(withInput(change)), ['DATA_LENGTH_MISMATCH #/input/data_offsets']);
  assert.match(detailOf(withInput({ dtype: 'F32' })), /shape \[1\] of F32 means 4 bytes, data_offsets \[0, 8\] hold 8/);
});

test('tensors fill the data without overlaps, holes and bytes at the end', () => {
  const layouts: { input: [number, number]; target: [number, number]; data: number; detail: RegExp }[] = [
    { input: [0, 8], target: [0, 8], data: 8, detail: /input and target overlap/ },
    { input: [4, 12], target: [0, 8], data: 12, detail: /target and input overlap: input begins at 4, target ends at 8/ },
    { input: [8, 16], target: [16, 24], data: 24, detail: /bytes 0 to 8 of the 24 bytes of data belong to no tensor/ },
    { input: [0, 8], target: [12, 20], data: 20, detail: /bytes 8 to 12 of/ },
    { input: [0, 8], target: [8, 16], data: 17, detail: /bytes 16 to 17 of/ },
  ];
  for (const { input, target, data, detail } of layouts) {
    const bytes = body({ input: { ...first, data_offsets: input }, target: { ...first, data_offsets: target } }, data);
    assert.deepEqual(refused(bytes), ['INVALID_SAFETENSORS #']);
    assert.match(detailOf(bytes), detail);
  }
});

test('a caller who got both tensors wrong is told of both', () => {
  assert.deepEqual(refused(body({ input: { ...first, dtype: 'F4' }, target: { ...second, shape: [0, -1] } })), [
    'INVALID_VALUE #/input/dtype',
    'EMPTY_TENSOR #/target/shape/0',
    'INVALID_VALUE #/target/shape/1',
  ]);
});

test('a body with the header of the last is checked no less, and has its own numbers', () => {
  const numbers = (...values: number[]) => new Uint8Array(new Float64Array(values).buffer);
  const numbersIn = (bytes: Uint8Array) => [read(bytes)].flatMap(({ input, target }) => [...input.data, ...target.data]);
  const header = { input: first, target: second };
  const of = (...values: number[]) => body(header, numbers(...values));
  assert.deepEqual(numbersIn(of(1, 2)), [1, 2]);
  assert.deepEqual(numbersIn(of(3, 4)), [3, 4]);
  assert.deepEqual(numbersIn(body({ input: second, target: first }, numbers(1, 2))), [2, 1]);
  read(of(1, 2));
  assert.deepEqual(refused(of(1)), ['INVALID_SAFETENSORS #/target/data_offsets']);
  assert.deepEqual(refused(of(1, 2, 3)), ['INVALID_SAFETENSORS #']);
  assert.deepEqual(refused(of(1, 2), 0), ['TOO_MANY_ELEMENTS #/input/shape', 'TOO_MANY_ELEMENTS #/target/shape']);
  assert.deepEqual(
    faultPlaces(() => readSafetensors(of(1, 2), 100, { known: ['input'], missing: () => [] })),
    ['UNKNOWN_FIELD #/target'],
  );
});

test('a valid file that is cut short or has bytes changed is read or refused', () => {
  const files = fc.constantFrom(...Object.keys(kept)).map(fixture);
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 3 });
  fc.assert(
    fc.property(files, changes, fc.nat(), fc.boolean(), (file, flips, cut, isCut) => {
      const bytes = new Uint8Array(isCut ? file.subarray(0, cut % file.length) : file);
      for (const [at, mask] of flips) if (bytes.length > 0) bytes[at % bytes.length] ^= mask;
      try {
        const { input, target } = read(bytes);
        for (const { shape, data } of [input, target]) assert.equal(data.length, elementCount(shape));
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

test('every file that is cut short is refused', () => {
  for (const name of Object.keys(kept)) {
    const bytes = fixture(name);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(faultsOf(() => read(bytes.subarray(0, length)))[0].code, 'INVALID_SAFETENSORS', `${name} to ${length}`);
    }
  }
});
