import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../src/formats/json/read-request.ts';
import { divergencesContract } from '../../src/schema/divergences.ts';
import { parseRequest } from '../../src/schema/parse-request.ts';
import { explain } from '../../src/tasks/explain.ts';
import { answer, anyAnswer } from '../../src/tasks/json-response.ts';
import { answerBytes, besideBytes } from '../../src/tasks/solve/answer-size.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import { workOf } from '../../src/tasks/solve/work.ts';
import { golden, observationsOf } from '../core/samples/golden.ts';
import { ask, faultPlaces, faultsOf } from '../helper.ts';

const counts = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' } as const;
const samples = { input_kind: 'samples', target_kind: 'samples', reduction: 'sum' } as const;
const sides = { input: [310, 290, 240, 160], target: [250, 250, 250, 250] };

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into
const family = (request: object): any =>
  JSON.parse(JSON.stringify(anyAnswer(solve(requestOf(parseRequest({ reduction: 'sum', ...request }, divergencesContract), 1_000_000)))));
const isNear = (actual: unknown, expected: number) =>
  assert.ok(Math.abs(Number(actual) / expected - 1) < 1e-12, `${actual}, expected ${expected}`);

test('a request that asks for no sampling is answered without it, and one with samples says it unless told not to', () => {
  assert.equal(ask({ ...counts, ...sides }).sampling, undefined);
  assert.equal(ask({ ...counts, ...sides, sampling: false }).sampling, undefined);
  assert.notEqual(ask({ ...counts, ...sides, sampling: true }).sampling, undefined);
  assert.notEqual(ask({ ...samples, input: [1, 2], target: [1, 3] }).sampling, undefined);
  assert.equal(ask({ ...samples, input: [1, 2], target: [1, 3], sampling: false }).sampling, undefined);
});

test('sampling gives the numbers of observations, the p-value, and what chance makes of the divergence', () => {
  const { sampling, results } = ask({ ...counts, ...sides, sampling: true });
  assert.deepEqual([sampling?.input_size, sampling?.target_size], [1000, 1000]);
  // three degrees of freedom, half of each side's thousandth; scipy.stats.chi2.isf(0.05, 3) = 7.814727903251178
  isNear(sampling?.expected_by_chance, 0.003);
  isNear(sampling?.chance_bound, 7.814727903251178 / 1000);
  // scipy.stats.chi2_contingency with lambda_ "log-likelihood"
  isNear(sampling?.p_value, 1.7339313182292733e-6);
  assert.deepEqual(results, ask({ ...counts, ...sides }).results);
});

test('what chance makes of a divergence is in its unit', () => {
  const bits = ask({ ...counts, ...sides, sampling: true, base: 2 }).sampling;
  isNear(bits?.expected_by_chance, 0.003 / Math.LN2);
  const { divergences } = family({
    ...counts,
    ...sides,
    sampling: true,
    base: 2,
    divergences: ['hellinger', 'chi_squared', 'jensen_shannon_distance'],
  });
  isNear(divergences.chi_squared.sampling.expected_by_chance, 0.006);
  isNear(divergences.jensen_shannon_distance.sampling.chance_bound ** 2 * Math.LN2, divergences.hellinger.sampling.chance_bound ** 2);
});

test('several divergences share sizes and p-value, and each has its own expectation, but for those that have none', () => {
  const { divergences, sampling } = family({ ...counts, ...sides, sampling: true, divergences: ['kl', 'jeffreys', 'total_variation'] });
  assert.deepEqual(Object.keys(sampling), ['input_size', 'target_size', 'p_value']);
  isNear(divergences.jeffreys.sampling.expected_by_chance, 2 * divergences.kl.sampling.expected_by_chance);
  assert.equal(divergences.total_variation.sampling, undefined);
});

test('each distribution has its own numbers, in the shape of per_distribution and the form of input', () => {
  const tensor = (data: number[]) => ({ shape: [2, 2], data });
  const request = { ...counts, input: tensor([5, 9, 7, 3]), target: tensor([6, 6, 10, 20]), sampling: true, dim: 0 };
  const { sampling } = ask(request);
  assert.deepEqual(
    [sampling?.input_size, sampling?.target_size],
    [
      { shape: [2], data: [12, 12] },
      { shape: [2], data: [16, 26] },
    ],
  );
});

test('distributions of weight 0 have no sampling, and may hold fractions', () => {
  const { sampling } = ask({
    ...counts,
    input: [
      [5, 9],
      [0.5, 1],
    ],
    target: [
      [6, 6],
      [1, 1],
    ],
    weights: [1, 0],
    sampling: true,
  });
  assert.deepEqual(sampling?.p_value, [Array.isArray(sampling?.p_value) && sampling.p_value[0], 'NaN']);
});

