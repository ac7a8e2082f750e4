import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { ask, faultsOf, numbersOf } from '../helper.ts';
import { compare, found } from '../kernels/compare.ts';
import { seededRandom } from '../kernels/rows.ts';
import { exactDivergence } from './exact-counts.ts';

const random = seededRandom(5);
const kernel = loadKernel();
const kinds = { input_kind: 'counts', target_kind: 'counts' };
const zeroBin = { input: [40, 30, 25, 5], target: [50, 30, 20, 0], ...kinds };
const swapped = { ...zeroBin, input: zeroBin.target, target: zeroBin.input };

test('a pseudocount is added to every count of both sides before they are divided', () => {
  // mpmath 1.3, mp.dps = 60
  const expected = { 0.25: [0.05862155045692887, 0.1249920577629458], 0.5: [0.05363488284035187, 0.09624215456925743] };
  for (const [pseudocount, values] of Object.entries({ ...expected, 1: [0.04667419511090021, 0.07072199246439546] })) {
    const sums = [zeroBin, swapped].flatMap((counts) =>
      numbersOf(ask({ ...counts, pseudocount: Number(pseudocount), reduction: 'sum' }).results.sum),
    );
    for (const [k, sum] of sums.entries()) assert.ok(Math.abs(sum - values[k]) <= 1e-14 * values[k], `${sum} at ${pseudocount}`);
  }
});

test('with a pseudocount no outcome is without mass: the divergence is finite, and counts that are all 0 are uniform', () => {
  const infinite = ask({ ...swapped, reduction: 'sum' });
  assert.deepEqual(
    infinite.warnings.map(({ code }) => code),
    ['INFINITE_DIVERGENCE'],
  );
  assert.match(infinite.warnings[0].message, /"pseudocount"/);
  assert.deepEqual(ask({ ...swapped, pseudocount: 0.5, reduction: 'sum' }).warnings, []);
  const empty = { ...kinds, input: [0, 0, 0], target: [1, 1, 1], reduction: 'sum' };
  assert.equal(ask({ ...empty, pseudocount: 1e-3 }).results.sum, 0);
  assert.deepEqual(
    faultsOf(() => ask(empty)).map(({ code }) => code),
    ['ZERO_MASS'],
  );
});

test('an infinite divergence of probabilities, which have no pseudocount, is told of the kind that has one, and is finite with it', () => {
  const request = { input: [1, 0], target: [0.5, 0.5], input_kind: 'probs', target_kind: 'probs', reduction: 'sum' };
  assert.match(ask(request).warnings[0].message, /send both sides as "counts" with a "pseudocount" such as 1e-6/);
  const { results, warnings } = ask({ ...request, ...kinds, pseudocount: 1e-6 });
  assert.ok(Number.isFinite(results.sum));
  assert.ok(warnings.every(({ code }: { readonly code: string }) => code !== 'INFINITE_DIVERGENCE'));
});

const row = fc.array(fc.oneof(fc.nat(1000), fc.double({ min: 0, max: 1e6, noNaN: true })), { minLength: 3, maxLength: 3 });
const rows = fc.array(row, { minLength: 2, maxLength: 2 });
const positive = rows.map((some) => some.map((counts) => counts.map((count) => count + 1e-3)));

test('a pseudocount of 0 changes nothing, bit for bit', () => {
  fc.assert(
    fc.property(positive, positive, (input, target) => {
      const request = { input, target, ...kinds, reduction: 'all' };
      assert.deepEqual(ask({ ...request, pseudocount: 0 }), ask(request));
      assert.deepEqual(ask({ ...request, pseudocount: 0 }, kernel), ask(request, kernel));
    }),
  );
});

const whole = fc.array(fc.array(fc.nat(1e6), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 2 });

test('a pseudocount does what adding it to all counts beforehand does, bit for bit where float64 holds the sums', () => {
  fc.assert(
    fc.property(whole, whole, fc.constantFrom(1, 0.5, 0.25, 100, 2 ** -20), (input, target, pseudocount) => {
      const more = (counts: number[][]) => counts.map((some) => some.map((count) => count + pseudocount));
      for (const by of [undefined, kernel]) {
        const { results } = ask({ input, target, ...kinds, pseudocount, reduction: 'all' }, by);
        assert.deepEqual(results, ask({ input: more(input), target: more(target), ...kinds, reduction: 'all' }, by).results);
      }
    }),
  );
});

test('counts that are nearly equal keep their digits, though float64 does not hold their sums with the pseudocount', () => {
  for (const pseudocount of [0.1, 1e-3, 1e-7, 1 / 3, 1e5 / 7]) {
    for (const offset of [1, 1000, 1e-3]) {
      const target = Array.from({ length: 5 }, () => Math.floor(1e9 * random()) + 1e6);
      const input = target.map((count, k) => count + (k % 2 === 0 ? offset : -offset));
      const expected = exactDivergence(target, input, pseudocount);
      for (const by of [undefined, kernel]) {
        const [sum] = numbersOf(ask({ input, target, ...kinds, pseudocount, reduction: 'sum' }, by).results.sum);
        assert.ok(Math.abs(sum - expected) <= 4e-15 * expected, `${sum} is not ${expected}: ${target} and ${input} with ${pseudocount}`);
      }
    }
  }
});

