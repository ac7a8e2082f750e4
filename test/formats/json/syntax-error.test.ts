import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attempt } from '../../../src/errors/fault-list.ts';
import { RequestError } from '../../../src/errors/request-error.ts';
import { parseJson as parseLimited } from '../../../src/formats/json/parse-json.ts';
import { jsonFault } from '../../../src/formats/json/syntax-error.ts';
import { ask, faultPlaces, faultsOf } from '../../helper.ts';

const parseJson = (bytes: Buffer) => parseLimited(bytes, 1_000_000);
const detailOf = (text: string) => faultsOf(() => parseJson(Buffer.from(text)))[0].detail;
const placeOf = (text: string) => faultPlaces(() => parseJson(Buffer.from(text)))[0];

test('a fault points at the element that is being read when the text breaks', () => {
  assert.equal(placeOf('{"input": [[1, 2], [3, oops]]}'), 'INVALID_JSON #/input/1/1');
  assert.equal(placeOf('{"input": {"shape": [2], "data": [1 2]}}'), 'INVALID_JSON #/input/data/0');
  assert.equal(placeOf('{"a/b": }'), 'INVALID_JSON #/a~1b');
  assert.equal(placeOf('oops'), 'INVALID_JSON #');
  assert.equal(placeOf("{'input': 1}"), 'INVALID_JSON #');
  assert.equal(placeOf('{"input": {"shape": [1], data: [1]}}'), 'INVALID_JSON #/input');
});

test('a fault tells line and column', () => {
  assert.match(detailOf('{\n  "dim": 0,\n  "base": e\n}'), /^line 3, column 11:/);
  assert.match(detailOf('x'), /^line 1, column 1:/);
});

test('a fault says what was meant, for what is often sent', () => {
  const meant = {
    '[NaN]': /NaN is not JSON\. No divergence follows from NaN: find where it arose/,
    '[-Infinity]': /a mass of 0 is the string "-Infinity"/,
    '[inf]': /inf is not JSON\. No element may be infinite/,
    '[None]': /Python.*null/,
    '[True]': /Python.*true/,
    '[1,]': /a comma before \]/,
    '{"a": 1,}': /a comma before \}/,
    "{'a': 1}": /a name in double quotes/,
    '{a: 1}': /a name in double quotes/,
    '[01]': /"01" is not a JSON number/,
    '[.5]': /"\.5" is not a JSON number/,
    '[+1]': /"\+1" is not a JSON number/,
    '[1.]': /"1\." is not a JSON number/,
    '[1 2]': /expected a comma or \]/,
    '{"a" 1}': /expected a colon/,
    '[1] 2': /the value is complete, but "2" follows/,
    '["\t"]': /bare control character/,
    '["\\x"]': /escape that JSON does not have/,
    '["abc': /does not end/,
    '[1': /ends here, unfinished/,
    '  ': /blank/,
    '[1}': /expected a comma or \], got "\}"/,
  };
  for (const [text, expected] of Object.entries(meant)) assert.match(detailOf(text), expected, text);
});

test('a body is refused exactly when JSON.parse refuses it, or a number in it would be read as 0', () => {
  const characters = fc.constantFrom(...'[]{}",:0123456789.eE+-truefalsn \\u');
  const mutated = fc.tuple(fc.json(), fc.nat(), characters).map(([text, at, character]) => {
    const position = at % (text.length + 1);
    return text.slice(0, position) + character + text.slice(position + (at % 2));
  });
  fc.assert(
    fc.property(fc.oneof(fc.json(), mutated, fc.string({ unit: characters })), (text) => {
      let expected: unknown;
      let valid = true;
      try {
        expected = JSON.parse(text);
      } catch {
        valid = false;
      }
      const parsed = attempt(() => parseJson(Buffer.from(text)));
      if (!(parsed instanceof RequestError)) assert.deepEqual([valid, parsed], [true, expected]);
      else assert.equal(parsed.code, valid ? 'NUMBER_UNDERFLOW' : 'INVALID_JSON');
    }),
    { numRuns: 2000 },
  );
});