test('sampling refuses counts that are no whole numbers, each at its place, or at its index where it has none', () => {
  const flat = { shape: [1, 2], data: [1, 1e17] };
  const faults = faultsOf(() => ask({ ...counts, input: [[1.5, 2]], target: flat, sampling: true }));
  assert.deepEqual(
    faults.map(({ pointer, detail }) => [pointer, detail.slice(0, 15)]),
    [
      ['#/input/0/0', 'sampling counts'],
      ['#/target', 'element [0, 1]:'],
    ],
  );
});

test('sampling and intervals are work, so that a thread takes what would keep the event loop busy', () => {
  const work = (more: object) => workOf(requestOf(parseRequest({ ...counts, ...sides, ...more }), 100));
  assert.deepEqual([work({}), work({ sampling: true }), work({ confidence: 0.9 })], [8, 8 + 4 * 12, 8 + 4 * 12 + 4000 * 3]);
  assert.equal(workOf(requestOf(parseRequest({ ...samples, input: [1, 2, 3], target: [1], bins: 2, sampling: false }), 100)), 4 + 3 * 6);
});

test('an interval is the same for the same seed, says its confidence, and is asked for by that', () => {
  const asked = (more: object) => ask({ ...counts, ...sides, ...more }).sampling?.interval;
  assert.equal(asked({ sampling: true }), undefined);
  const { lower, upper, ...said } = asked({ confidence: 0.9 }) ?? {};
  assert.deepEqual(said, { confidence: 0.9, seed: 0 });
  assert.ok(Number(lower) > 0 && Number(lower) < 0.0257 && Number(upper) > 0.0257, `${lower} ${upper}`);
  assert.deepEqual(asked({ confidence: 0.9, seed: 0 }), asked({ confidence: 0.9 }));
  assert.notDeepEqual(asked({ confidence: 0.9, seed: 1 })?.lower, lower);
});

test('intervals of more outcomes than can be drawn in time are refused before anything is computed', () => {
  const many = { shape: [5001, 2], data: Array(10_002).fill(1) };
  assert.deepEqual(
    faultPlaces(() => ask({ ...counts, input: many, target: many, confidence: 0.9 })),
    ['TOO_MANY_ELEMENTS #/confidence'],
  );
});

test('strict refuses small counts only where sampling was asked for', () => {
  const few = { input: ['a', 'b', 'b'], target: ['a', 'b', 'a'], strict: true };
  assert.notEqual(ask({ ...samples, ...few }).sampling, undefined);
  assert.deepEqual(
    faultPlaces(() => ask({ ...samples, ...few, sampling: true })),
    ['STRICT_WARNINGS #/sampling'],
  );
  assert.deepEqual(
    faultPlaces(() => ask({ ...samples, ...few, confidence: 0.9 })),
    ['STRICT_WARNINGS #/sampling'],
  );
});

test('a derivation of samples shows their bins and what sampling makes of them', () => {
  const solved = solve(requestOf(parseRequest({ ...samples, input: [1, 2, 2], target: [1, 1, 2], bins: 2 }), 100));
  const membersOf = (shown: object) => Object.entries(shown).filter(([name]) => name === 'bins' || name === 'sampling');
  assert.deepEqual(membersOf(explain(solved)), membersOf(answer(solved)));
  assert.equal(membersOf(answer(solved)).length, 2);
});

for (const [name, psi] of Object.entries(golden.psi)) {
  test(`PSI of ${name} by deciles with a pseudocount of 1 is that of Phoenix and Fiddler`, () => {
    const { input, target } = observationsOf(name);
    const request = {
      ...samples,
      input: [...input[0]],
      target: [...target[0]],
      bins: 'deciles',
      pseudocount: 1,
      divergences: ['jeffreys'],
    };
    isNear(family(request).divergences.jeffreys.results.sum, psi);
  });
}

test('no answer about samples is longer than is reckoned from the request', () => {
  const names = Array.from({ length: 300 }, (_, k) => `\u0001"${'é'.repeat(k % 7)}${k}`);
  const requests = [
    { input: names, target: names.toReversed(), confidence: 0.9 },
    { input: Array(300).fill([1 / 3, 2 / 3]), target: Array(300).fill([1e-9 / 7]), bins: 33, missing: 'category', reduction: 'all' },
    {
      input: { shape: [50, 4], data: Array.from({ length: 200 }, (_, k) => k / 7) },
      target: { shape: [50, 1], data: Array(50).fill(-1e-7 / 3) },
    },
  ];
  for (const request of requests) {
    const read = requestOf(parseRequest({ ...samples, ...request }), 100_000);
    const solved = solve(read);
    const { shape, axes, reductions } = solved;
    const plan = { shape, rest: axes.shape, reductions, form: solved.form, beside: besideBytes(read, axes.shape) };
    const { length } = Buffer.from(JSON.stringify(answer(solved)));
    assert.ok(length <= answerBytes(plan), `${length} of ${answerBytes(plan)}`);
  }
});
