import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedFormWarnings } from '../../src/warnings/closed-form-warnings.ts';

type Context = Parameters<typeof closedFormWarnings>[0];

test('a sum of closed forms that overflows although each is finite is told as such', () => {
  const axes = { outcomeOffsets: new Uint32Array(1), distributionOffsets: new Uint32Array(2), shape: [2], dims: [1] };
  const member = { divergence: { key: 'kl' }, perDistribution: Float64Array.of(1e308, 1e308), sum: Number.POSITIVE_INFINITY };
  const context = { kind: 'poisson', axes, shape: [2, 1], reductions: ['sum'], weight: 2, ignored: [], members: [member] };
  const [{ message }] = closedFormWarnings(context as unknown as Context);
  assert.match(message, /^the sum of kl over the distributions is larger than .*, although each is finite, and so is every/);
});
