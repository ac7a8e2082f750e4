import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, numbersOf } from '../helper.ts';

const sumOf = (input: unknown, target: unknown, kind: string, options: Record<string, unknown> = {}) =>
  numbersOf(ask({ input, target, input_kind: kind, target_kind: kind, reduction: 'sum', ...options }).results.sum)[0];

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.abs(expected), `${actual} is not ${expected}`);

test('counts whose quotient underflows still have a logarithm', () => {
  // KL of (1, 1) against (1e-200, 1e150): ½·ln(½ / 1e-350) + ½·ln(½ / 1)
  close(sumOf([1e-200, 1e150], [1, 1], 'counts'), 0.5 * (Math.log(0.5) + 350 * Math.LN10) + 0.5 * Math.log(0.5));
});

test("logits of float64's lowest number, a usual mask, are computed with", () => {
  const mask = -Number.MAX_VALUE;
  close(sumOf([1, 2, mask], [2, 1, mask], 'logits'), Math.tanh(0.5));
  assert.equal(sumOf([mask, mask], [mask, mask], 'logits'), 0);
});

test('an offset between the two sides, however large, costs no digit of the divergence', () => {
  const uniformAgainst = (logits: number[]) => {
    // KL of the uniform distribution against softmax(logits)
    const logNorm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    return logits.reduce((sum, x) => sum + (Math.log(1 / logits.length) - (x - logNorm)) / logits.length, 0);
  };
  for (const row of [-Number.MAX_VALUE, -3.4028234663852886e38, -1e9, 1e6, 1e20, 1e270]) {
    close(sumOf([5, 1, 3], [row, row, row], 'logits'), uniformAgainst([5, 1, 3]));
  }
  // KL of softmax(0, 3) against the uniform distribution, and of a one-hot distribution against softmax(0, 3)
  const [p0, p1] = [1 / (1 + Math.exp(3)), 1 / (1 + Math.exp(-3))];
  close(sumOf([1e20, 1e20], [0, 3], 'logits'), p0 * Math.log(2 * p0) + p1 * Math.log(2 * p1));
  close(sumOf([0, 3], [1e20, 0], 'logits'), -Math.log(p0));
});

test('log-probabilities against logits that are shifted far away are computed with all digits', () => {
  const kinds = { input_kind: 'logits', target_kind: 'log_probs', reduction: 'sum' };
  const far = ask({ ...kinds, input: [-1e20, -1e20], target: [Math.log(0.25), Math.log(0.75)] });
  close(numbersOf(far.results.sum)[0], 0.25 * Math.log(0.5) + 0.75 * Math.log(1.5));
});

test('near-identical logits keep their digits beside a large common offset', () => {
  // the offset is a power of two and the nudge a multiple of its ulp, so nothing is rounded on the way in
  const nudge = 2 ** -20;
  const near = sumOf([0, 0], [0, nudge], 'logits');
  assert.equal(sumOf([2 ** 30, 2 ** 30], [2 ** 30, 2 ** 30 + nudge], 'logits'), near);
  close(near, nudge ** 2 / 8 - nudge ** 4 / 64);
});

test('a distribution that is nearly one-hot keeps the digits of its small outcomes', () => {
  // P = softmax(0, -50), Q = softmax(0, -60): p₂·10 - (p₂ - q₂) to first order in p₂
  const p2 = Math.exp(-50) / (1 + Math.exp(-50));
  const q2 = Math.exp(-60) / (1 + Math.exp(-60));
  close(sumOf([0, -60], [0, -50], 'logits'), p2 * 10 - (p2 - q2));
});

test('the largest numbers that are accepted give no NaN and no Infinity', () => {
  assert.ok(Number.isFinite(sumOf([1e270, 0], [0, 1e270], 'logits')));
  assert.ok(Number.isFinite(sumOf([1e270, 1], [1, 1e270], 'counts')));
  assert.ok(Number.isFinite(sumOf([1e270, 5e-324], [5e-324, 1e270], 'probs')));
  assert.ok(Number.isFinite(sumOf([621, -1e5], [-1e5, 621], 'log_probs')));
});

test('logits with subnormal probabilities have no negative divergence', () => {
  assert.ok(sumOf([0, -744.5], [0, -745.13], 'logits') >= 0);
});

test('the largest numbers in units of the smallest base are finite', () => {
  const sum = sumOf(Array(3000).fill(1e270), Array(3000).fill(3.7e269), 'probs', { base: 1 + Number.EPSILON });
  assert.ok(Number.isFinite(sum) && sum < 0);
});

test('a tensor of rank 32 is computed', () => {
  const deep = (value: number) => Array.from({ length: 31 }).reduce<unknown>((inner) => [inner], [value, 0]);
  assert.equal(ask({ input: deep(1), target: deep(2) }).shape.length, 32);
});

test('dim may be negative, and axes in any order are the same axes', () => {
  const input = [
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 9],
    ],
  ];
  const target = [
    [
      [2, 2],
      [1, 4],
    ],
    [
      [5, 1],
      [0, 9],
    ],
  ];
  const along = (dim: unknown) => ask({ input, target, dim, reduction: 'all' }).results;
  assert.deepEqual(along(-3), along(0));
  assert.deepEqual(along([-1, 0]), along([0, 2]));
  assert.deepEqual(ask({ input, target, dim: [-1, 0] }).dim, [0, 2]);
});
