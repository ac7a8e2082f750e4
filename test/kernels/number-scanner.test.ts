import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNumberScanner } from '../../src/kernels/number-scanner.ts';
import { cases } from '../cases.ts';

const scanTensor = createNumberScanner();
const room = new Float64Array(1_000_000);

/** A body that arrives in pieces of some bytes each time that more is asked for. */
function inPieces(text: string, piece: number) {
  const bytes = Buffer.from(text);
  let available = 0;
  const waitFor = (wanted: number) => {
    while (available < wanted) available = Math.min(available + piece, bytes.length);
    return available;
  };
  return { bytes, numbers: new Float64Array(0), waitFor };
}

const scan = (text: string, piece = text.length) => scanTensor(inPieces(text, piece), 0, room);

/** Literals from a fixed seed. */
function literals(seed: number) {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n;
  const bits = () => {
    state = BigInt.asUintN(64, state ^ (state << 13n));
    state ^= state >> 7n;
    state = BigInt.asUintN(64, state ^ (state << 17n));
    return state;
  };
  const below = (limit: number) => Number(bits() % BigInt(limit));
  const digits = (count: number) => Array.from({ length: count }, () => below(10)).join('');
  const sign = () => (below(2) === 0 ? '' : '-');
  const anyDouble = () => {
    const [value] = new Float64Array(BigUint64Array.of(bits()).buffer);
    return Number.isFinite(value) ? value : 0;
  };
  // exactly between two doubles, with all its digits
  const halfway = () => {
    const exponent = below(200) - 100;
    const odd = 2n * (2n ** 52n + BigInt.asUintN(52, bits())) + 1n;
    if (exponent >= 0) return String(odd << BigInt(exponent));
    const scaled = String(5n ** BigInt(-exponent) * odd).padStart(1 - exponent, '0');
    return `${scaled.slice(0, exponent)}.${scaled.slice(exponent)}`;
  };
  // the same with few digits: an odd number of 54 bits over 2, 4 or 8
  const shortHalfway = () => {
    const places = 1 + below(3);
    const odd = 2n * (2n ** 52n + BigInt.asUintN(52, bits())) + 1n;
    const scaled = String(odd * 5n ** BigInt(places));
    return `${sign()}${scaled.slice(0, -places)}.${scaled.slice(-places)}`;
  };
  // where the last bit changes its size: a power of two, a few units of the last of 19 digits above or below
  const besidePowerOfTwo = () => {
    const scaled = String(10n ** 18n / 2n ** BigInt(below(9)) + BigInt(below(400) - 200)).padStart(19, '0');
    return `${sign()}${scaled.slice(0, -18)}.${scaled.slice(-18)}`;
  };
  const kinds = [
    () => String(anyDouble()),
    () => anyDouble().toExponential(below(21)),
    () => String(Math.fround(below(1000) / 7)),
    () => `${sign()}${below(10)}.${digits(1 + below(25))}`,
    () => `${sign()}0.${'0'.repeat(below(30))}${digits(1 + below(20))}e${below(700) - 350}`,
    () => `${1 + below(9)}${digits(below(30))}E+${below(300)}`,
    () => `${1 + below(9)}${digits(18)}e${below(330) - 345}`,
    () => `${2n ** 53n + BigInt(below(64))}.0`,
    () => String(bits()),
    halfway,
    () => halfway().replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
    () => `${below(1000)}e-${322 + below(5)}`,
    () => `${sign()}${below(10 ** (1 + below(8)))}.${digits(1 + below(18))}`,
    () => `${sign()}0.${'0'.repeat(below(8))}${digits(14 + below(5))}`,
    shortHalfway,
    besidePowerOfTwo,
  ];
  return (count: number) =>
    Array.from({ length: count }, () => kinds[below(kinds.length)]()).filter(
      (literal) => Number.isFinite(Number(literal)) && !underflows(literal),
    );
}

/** Whether a literal is not 0 and its double is: the scanner leaves those to JSON.parse. */
function underflows(literal: string): boolean {
  return Number(literal) === 0 && /^[^eE]*[1-9]/.test(literal);
}

test('every literal is the double that JSON.parse gives, of many random and adversarial ones, wherever the bytes are cut', (t) => {
  const some = literals(2026);
  const rounds = 80;
  const step = rounds / cases(t, rounds, 4);
  for (let round = 0; round < rounds; round += step) {
    const text = `[${some(25_000).join((round / step) % 2 === 0 ? ',' : ' ,\n\t')}]`;
    const scanned = scan(text, 500 + 297 * round);
    const expected: number[] = JSON.parse(text);
    assert.equal(scanned?.tensor.data.length, expected.length);
    const wrong = expected.findIndex((value, place) => !Object.is(value, scanned?.tensor.data[place]));
    assert.equal(wrong, -1, `element ${wrong}: ${expected[wrong]} is read as ${scanned?.tensor.data[wrong]}`);
  }
});

test('the limits of float64 are read as JSON.parse reads them', () => {
  const cases = [
    '0', '-0', '0.0', '0e9', '0e-999999999999', '4.9406564584124654e-324', '2.4703282292062328e-324',
    '2.2250738585072014e-308', '2.2250738585072011e-308', '2.225073858507201136057409796709131975934e-308', '1.7976931348623157e308',
    '179769313486231570000e288', '9007199254740993', '9007199254740993.00000000000000000001', '1e22', '1e23', '8.5e-323',
    '0.000000000000000000000000000000000000000012345678901234567890', '16584233585798070232495087164411871232',
  ]; // biome-ignore format: a row of literals
  for (const literal of cases) {
    const scanned = scan(`[${literal}]`);
    assert.ok(Object.is(scanned?.tensor.data[0], JSON.parse(literal)), `${literal} is read as ${scanned?.tensor.data[0]}`);
  }
});

