import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seenOf } from '../../../src/explorer/results/seen.ts';
import type { KlAnswer } from '../../../src/explorer/service/answers.ts';

const named = (edges: readonly (number | 'Infinity' | '-Infinity')[]) => {
  const answer = { results: { per_distribution: 0 }, shape: [edges.length - 1], distributions: 1, bins: { edges } };
  return seenOf(answer as unknown as KlAnswer, 'KL').outcomes?.[0];
};

test('bins are named by their edges with few digits, and with as many as neighbours need to differ', () => {
  assert.deepEqual(named([0, 1 / 3, 2 / 3]), ['0 – 0.3333', '0.3333 – 0.6667']);
  assert.deepEqual(named(['-Infinity', 1_700_000_000, 1_700_000_150, 'Infinity']), [
    '-Infinity – 1700000000',
    '1700000000 – 1700000150',
    '1700000150 – Infinity',
  ]);
  assert.deepEqual(named([1, 1 + 2 ** -52]), ['1 – 1.0000000000000002']);
});