test('the kernel adds the pseudocount as the definition does, in rows of any length and terms too', () => {
  for (const pseudocount of [0.01, 0.5, 1, 250]) {
    for (const n of [2, 3, 10, 257, 8192, 8193, 20_001]) {
      const count = Math.ceil(2000 / n);
      const some = () => Float64Array.from({ length: n * count }, () => Math.floor(20 * random()));
      const [p, q] = [some(), some()];
      const shares = compare('counts', p, q, [count, n], 1, 1, pseudocount);
      // rows that are equal or have one outcome with nearly all of the mass are left to the definition
      if (n >= 257) assert.deepEqual(shares, [1, 1], `${n} counts`);
      compare('counts', p, q, [n, count], 0, 1, pseudocount);
      const near = p.map((counted) => counted + 1e-4 * random());
      compare('counts', p, near, [count, n], 1, 1, pseudocount);
    }
  }
});

test('the kernel computes nearly equal counts itself, with the digits that rounding takes from their sums with the pseudocount', () => {
  for (const pseudocount of [0.1, 1 / 3, 1e5 / 7]) {
    for (const n of [10, 101, 1000]) {
      const target = Float64Array.from({ length: n }, () => Math.ceil(1e9 * random()) + 1e6);
      const input = target.map((count) => count + Math.floor(3000 * random()));
      const { totals, trusted } = found('counts', target, input, [n], 0, false, 1, undefined, pseudocount);
      assert.equal(trusted[0], 1, `${n} counts with ${pseudocount} are left to the definition`);
      const expected = exactDivergence([...target], [...input], pseudocount);
      assert.ok(Math.abs(totals[0] - expected) <= 4e-15 * expected, `${totals[0]} is not ${expected} with ${pseudocount}`);
    }
  }
});

test('the kernel keeps the digits of counts whose shares are far apart, where rounding takes some from their sums with the pseudocount', () => {
  const [target, input] = [Float64Array.of(1, 178608), Float64Array.of(1, 281664110110)];
  const { totals, trusted } = found('counts', target, input, [2], 0, false, 1, undefined, 0.1);
  // mpmath 1.3, mp.dps = 60
  const expected = 8.173225281872712e-5;
  assert.equal(trusted[0], 1);
  assert.ok(Math.abs(totals[0] - expected) <= 4e-15 * expected, `${totals[0]} is not ${expected}`);
});

test('a count below 0 is not hidden by a pseudocount that makes it positive, in bytes that the kernel reads first', () => {
  const { trusted } = found('counts', Float64Array.of(-1, 5), Float64Array.of(1, 2), [2], 0, false, 1, undefined, 3);
  assert.deepEqual([...trusted], [0]);
  const bytes = (...counts: number[]) => ({ shape: [2], base64: Buffer.from(Float64Array.of(...counts).buffer).toString('base64') });
  for (const by of [undefined, kernel]) {
    const [fault] = faultsOf(() => ask({ input: bytes(1, 2), target: bytes(-1, 5), ...kinds, pseudocount: 3 }, by));
    assert.equal(`${fault.code} ${fault.pointer}`, 'NEGATIVE_MASS #/target/base64');
  }
});

test('a pseudocount that is below 0, or no number, is refused', () => {
  for (const pseudocount of [-1, '1', null, Number.POSITIVE_INFINITY, Number.NaN, 1e271]) {
    const [fault] = faultsOf(() => ask({ ...zeroBin, pseudocount }));
    assert.equal(`${fault.code} ${fault.pointer}`, 'INVALID_VALUE #/pseudocount', String(pseudocount));
  }
});

test('a pseudocount of numbers that are no counts is refused for each such side, and says what may be sent', () => {
  const faults = faultsOf(() => ask({ input: [1, 2], target: [1, 2], pseudocount: 1, input_kind: 'probs' }));
  assert.deepEqual(
    faults.map(({ pointer, code, detail }) => [pointer, code, detail]),
    ['input_kind is probs', 'target_kind is logits'].map((which) => [
      '#/pseudocount',
      'INVALID_VALUE',
      `pseudocount is added to counts, but ${which}: send the counts of both sides, or leave pseudocount out`,
    ]),
  );
  assert.ok(ask({ input: [1, 2], target: [1, 2], pseudocount: 0 }).results);
});

test('even the largest counts with the largest pseudocount have a finite divergence', () => {
  const most = { input: [1e270, 0], target: [0, 1e270], ...kinds, pseudocount: 1e270, reduction: 'sum' };
  for (const by of [undefined, kernel]) assert.ok(Math.abs(Number(ask(most, by).results.sum) - Math.log(2) / 3) < 1e-15);
});