test('a number that float64 would read as 0 although it is not is left to JSON.parse, where it is refused', () => {
  for (const literal of [
    '2.4703282292062327e-324',
    '-1e-400',
    '1e-999999999999',
    `0.${'0'.repeat(330)}1`,
    '123456789012345678901234567890e-400',
  ]) {
    assert.equal(scan(`[${literal}]`), undefined, literal);
  }
});

test('the shape is that of the lists, and "-Infinity" is a number', () => {
  const scanned = scan(' [ [[1,"-Infinity"],[ 3 , 4 ]],\n[[5,6],[7,8]] ,[[9,1e1],[11,12]]]trailing'.trimStart(), 3);
  assert.deepEqual(scanned?.tensor.shape, [3, 2, 2]);
  assert.deepEqual([...(scanned?.tensor.data ?? [])], [1, Number.NEGATIVE_INFINITY, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual([scanned?.lowest, scanned?.highest], [Number.NEGATIVE_INFINITY, 12]);
  assert.equal(scanned?.end, ' [ [[1,"-Infinity"],[ 3 , 4 ]],\n[[5,6],[7,8]] ,[[9,1e1],[11,12]]]'.trimStart().length);
});

test('numbers are integers where none is written with a point or an exponent', () => {
  for (const text of ['[1,2]', '[[-0, 9007199254740993],[12,3]]']) assert.equal(scan(text)?.areIntegers, true, text);
  for (const text of ['[1,2.0]', '[1e2,3]', '[0.5]']) assert.equal(scan(text)?.areIntegers, false, text);
  assert.equal(scan('[1.5]')?.areIntegers, false);
  assert.equal(scan('[15]')?.areIntegers, true);
});

// numbers as the n_number files of https://github.com/nst/JSONTestSuite have them, and lists
const malformed = [
  '01', '-01', '+1', '.5', '-.5', '5.', '-5.', '1.e1', '1e', '1e+', '1E-', '1e1.5', '0e', '0.e1', '1 000', '0x42', '1_000', '--1', '-', '-a', '- 1', '１',
  'NaN', '-NaN', 'Infinity', '-Infinity', 'inf', '1f', '1a', '00', '1.2.3', '1..2', '1ee2', '-0x1', '2.e3', '0.3e', '0.3e+', '1eE2', "'1'", '1;', '1\u0000', '1\u000b', '\u00a01', '\ufeff1',
]; // biome-ignore format: a row of literals
const malformedLists = [
  '[',
  '[1',
  '[1,',
  '[1,]',
  '[,1]',
  '[1,,2]',
  '[1 2]',
  '[1]]x'.slice(0, 2),
  '[1}',
  '[1:2]',
  '[[1],]',
  '[[1]',
  '[[1][2]]',
  '[1"-Infinity"]',
  '["-Infinity',
  '["-infinity"]',
  '[-]',
  '[]x'.slice(1),
];

test('what JSON.parse refuses is refused', () => {
  for (const literal of malformed) {
    for (const text of [`[${literal}]`, `[1,${literal}]`, `[${literal},1]`, `[[2],[${literal}]]`]) {
      assert.throws(() => JSON.parse(text), SyntaxError, text);
      for (const piece of [1, 2, text.length]) assert.equal(scan(text, piece), undefined, `${text} in pieces of ${piece}`);
    }
  }
  for (const text of malformedLists) assert.equal(scan(text), undefined, text);
});

test('every text that is a change of one character in a tensor is read as JSON.parse reads it, or left to it', () => {
  const text = '[[1.5,-2e3,0],[ 4,"-Infinity",6E-1]]';
  for (let at = 0; at < text.length; at++) {
    for (const other of '0159.,-+eE[]{}" \n"aI:\\\u0000') {
      const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
      const scanned = scan(changed, 1 + (at % 5));
      if (scanned === undefined || scanned.end < changed.length) continue;
      const flat = JSON.parse(changed).flat(9).map(Number);
      assert.deepEqual([...scanned.tensor.data], flat, changed);
      assert.equal(
        flat.length,
        scanned.tensor.shape.reduce((product, size) => product * size),
      );
    }
  }
});

test('what is JSON but no tensor of finite numbers is left to JSON.parse: ragged, empty, too deep, too many, other elements, overflow', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
  const others = [
    '[]',
    '[[]]',
    '[[1],[2,3]]',
    '[[1],2]',
    '[1,[2]]',
    '[[1],[[2]]]',
    '[null]',
    '[true]',
    '["1"]',
    '["Infinity"]',
    '["NaN"]',
    '[{}]',
    '[1e999]',
    '[-1e999]',
    nested(33),
  ];
  for (const text of others) {
    JSON.parse(text);
    assert.equal(scan(text), undefined, text);
  }
  assert.deepEqual(scan(nested(32))?.tensor.shape, Array(32).fill(1));
  assert.equal(scanTensor(inPieces('[1,2,3,4]', 9), 0, room.subarray(0, 3)), undefined);
  assert.equal(scanTensor(inPieces('[1,2,3,4]', 9), 0, room.subarray(0, 4))?.tensor.data.length, 4);
});

test('a literal longer than what is looked at in one go is left to JSON.parse', () => {
  assert.equal(scan(`[0.${'1'.repeat(300_000)}]`), undefined);
  assert.equal(scan(`[0.${'1'.repeat(200_000)}]`)?.tensor.data[0], 1 / 9);
});
