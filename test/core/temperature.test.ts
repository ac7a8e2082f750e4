import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { ask, faultsOf, numbersOf } from '../helper.ts';
import { compare, found } from '../kernels/compare.ts';
import { near, normals, rowsOf, seededRandom, softmaxed } from '../kernels/rows.ts';

const random = seededRandom(2);
const kernel = loadKernel();
const input = [[2, 1, 0.1]];
const target = [[1.5, 1.2, 0.2]];

test('logits are divided by the temperature on both sides, and nothing is multiplied by its square', () => {
  // mpmath 1.3, mp.dps = 60
  const expected = { 1: 0.05601453418905314, 2: 0.013676952031835546, 4: 0.003246038022853593, 100: 4.796803996252403e-6 };
  for (const [temperature, value] of Object.entries(expected)) {
    const [sum] = numbersOf(ask({ input, target, temperature: Number(temperature), reduction: 'sum' }).results.sum);
    assert.ok(Math.abs(sum - value) <= 1e-14 * value, `${sum} at ${temperature}`);
  }
});

test('logits that a low temperature makes -Infinity have no mass, and the problem says so', () => {
  for (const by of [undefined, kernel]) {
    const [fault] = faultsOf(() => ask({ input: [[-1.7e308, -1.7e308]], target: [[0, 1]], temperature: 2 ** -10 }, by));
    assert.equal(`${fault.code} ${fault.pointer}`, 'ZERO_MASS #/input');
    assert.match(fault.detail, /divided by the temperature/);
  }
});

const logits = fc.array(fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 3, maxLength: 3 }), {
  minLength: 2,
  maxLength: 2,
});
const temperatures = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

test('a temperature of 1 changes nothing, bit for bit', () => {
  fc.assert(
    fc.property(logits, logits, (q, p) => {
      assert.deepEqual(ask({ input: q, target: p, reduction: 'all', temperature: 1 }), ask({ input: q, target: p, reduction: 'all' }));
    }),
  );
});

test('a temperature does what dividing the tensors beforehand does, bit for bit', () => {
  fc.assert(
    fc.property(logits, logits, temperatures, (q, p, temperature) => {
      const divided = (rows: number[][]) => rows.map((row) => row.map((x) => x / temperature));
      const tempered = ask({ input: q, target: p, reduction: 'all', temperature });
      assert.deepEqual(tempered.results, ask({ input: divided(q), target: divided(p), reduction: 'all' }).results);
    }),
  );
});

test('the kernel divides by the temperature as the definition does, in rows of any length and terms too', (t) => {
  for (const temperature of [0.01, 0.7, 3, 250]) {
    for (const n of [1, 2, 3, 10, 257, 8192, 8193, 20_001]) {
      const rows = Math.ceil(2000 / n);
      const p = rowsOf('logits', random, rows, n, 1);
      compare('logits', p, rowsOf('logits', random, rows, n, 1), [rows, n], 1, temperature);
      compare('logits', p, near('logits', p, n, 1e-3, random), [rows, n], 1, temperature);
      compare('logits', p, near('logits', p, n, 1e-3, random), [n, rows], 0, temperature);
    }
  }
  const wide = found('logits', normals(random, 1000), normals(random, 1000), [10, 100], 1, true, 3);
  assert.ok(!wide.trusted.includes(0));
  t.diagnostic('all rows of the last tensor are of the kernel');
});

test('probabilities under kind logits are told from the numbers as sent, whatever the temperature, by the kernel too', () => {
  const probs = softmaxed(normals(random, 100), 100);
  const request = { input: [[...probs]], target: [[...normals(random, 100)]], temperature: 3 };
  for (const by of [undefined, kernel]) {
    assert.deepEqual(
      ask(request, by)
        .warnings.map(({ code }) => code)
        .filter((code) => code === 'KIND_MISMATCH'),
      ['KIND_MISMATCH'],
    );
  }
});

test('a temperature that is not above 0, or not finite, is refused', () => {
  for (const temperature of [0, -1, '2', null, Number.POSITIVE_INFINITY, Number.NaN]) {
    const [fault] = faultsOf(() => ask({ input, target, temperature }));
    assert.equal(`${fault.code} ${fault.pointer}`, 'INVALID_VALUE #/temperature', String(temperature));
  }
});

test('a temperature of numbers that are no logits is refused for each such side', () => {
  const faults = faultsOf(() => ask({ input, target, temperature: 2, input_kind: 'log_probs', target_kind: 'probs' }));
  assert.deepEqual(
    faults.map(({ pointer, code, detail }) => [pointer, code, detail.includes('temperature divides logits')]),
    [
      ['#/temperature', 'INVALID_VALUE', true],
      ['#/temperature', 'INVALID_VALUE', true],
    ],
  );
  assert.match(faults[1].detail, /target_kind is probs/);
  assert.ok(ask({ input: target, target, temperature: 1, input_kind: 'counts', target_kind: 'counts' }).results);
});

test('a logit that the temperature makes too large is refused, naming the largest that is not', () => {
  const [fault] = faultsOf(() => ask({ input: [[1e270, 0]], target: [[0, 1]], temperature: 0.5 }));
  assert.deepEqual([fault.code, fault.pointer], ['NUMBER_OVERFLOW', '#/input/0/0']);
  assert.match(fault.detail, /numbers up to 5e\+269/);
  assert.ok(numbersOf(ask({ input: [[1e270, 0]], target: [[0, 1]], temperature: 2, reduction: 'sum' }).results.sum).every(Number.isFinite));
});

test('a mask stays a mask at any temperature', () => {
  const masked = { input: [[1, 2, '-Infinity']], target: [[2, 1, '-Infinity']], reduction: 'sum' };
  const plain = { input: [[0.5, 1]], target: [[1, 0.5]], reduction: 'sum' };
  assert.deepEqual(ask({ ...masked, temperature: 2 }).results, ask(plain).results);
});
