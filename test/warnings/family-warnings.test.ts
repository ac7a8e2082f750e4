import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../src/formats/json/read-request.ts';
import { divergencesContract } from '../../src/schema/divergences.ts';
import { parseRequest } from '../../src/schema/parse-request.ts';
import { solve } from '../../src/tasks/solve/solve.ts';

const probs = { input_kind: 'probs', target_kind: 'probs' };

function warningsOf(request: Readonly<Record<string, unknown>>) {
  return solve(requestOf(parseRequest({ reduction: 'sum', ...request }, divergencesContract), 1_000)).warnings;
}

const codes = (request: Readonly<Record<string, unknown>>) => warningsOf(request).map(({ code, details }) => [code, details.divergence]);

test('masses that differ make KL, its reverse and Rényi negative, each with a warning of its own, and the others not', () => {
  const divergences = ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon', 'renyi:2', 'hellinger', 'total_variation', 'chi_squared'];
  const low = { target: [0.2, 0.2], input: [0.5, 0.5], ...probs, divergences };
  assert.deepEqual(codes(low), [
    ['NOT_NORMALIZED', undefined],
    ['NEGATIVE_DIVERGENCE', 'kl'],
    ['NEGATIVE_DIVERGENCE', 'renyi:2'],
  ]);
  assert.deepEqual(codes({ ...low, target: [0.5, 0.5], input: [0.2, 0.2] }).slice(1), [['NEGATIVE_DIVERGENCE', 'reverse_kl']]);
  assert.match(warningsOf(low)[1].message, /^kl is below 0 in the one distribution, the lowest -0\.366516: .* here by -0\.6\./);
});

test('a result that is the difference of masses which are 1 but for rounding is told of the divergences that rest on masses', () => {
  const off = { target: [0.5, 0.5 + 2e-8], input: [0.5, 0.5], ...probs };
  const divergences = ['kl', 'reverse_kl', 'jensen_shannon', 'total_variation'];
  assert.deepEqual(codes({ ...off, divergences }), [
    ['NEGATIVE_DIVERGENCE', 'reverse_kl'],
    ['MASS_DIFFERENCE', 'kl'],
    ['MASS_DIFFERENCE', 'reverse_kl'],
  ]);
  assert.deepEqual(codes({ ...off, divergences: ['jensen_shannon', 'total_variation'] }), []);
});

test('none tells of negative terms where they are normal, by the divergence that has them', () => {
  const request = {
    target: [1, 2, 3],
    input: [3, 1, 2],
    reduction: 'none',
    divergences: ['kl', 'jeffreys', 'reverse_kl', 'jensen_shannon'],
  };
  assert.deepEqual(codes(request), [
    ['NEGATIVE_TERMS', 'kl'],
    ['NEGATIVE_TERMS', 'reverse_kl'],
  ]);
});

test('0 over 0, which is NaN in PyTorch, is told only of KL in either direction', () => {
  const request = { target: [1, 2, 0], input: [2, 1, 0], input_kind: 'counts', target_kind: 'counts' };
  assert.deepEqual(codes({ ...request, divergences: ['jensen_shannon', 'kl'] }), [['ZERO_OVER_ZERO', undefined]]);
  assert.deepEqual(codes({ ...request, divergences: ['jensen_shannon', 'hellinger'] }), []);
});

test('an overflow is infinite with a message of its own, and no index', () => {
  const request = { target: [0, -1], input: [-2000, 0], input_kind: 'log_probs', target_kind: 'log_probs', divergences: ['chi_squared'] };
  const found = warningsOf(request).find(({ code }) => code === 'INFINITE_DIVERGENCE');
  assert.match(found?.message ?? '', /, but chi_squared is larger than the largest float64/);
  assert.deepEqual(found?.details, { divergence: 'chi_squared', count: 0, indices: [] });
});

test('a sum that overflows although each divergence is finite is told as such', () => {
  const row = [-1.7e308, 0];
  const request = { target: [row, row], input: [row.toReversed(), row.toReversed()], input_kind: 'log_probs', target_kind: 'log_probs' };
  const found = warningsOf({ ...request, divergences: ['reverse_kl'] }).find(({ code }) => code === 'INFINITE_DIVERGENCE');
  assert.match(found?.message ?? '', /, but the sum of reverse_kl over the distributions is larger than .*, although each is finite\./);
});

test('what is said of reductions speaks of the divergence, not of KL', () => {
  const request = { target: [[1, 2, 3]], input: [[3, 1, 2]], reduction: ['mean', 'batchmean'], dim: 0, divergences: ['hellinger'] };
  const found = warningsOf({ ...request, dim: [0, 1] });
  assert.deepEqual(
    found.map(({ code }) => code),
    ['MEAN_DIVIDES_BY_SUPPORT'],
  );
  assert.match(found[0].message, /smaller than the mean divergence\./);
});

test('padding is found beside distributions that differ, whichever divergence is asked for', () => {
  const request = {
    target: [
      [1, 2, 3],
      [0, 0, 0],
    ],
    input: [
      [3, 1, 2],
      [0, 0, 0],
    ],
    divergences: ['cross_entropy'],
  };
  assert.deepEqual(codes(request), [['PADDING_SUSPECTED', undefined]]);
});

test('what makes a divergence finite is told of the side that lacks the mass, and of what it holds', () => {
  const advice = (request: Readonly<Record<string, unknown>>) => {
    const found = warningsOf(request).find(({ code }) => code === 'INFINITE_DIVERGENCE');
    return [found?.pointer, found?.message.slice(found.message.indexOf('; ') + 2)];
  };
  const toCounts =
    'send both sides as "counts" with a "pseudocount" such as 1e-6, which is added to every number before they are divided by their sums.';
  const some = { target: [0.5, 0.5], input: [1, 0], ...probs };
  assert.deepEqual(advice({ ...some, divergences: ['kl'] }), ['#/input', `if input should cover these outcomes, ${toCounts}`]);
  assert.deepEqual(advice({ ...some, target: [1, 0], input: [0.5, 0.5], divergences: ['reverse_kl'] }), [
    '#/target',
    `if target should cover these outcomes, ${toCounts}`,
  ]);
  const disjoint = { target: ['-Infinity', 0], input: [0, '-Infinity'], divergences: ['renyi:0.5'] };
  const low = 'send a low number such as -100 there in place of "-Infinity".';
  assert.deepEqual(advice(disjoint), ['#/input', `if input should cover the outcomes of target, ${low}`]);
  const tiny = { ...some, input: [1, 1e-320], divergences: ['chi_squared', 'renyi:2'] };
  const [overflow] = warningsOf(tiny).filter(({ code }) => code === 'INFINITE_DIVERGENCE');
  assert.match(overflow.message, /renyi:2 is the logarithm of 1 \+ chi_squared, and finite here\.$/);
});

test('a divergence that is infinite from both sides is told of each, with the outcomes that each lacks', () => {
  const found = (request: Readonly<Record<string, unknown>>) =>
    warningsOf({ ...request, divergences: ['jeffreys'] }).map(({ code, pointer, details }) => [code, pointer, details.indices]);
  const bins = { input_kind: 'counts', target_kind: 'counts', target: [50, 0, 20, 30], input: [40, 25, 0, 35] };
  assert.deepEqual(found(bins), [
    ['INFINITE_DIVERGENCE', '#/input', [[2]]],
    ['INFINITE_DIVERGENCE', '#/target', [[1]]],
  ]);
  assert.deepEqual(found({ ...bins, target: [50, 1, 20, 30] }), [['INFINITE_DIVERGENCE', '#/input', [[2]]]]);
});
