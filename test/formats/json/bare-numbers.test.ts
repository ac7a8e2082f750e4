import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteBareNumbers as quoteBytes } from '../../../src/formats/json/bare-numbers.ts';

const quoteBareNumbers = (text: string) => quoteBytes(Buffer.from(text)).toString();

test('NaN, Infinity and -Infinity get quotes, wherever a value may stand', () => {
  const cases = [
    ['NaN', '"NaN"'],
    ['[NaN,-Infinity, Infinity ]', '["NaN","-Infinity", "Infinity" ]'],
    ['{"a":-Infinity,"b":[1e5,NaN]}', '{"a":"-Infinity","b":[1e5,"NaN"]}'],
  ];
  for (const [text, quoted] of cases) assert.equal(quoteBareNumbers(text), quoted);
});

test('what stands in a string stays as it is, behind any number of backslashes', () => {
  for (const text of ['["NaN", "-Infinity"]', String.raw`["\"NaN", "\\"]`, String.raw`{"In\\\"NaN": "Infinity"}`]) {
    assert.equal(quoteBareNumbers(text), text);
  }
  assert.equal(quoteBareNumbers(String.raw`["\\",NaN,"\\\"",NaN]`), String.raw`["\\","NaN","\\\"","NaN"]`);
});

test('a text that is JSON but for such tokens parses to what it says, whatever its strings hold', () => {
  const leaf = fc.oneof(
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: fc.constantFrom('"', '\\', 'N', 'a', 'Infinity', 'NaN', '-', ',') }),
    fc.boolean(),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
  }));
  fc.assert(
    fc.property(value, (any) => {
      assert.deepEqual(JSON.parse(quoteBareNumbers(pythonic(any))), JSON.parse(JSON.stringify(any, nonFiniteAsText)));
    }),
    { numRuns: 500 },
  );
});

/** JSON as Python writes it. */
function pythonic(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : String(value);
  if (Array.isArray(value)) return `[${value.map(pythonic).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}:${pythonic(one)}`)
    .join(',')}}`;
}

function nonFiniteAsText(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

test('what is wrong beside such tokens stays wrong', () => {
  for (const text of [
    '[1NaN]',
    '[xInfinity]',
    '[NaN',
    '[--Infinity]',
    '["a]',
    '[Na]',
    '[NaNNaN]',
    '[+Infinity]',
    '{NaN: 1}',
    '{"a": 1, -Infinity\n:2}',
  ]) {
    assert.throws(() => JSON.parse(quoteBareNumbers(text)), SyntaxError, text);
  }
});
