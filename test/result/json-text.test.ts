import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonText, writeJson } from '../../src/result/json-text.ts';

const numbers = Array.from({ length: 1_000 }, (_, k) => (k % 10 === 0 ? 'Infinity' : Math.sin(k)));
const answer = {
  results: { none: numbers, sum: 1.5, per_distribution: [numbers, numbers] },
  shape: [2, 500],
  warnings: [{ message: 'é' }],
};

for (const length of [0, 100, 10_000, 100_000]) {
  test(`an answer that is written piece by piece, into ${length} bytes, is the text that it is in one`, () => {
    const into = Buffer.alloc(length);
    const written = writeJson(answer, into);
    assert.equal(written.toString(), jsonText(answer));
    assert.equal(written.buffer === into.buffer, length === 100_000);
  });
}
