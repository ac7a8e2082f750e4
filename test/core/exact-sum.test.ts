import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { sumRoundedOnce } from '../../src/core/compensated-sum.ts';
import { ExactSum } from '../../src/core/exact-sum.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

/** Numbers that nearly cancel, of all magnitudes or of a few. */
const summands = fc.oneof(
  fc.array(finite, { maxLength: 50 }),
  fc.array(
    fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((value) => value * 2 ** -30),
    { maxLength: 50 },
  ),
  fc.array(finite, { maxLength: 20 }).map((values) => [...values, ...values.map((value) => -value), 1e-16]),
);

const bits = (value: number) => new BigUint64Array(Float64Array.of(value).buffer)[0];

/** A float64 in units of 2⁻¹⁰⁷⁴. */
function unitsOf(value: number): bigint {
  const exponent = Number((bits(value) >> 52n) & 0x7ffn);
  const fraction = (bits(value) & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  const units = fraction << BigInt(Math.max(0, exponent - 1));
  return value < 0 ? -units : units;
}

/** Whether a float64 is a nearest one to units·2^exponent, and of two the even. */
function isNearest(value: number, units: bigint, exponent: number): boolean {
  if (!Number.isFinite(value)) return units !== 0n;
  const unit = -1074 - exponent;
  const distance = (other: number) => {
    const off = (unitsOf(other) << BigInt(unit)) - units;
    return off < 0n ? -off : off;
  };
  const neighbours = [bits(value) - 1n, bits(value) + 1n].map((other) => new Float64Array(BigUint64Array.of(other).buffer)[0]);
  return neighbours.every((other) => {
    if (!Number.isFinite(other) || bits(value) === 0n) return true;
    const [own, others] = [distance(value), distance(other)];
    return own < others || (own === others && (bits(value) & 1n) === 0n);
  });
}

function sumOf(values: readonly number[]): ExactSum {
  const sum = new ExactSum();
  for (const value of values) sum.add(value);
  return sum;
}

test('a sum is the exact one, rounded once', () => {
  fc.assert(
    fc.property(summands, (values) => {
      const exact = values.reduce((units, value) => units + unitsOf(value), 0n);
      assert.ok(isNearest(sumOf(values).value(), exact, -1074));
      assert.equal(sumRoundedOnce(Float64Array.from(values)), sumOf(values).value());
    }),
  );
});

test('a sum of products is the exact one, rounded once', () => {
  const triples = fc.array(fc.tuple(finite, finite, finite), { maxLength: 10 });
  fc.assert(
    fc.property(triples, (products) => {
      const sum = new ExactSum();
      for (const product of products) sum.addProduct(...product);
      const exact = products.reduce((units, [x, y, z]) => units + unitsOf(x) * unitsOf(y) * unitsOf(z), 0n);
      assert.equal(sum.units(), exact << 170n);
      assert.ok(isNearest(sum.value(), exact, -3 * 1074));
    }),
  );
});

test('sums of parts, in any order and by way of text, are the sum of all', () => {
  const parts = fc.array(summands, { maxLength: 8 });
  fc.assert(
    fc.property(parts, fc.infiniteStream(fc.nat()), (all, order) => {
      const whole = sumOf(all.flat());
      const shuffled = all.map((part) => ({ part, at: order.next().value })).toSorted((a, b) => a.at - b.at);
      const merged = new ExactSum();
      for (const { part } of shuffled) merged.merge(ExactSum.from(JSON.parse(JSON.stringify(sumOf(part)))));
      assert.equal(merged.units(), whole.units());
      assert.equal(merged.value(), whole.value());
    }),
  );
});

test('infinities and NaN make the sum what they make it in any order', () => {
  const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down, NaN: none } = Number;
  for (const [values, expected] of [
    [[1, up, -1e308], up],
    [[down, 1e308, 1e308], down],
    [[up, 1, down], none],
    [[none, up], none],
  ] as const) {
    assert.equal(sumOf(values).value(), expected);
    assert.equal(ExactSum.from(sumOf(values).toJSON()).value(), expected);
    assert.equal(sumRoundedOnce(Float64Array.from(values)), expected);
  }
  const product = new ExactSum();
  product.addProduct(0, up);
  assert.equal(product.value(), 0);
  product.addProduct(-1, up);
  assert.equal(product.value(), down);
});

test('carries of many additions do not get lost', () => {
  const sum = new ExactSum();
  for (let i = 0; i < 2 ** 20 + 3; i++) sum.add(-(2 - 2 ** -52));
  assert.equal(sum.units() << 10n, ((unitsOf(-(2 - 2 ** -52)) * BigInt(2 ** 20 + 3)) << 10n) << BigInt(-1074 + 3392));
});

test('what overflows on the way, but not at the end, is finite', () => {
  assert.equal(sumOf([1.7e308, 1.7e308, -1.7e308]).value(), 1.7e308);
  assert.equal(sumRoundedOnce(Float64Array.of(1.7e308, 1.7e308, -1.7e308)), 1.7e308);
  assert.equal(sumOf([1.7e308, 1.7e308]).value(), Number.POSITIVE_INFINITY);
});

test('the exact sum is that of Math.sumPrecise', (context) => {
  const lists = fc.sample(summands, { numRuns: 200, seed: 5 }).map((values) => values.map(String));
  const program = `const lists = ${JSON.stringify(lists)}; console.log(JSON.stringify(lists.map((list) => Math.sumPrecise(list.map(Number)) + '')))`;
  let text: string;
  try {
    text = execFileSync(process.execPath, ['--js-sum-precise', '-e', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    context.skip('this Node has no --js-sum-precise');
    return;
  }
  for (const [index, expected] of (JSON.parse(text) as string[]).entries()) {
    assert.equal(sumOf(lists[index].map(Number)).value() + 0, Number(expected) + 0);
  }
});
