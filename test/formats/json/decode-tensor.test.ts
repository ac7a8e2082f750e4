import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainOf } from '../../../src/core/kinds.ts';
import { decodeTensor } from '../../../src/formats/json/decode-tensor.ts';
import { faultPlaces, faultsOf } from '../../helper.ts';

const anyNumber = { lowest: -Number.MAX_VALUE, highest: 1e270 };
const masses = { lowest: 0, highest: 1e270 };

const decode = (value: unknown, domain = anyNumber, maxElements = 100) => decodeTensor(value, '#/input', { domain, maxElements });
const refused = (value: unknown, domain = anyNumber, maxElements = 100) => faultPlaces(() => decode(value, domain, maxElements));
const detailOf = (value: unknown, domain = anyNumber) => faultsOf(() => decode(value, domain))[0].detail;

const float64 = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer).toString('base64');
const float32 = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');

test('nested lists become a flat row-major tensor', () => {
  const { shape, data, form } = decode([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
    [
      [9, 10],
      [11, 12],
    ],
  ]);
  assert.deepEqual(shape, [3, 2, 2]);
  assert.deepEqual([...data], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.equal(form, 'nested');
});

test('a shape with a flat list becomes a tensor', () => {
  assert.deepEqual(decode({ shape: [2, 1], data: [3, 4] }), { form: 'flat', shape: [2, 1], data: Float64Array.of(3, 4) });
});

test('base64 is float64 unless dtype says float32', () => {
  assert.deepEqual(decode({ shape: [2], base64: float64(0.1, -2) }), { form: 'base64', shape: [2], data: Float64Array.of(0.1, -2) });
  assert.deepEqual(decode({ shape: [2], dtype: 'float32', base64: float32(0.1, -2) }).data, Float32Array.of(0.1, -2));
});

test('-Infinity is an element where a kind admits it, as text and as bytes', () => {
  assert.deepEqual(decode([0, '-Infinity']).data, Float64Array.of(0, Number.NEGATIVE_INFINITY));
  assert.deepEqual(decode({ shape: [1], base64: float64(Number.NEGATIVE_INFINITY) }).data, Float64Array.of(Number.NEGATIVE_INFINITY));
});

test('a fault points at its element in every form', () => {
  assert.deepEqual(
    refused([
      [1, 2],
      [3, null],
    ]),
    ['NOT_A_NUMBER #/input/1/1'],
  );
  assert.deepEqual(refused({ shape: [2, 2], data: [1, 2, 3, null] }), ['NOT_A_NUMBER #/input/data/3']);
  assert.deepEqual(refused({ shape: [2, 2], base64: float64(1, 2, 3, Number.NaN) }), ['NAN_ELEMENT #/input/base64']);
  assert.match(detailOf({ shape: [2, 2], base64: float64(1, 2, 3, Number.NaN) }), /^element \[1, 1\]:/);
});

test('a log-probability that cannot be one is told so', () => {
  assert.match(
    detailOf([-1, 900], domainOf('log_probs', 1)),
    /^900 is too large: .*\. Log-probabilities are 0 at the most: scores are of the kind logits$/,
  );
  assert.match(
    detailOf([-1, 1], domainOf('sampled_log_probs', 1)),
    /got 1\. Send log p, neither p nor -log p, and the weight 0 for padding$/,
  );
});

test('every fault of a tensor is counted and the first twenty are told', () => {
  try {
    decode([Array.from({ length: 50 }, () => null)]);
    assert.fail('expected a refusal');
  } catch (error) {
    const { faults, count } = error as { faults: unknown[]; count: number };
    assert.equal(count, 50);
    assert.equal(faults.length, 20);
  }
});

test('what is not a number is refused with a hint at what was meant', () => {
  assert.match(detailOf([null]), /Serialisers write NaN and infinities as null: find where it arose/);
  assert.match(detailOf(['1.5']), /Send the number without quotes/);
  assert.match(detailOf([true]), /expected a number, got true\. Flags are weights; one-hot rows are 1 and 0$/);
  assert.match(detailOf(['inf']), /No element may be infinite/);
  assert.match(detailOf(['-inf']), /a mass of 0 in logits and log_probs is the string "-Infinity"/i);
  assert.match(detailOf([{ 0: 0.2, 1: 0.8 }]), /a typed array that JSON\.stringify wrote as an object: send Array\.from\(x\)/);
  assert.match(detailOf([-1e-17], masses), /If it is 0 but for rounding, send 0/);
  assert.doesNotMatch(detailOf([-0.5], masses), /rounding/);
  assert.deepEqual(
    refused([true, {}, '', 'x']),
    [0, 1, 2, 3].map((position) => `NOT_A_NUMBER #/input/${position}`),
  );
});

test('objects among the elements are told to be lists of outcomes, as the top log-probabilities of an API', () => {
  const advice = /expected a number, got an object: outcomes with names or ids are two lists, \{"outcomes": \["a", …\], "values": /;
  assert.match(detailOf([{ token: 'a', logprob: -0.1 }]), advice);
  assert.match(detailOf([[{ Paris: -0.1 }]]), advice);
});

test('the text of an array is told to be its list, and another text is not', () => {
  for (const text of ['tensor([1., 2.])', 'array([1, 2])', '[1. 2.]']) {
    assert.match(detailOf(text), /send array\.tolist\(\), not what it prints$/);
  }
  assert.doesNotMatch(detailOf('AACAPwAAAEA='), /tolist/);
});

test('a dtype that base64 does not have says to convert the array, or to send safetensors', () => {
  assert.match(detailOf({ shape: [1], dtype: 'bfloat16', base64: 'AAA=' }), /Convert the array first, or send safetensors, which has more/);
});

test('NaN says that the weight 0 leaves its distribution out', () => {
  assert.match(detailOf({ shape: [1], base64: float64(Number.NaN) }), /give its distribution the weight 0/);
});

test('NaN and Infinity are refused, as text and as bytes', () => {
  assert.deepEqual(refused(['NaN', 'Infinity']), ['NAN_ELEMENT #/input/0', 'INFINITE_ELEMENT #/input/1']);
  assert.deepEqual(refused({ shape: [2], base64: float64(Number.NaN, Number.POSITIVE_INFINITY) }), [
    'NAN_ELEMENT #/input/base64',
    'INFINITE_ELEMENT #/input/base64',
  ]);
});

test('-Infinity and negative numbers are refused where the numbers are masses, and -0 is not', () => {
  assert.deepEqual(refused([-0.1, '-Infinity', -0], masses), ['NEGATIVE_MASS #/input/0', 'INFINITE_ELEMENT #/input/1']);
  assert.deepEqual(refused({ shape: [2], base64: float64(-1, Number.NEGATIVE_INFINITY) }, masses), [
    'NEGATIVE_MASS #/input/base64',
    'INFINITE_ELEMENT #/input/base64',
  ]);
});

test('a number beyond float64, which JSON.parse makes infinite, is refused, and one below it is 0', () => {
  assert.deepEqual(refused(JSON.parse('[1e999, -1e999, 1e-400]')), ['NUMBER_OVERFLOW #/input/0', 'NUMBER_OVERFLOW #/input/1']);
  assert.match(detailOf(JSON.parse('[-1e999]')), /a mass of 0 is the string "-Infinity"/);
});

test('a number above the highest of its kind is refused, the highest is not', () => {
  assert.deepEqual(refused([1e270, 1.0001e270]), ['NUMBER_OVERFLOW #/input/1']);
});

test('lists of different length or depth are ragged, and point at the list that differs', () => {
  assert.deepEqual(refused([[1, 2], [3]]), ['RAGGED_TENSOR #/input/1']);
  assert.deepEqual(refused([[1, 2], 3]), ['RAGGED_TENSOR #/input/1']);
  assert.deepEqual(refused([1, [2]]), ['RAGGED_TENSOR #/input/1']);
  assert.deepEqual(
    refused([
      [[1], [2]],
      [[3], [4], [5]],
    ]),
    ['RAGGED_TENSOR #/input/1'],
  );
  assert.deepEqual(
    refused([
      [[1], [2]],
      [[3], [4, 5]],
    ]),
    ['RAGGED_TENSOR #/input/1/1'],
  );
});

test('a list without elements is an empty tensor, at any depth', () => {
  assert.deepEqual(refused([]), ['EMPTY_TENSOR #/input']);
  assert.deepEqual(refused([[], []]), ['EMPTY_TENSOR #/input/0']);
  assert.deepEqual(refused({ shape: [2, 0], data: [] }), ['EMPTY_TENSOR #/input/shape/1']);
});

test('a number alone and a shape without axes are scalars, a list of one is not', () => {
  assert.deepEqual(refused(3), ['SCALAR_TENSOR #/input']);
  assert.deepEqual(refused({ shape: [], data: [3] }), ['SCALAR_TENSOR #/input/shape']);
  assert.deepEqual(decode([3]).shape, [1]);
});

test('rank 32 is accepted and rank 33 is not, nested and by shape', () => {
  const deep = (rank: number) => Array.from({ length: rank }).reduce<unknown>((inner) => [inner], 1);
  assert.equal(decode(deep(32)).shape.length, 32);
  assert.deepEqual(refused(deep(33)), [`DEPTH_LIMIT #/input${'/0'.repeat(32)}`]);
  assert.equal(decode({ shape: Array(32).fill(1), data: [1] }).shape.length, 32);
  assert.deepEqual(refused({ shape: Array(33).fill(1), data: [1] }), ['DEPTH_LIMIT #/input/shape']);
});

test('as many elements as the limit are accepted, one more is not', () => {
  assert.equal(decode(Array(100).fill(0)).data.length, 100);
  assert.deepEqual(refused(Array(101).fill(0)), ['TOO_MANY_ELEMENTS #/input']);
  assert.deepEqual(refused({ shape: [101], data: [] }), ['TOO_MANY_ELEMENTS #/input/shape']);
});

test('a shape whose product overflows allocates nothing and is refused', () => {
  const huge = 2 ** 53 - 1;
  assert.deepEqual(refused({ shape: [huge, huge, huge], data: [1] }), ['TOO_MANY_ELEMENTS #/input/shape']);
  assert.deepEqual(refused({ shape: Array(32).fill(huge), data: [1] }), ['TOO_MANY_ELEMENTS #/input/shape']);
  assert.deepEqual(refused({ shape: [65536, 65536], data: [1] }), ['TOO_MANY_ELEMENTS #/input/shape']);
});

test('a shape holds whole sizes only', () => {
  assert.deepEqual(
    refused({ shape: [1.5, -1, '2', 1e300], data: [1] }),
    [0, 1, 2, 3].map((axis) => `INVALID_VALUE #/input/shape/${axis}`),
  );
  assert.deepEqual(refused({ shape: 3, data: [1, 2, 3] }), ['INVALID_VALUE #/input/shape']);
});

test('data and base64 must hold what shape promises', () => {
  assert.deepEqual(refused({ shape: [2, 2], data: [1, 2, 3] }), ['DATA_LENGTH_MISMATCH #/input/data']);
  assert.deepEqual(refused({ shape: [3], base64: float64(1, 2) }), ['DATA_LENGTH_MISMATCH #/input/base64']);
  assert.match(detailOf({ shape: [2], base64: float32(1, 2) }), /That is the length of float32/);
  assert.match(detailOf({ shape: [2], dtype: 'float32', base64: float64(1, 2) }), /That is the length of float64/);
});

test('base64 is the standard alphabet, padded, without line breaks', () => {
  const good = float64(Math.PI, -1e-300);
  const bad = {
    unpadded: good.replace(/=+$/, ''),
    broken: `${good.slice(0, 8)}\n${good.slice(8)}`,
    urlSafe: good.replaceAll('+', '-').replaceAll('/', '_'),
    junk: `${good.slice(0, -3)}!==`,
  };
  assert.notEqual(bad.urlSafe, good);
  for (const base64 of Object.values(bad)) assert.deepEqual(refused({ shape: [2], base64 }), ['INVALID_BASE64 #/input/base64']);
  assert.match(detailOf({ shape: [2], base64: bad.broken }), /without line breaks/);
  assert.match(detailOf({ shape: [2], base64: bad.urlSafe }), /URL-safe/);
  assert.match(detailOf({ shape: [2], base64: bad.unpadded }), /padding/);
});

test('an object tensor has the members of one of the two forms and no others', () => {
  assert.deepEqual(refused({ shape: [1], data: [1], dtpye: 'float32' }), ['UNKNOWN_FIELD #/input/dtpye']);
  assert.deepEqual(refused(JSON.parse('{"shape": [1], "data": [1], "__proto__": 1}')), ['UNKNOWN_FIELD #/input/__proto__']);
  assert.deepEqual(refused({ shape: [1] }), ['INVALID_VALUE #/input']);
  assert.deepEqual(refused({ shape: [1], data: [1], base64: float64(1) }), ['INVALID_VALUE #/input']);
  assert.deepEqual(refused({ data: [1] }), ['INVALID_VALUE #/input/shape']);
  assert.deepEqual(refused({ shape: [1], data: 1 }), ['INVALID_VALUE #/input/data']);
  assert.deepEqual(refused({ shape: [1], data: [1], dtype: 'float64' }), ['INVALID_VALUE #/input/dtype']);
  assert.deepEqual(refused({ shape: [1], dtype: 'float16', base64: float64(1) }), ['INVALID_VALUE #/input/dtype']);
  assert.deepEqual(refused({ shape: [1], dtype: 'toString', base64: float64(1) }), ['INVALID_VALUE #/input/dtype']);
  assert.deepEqual(refused({ shape: [1], dtype: null, base64: float64(1) }), ['INVALID_VALUE #/input/dtype']);
  assert.deepEqual(refused({ shape: [1], base64: 1 }), ['INVALID_VALUE #/input/base64']);
});

test('what is no tensor at all is refused', () => {
  for (const value of [null, true, 'NaN']) assert.deepEqual(refused(value), ['INVALID_VALUE #/input']);
});

test('a dictionary of outcomes is told how outcomes are listed, once for the side', () => {
  for (const value of [
    { card: 0.5, cash: 0.5 },
    { '791': -0.4, '32': -1.6 },
  ]) {
    assert.deepEqual(refused(value), ['INVALID_VALUE #/input']);
    assert.match(detailOf(value), /list outcomes by name or id as \{"outcomes": \["(card|32)", …\], "values": \[(0\.5|-1\.6), …\]\}/);
  }
  assert.deepEqual(refused({ shapes: [2], data: [1, 2] }), ['UNKNOWN_FIELD #/input/shapes']);
});