test('numbers that float64 would read as 0 are refused, each at its place, and zeros and the smallest numbers are not', () => {
  assert.deepEqual(
    faultPlaces(() => parseJson(Buffer.from('{"input": [[1e-400, 1], [0.5, -2e-999]], "target": [1e-323, 0e-999, 0.0, 4.9e-324]}'))),
    ['NUMBER_UNDERFLOW #/input/0/0', 'NUMBER_UNDERFLOW #/input/1/1'],
  );
  // behind the point and in the exponent, however the 323 places are divided between them
  for (const zeros of [0, 1, 100, 123, 124, 150, 199, 200, 300, 330]) {
    const places = Math.max(0, 323 - zeros);
    assert.equal(placeOf(`[0.${'0'.repeat(zeros)}1e-${places}]`), 'NUMBER_UNDERFLOW #/0', `${zeros} zeros`);
    assert.deepEqual(
      parseJson(Buffer.from(`[0.${'0'.repeat(zeros)}1e${322 - zeros > 0 ? `-${322 - zeros}` : `+${zeros - 322}`}]`)),
      [1e-323],
    );
  }
  assert.deepEqual(parseJson(Buffer.from('["1e-400"]')), ['1e-400']);
});

test('64 levels are parsed, one more is refused before anything is built, and brackets in strings are no levels', () => {
  const padding = ' '.repeat(2 ** 16);
  assert.ok(parseJson(Buffer.from('['.repeat(64) + ']'.repeat(64) + padding)));
  assert.equal(placeOf('['.repeat(65) + ']'.repeat(65) + padding), `DEPTH_LIMIT #${'/0'.repeat(64)}`);
  assert.equal(placeOf('{"input": '.repeat(200_000)), `DEPTH_LIMIT #${'/input'.repeat(64)}`);
  const inString = `["${'['.repeat(100)}\\"${'{'.repeat(100)}"]`;
  assert.deepEqual(parseJson(Buffer.from(inString + padding)), JSON.parse(inString));
});

test('a text of less than 64 KiB is parsed however deep it is: what is wrong is told by whoever reads it', () => {
  const depth = 2 ** 15 - 100;
  const deep = '['.repeat(depth) + ']'.repeat(depth);
  assert.ok(parseJson(Buffer.from(deep)));
  const places = (fields: string) =>
    faultPlaces(() => ask(parseJson(Buffer.from(`{"target": [1], ${fields}}`)) as Record<string, unknown>));
  assert.deepEqual(places(`"input": ${deep}`), [`DEPTH_LIMIT #/input${'/0'.repeat(32)}`]);
  assert.deepEqual(places(`"input": [1], "dim": ${deep}`), ['INVALID_VALUE #/dim/0']);
  assert.deepEqual(places(`"input": [1], "base": ${deep}`), ['INVALID_VALUE #/base']);
  assert.deepEqual(places(`"input": [1], "other": ${deep}`), ['UNKNOWN_FIELD #/other']);
  assert.deepEqual(places(`"input": {"shape": ${deep}, "data": [1]}`), ['INVALID_VALUE #/input/shape/0']);
});

test('a text that is valid has no fault to find but its end', () => {
  assert.match(jsonFault('[1, "a", {"b": null}]', 64).detail, /ends here/);
});

test('a body in UTF-8 may start with a byte order mark; other encodings are named', () => {
  assert.deepEqual(parseJson(Buffer.from('\ufeff[1]')), [1]);
  assert.match(faultsOf(() => parseJson(Buffer.from('\ufeff[1]', 'utf16le')))[0].detail, /byte order mark of UTF-16/);
  assert.equal(faultsOf(() => parseJson(Buffer.from('[1]', 'utf16le')))[0].code, 'INVALID_JSON');
  assert.match(faultsOf(() => parseJson(Buffer.from([0x22, 0xff, 0x22])))[0].detail, /not UTF-8/);
});
