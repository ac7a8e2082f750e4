import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { structureOf } from '../../../src/formats/json/structure.ts';

const partsOf = (text: string) => structureOf(Buffer.from(text), 64);

test('lists, objects, fields and commas are counted where they are no part of a string', () => {
  const { depth, deepest, containers, fields, commas } = partsOf('{"a,[": [1, [2, "]:,{\\"["], {}], "b\\\\": 3}');
  assert.deepEqual({ depth, deepest, containers, fields, commas }, { depth: 0, deepest: 3, containers: 4, fields: 2, commas: 4 });
});

test('strings of any length end where JSON.parse ends them, whatever they hold', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      '\\',
      '\\\\',
      '\\"',
      '[',
      ',',
      'é',
      '€',
      'a'.repeat(31),
      'a'.repeat(32),
      '"'.repeat(9),
      '\\'.repeat(40),
      ',[{'.repeat(20),
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece).map((pieces) => pieces.join(''))), (strings) => {
      const { containers, commas, fields, characters } = partsOf(JSON.stringify(strings));
      assert.deepEqual({ containers, commas, fields }, { containers: 1, commas: Math.max(0, strings.length - 1), fields: 0 });
      const bytes = strings.reduce((sum, string) => sum + string.length * (/[^\0-\xff]/.test(string) ? 2 : 1), 0);
      assert.ok(characters >= bytes, `${characters} for ${bytes}`);
    }),
    { numRuns: 1000 },
  );
});

test('what stands before a string that never ends is counted', () => {
  for (const rest of ['', '\\', 'a'.repeat(100), '\\'.repeat(101), `${'a'.repeat(100)}\\"`])
    assert.equal(partsOf(`["${rest}`).containers, 1);
});

test('counting ends where a text is deeper than it may be', () => {
  const { containers } = structureOf(Buffer.from('['.repeat(10 ** 7)), 64);
  assert.ok(containers < 10 ** 6);
});
