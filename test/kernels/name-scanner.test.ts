import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNameScanner, type NameScanner } from '../../src/kernels/name-scanner.ts';
import type { BodyReader } from '../../src/memory/shared-body.ts';

/** A body of which so many more bytes have come whenever it is asked for more. */
function bodyOf(text: string | Buffer, step = Number.POSITIVE_INFINITY): BodyReader {
  const bytes = Buffer.from(text as string);
  let here = 0;
  const waitFor = (wanted: number) => {
    while (here < wanted) here = Math.min(bytes.length, here + step);
    return here;
  };
  return { bytes, numbers: new Float64Array(), waitFor };
}

/** The names of a list, or of its rows; undefined where it is refused. */
function read(scan: NameScanner, text: string | Buffer, step?: number): unknown {
  const found = scan(bodyOf(text, step), 0, new Float64Array(1e5));
  if (found === undefined) return undefined;
  const names = Array.from(found.names.codes, found.names.table.nameOf);
  assert.equal(found.end, Buffer.from(text as string).lastIndexOf(']') + 1);
  if (found.lengths === undefined) return names;
  let used = 0;
  return Array.from(found.lengths, (length) => {
    used += length;
    return names.slice(used - length, used);
  });
}

test('equal names of all lists have one code, counted in the order in which they were first seen, and a code gives its name', () => {
  const scan = createNameScanner();
  const names = Array.from({ length: 5000 }, (_, k) => `${'é'.repeat(k % 7)} token ${k % 3000}`);
  const known = new Map<string, number>();
  for (const list of [['', ...names], names.toReversed()]) {
    const found = scan(bodyOf(JSON.stringify(list)), 0, new Float64Array(1e6));
    for (const name of list) if (!known.has(name)) known.set(name, known.size);
    assert.deepEqual(
      Array.from(found?.names.codes ?? []),
      list.map((name) => known.get(name)),
    );
    assert.equal(found?.names.table.size(), known.size);
  }
});

test('a name has one code however it is written and however long it is', () => {
  const scan = createNameScanner();
  const names = Array.from({ length: 70 }, (_, length) => 'abcdefghijklmnopqrstuvwxyz é'.repeat(4).slice(0, length));
  const escaped = names.map((name) => name.replaceAll(/[ahpé]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
  const text = `[${[...names, ...escaped].map((name) => `"${name}"`)}]`;
  const codes = Array.from(scan(bodyOf(text), 0, new Float64Array(1e6))?.names.codes ?? []);
  const expected = names.map((_, code) => code);
  assert.deepEqual(codes, [...expected, ...expected]);
});

const name = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('', '"', '\\', '\\u0041', '\u0000', 'a\u0000', 'a', '12345678', '123456789', '12345670', ']', '],["'),
);
/** A list as Python writes it. */
const asPython = (list: readonly unknown[]): string =>
  `[${list.map((entry) => (Array.isArray(entry) ? asPython(entry) : JSON.stringify(entry))).join(', ')}]`;

const writers = fc.constantFrom(
  asPython,
  ...[undefined, 1, '\t'].map((space) => (list: readonly unknown[]) => JSON.stringify(list, null, space)),
);

test('any names are read as JSON.parse reads them, however few bytes come at a time', () => {
  const lists = fc.oneof(
    fc.array(name, { minLength: 1 }),
    fc.array(fc.array(name), { minLength: 1 }).filter((rows) => rows.flat().length > 0),
  );
  fc.assert(
    fc.property(lists, writers, fc.integer({ min: 1, max: 40 }), (list, write, step) => {
      assert.deepEqual(read(createNameScanner(), write(list), step), list);
    }),
    { seed: 1 },
  );
});

test('lists longer than what is read at once are read, and names that are as long are left to JSON.parse', () => {
  const list = Array.from({ length: 40_000 }, (_, k) => `name ${k % 30_000}`);
  assert.deepEqual(read(createNameScanner(), JSON.stringify(list)), list);
  const rows = list.map((one) => [one]);
  for (const text of [JSON.stringify(rows), asPython(rows)]) assert.deepEqual(read(createNameScanner(), text, 100_000), rows);
  assert.deepEqual(read(createNameScanner(), JSON.stringify(['x'.repeat(30_000)])), ['x'.repeat(30_000)]);
  assert.equal(read(createNameScanner(), JSON.stringify(['x'.repeat(70_000)])), undefined);
});

const refused = [
  '[]',
  '[[]]',
  '["a"',
  '["a',
  '["a\\',
  '["a",]',
  '[,"a"]',
  '["a" "b"]',
  '["a",["b"]]',
  '[["a"],"b"]',
  '[["a"],]',
  '[[["a"]]]',
  '["a",1]',
  '[1]',
  '["a",null]',
  '["\n"]',
  '["\\x"]',
  '["\\ud800"]',
  '{"a":1}',
  '"a"',
];

test('what is no list of names, or no JSON, is refused', () => {
  for (const text of refused) assert.equal(read(createNameScanner(), text), undefined, text);
  assert.equal(read(createNameScanner(), Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])), undefined);
  assert.equal(read(createNameScanner(), Buffer.from('["\\n\xff"]', 'latin1')), undefined);
});

test('more names or rows than there may be are refused', () => {
  const scan = createNameScanner();
  assert.equal(scan(bodyOf('["a","b","c"]'), 0, new Float64Array(2)), undefined);
  assert.equal(scan(bodyOf('[["a"],[],[]]'), 0, new Float64Array(2)), undefined);
  assert.notEqual(scan(bodyOf('["a","b"]'), 0, new Float64Array(2)), undefined);
});

test('a scanner knows nothing of the names of the one before it, however many there were', () => {
  for (const count of [300, 3, 50_000, 300]) {
    const list = Array.from({ length: count }, (_, k) => `${count} ${k}`);
    const found = createNameScanner()(bodyOf(JSON.stringify(list)), 0, new Float64Array(1e6));
    assert.equal(found?.names.table.size(), count);
    assert.deepEqual(Array.from(found.names.codes, found.names.table.nameOf), list);
  }
});
