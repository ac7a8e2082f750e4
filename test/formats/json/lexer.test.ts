import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closingQuote } from '../../../src/formats/json/lexer.ts';

/** What `closingQuote` returns, found byte by byte. */
function closingQuoteByDefinition(bytes: Buffer): number {
  let at = 1;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return Math.min(at, bytes.length);
}

test('a string ends at its first quote that is not escaped, or with the text', () => {
  const piece = fc.constantFrom('"', '\\', '\\"', '\\\\', 'a', 'a'.repeat(31), '\\'.repeat(33), 'é');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const bytes = Buffer.from(`"${pieces.join('')}`);
      assert.equal(closingQuote(bytes, 0), closingQuoteByDefinition(bytes));
    }),
  );
});
