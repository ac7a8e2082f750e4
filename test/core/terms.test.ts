import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generalizedTerm, term } from '../../src/core/terms.ts';

test('a term with p = 0 is 0 whatever the ratio is', () => {
  for (const ratio of [0, -5, Number.NEGATIVE_INFINITY]) assert.equal(term(0, ratio), 0);
});

test('a generalised term with p = 0 is q', () => assert.equal(generalizedTerm(0, 0.25, Number.NEGATIVE_INFINITY), 0.25));

test('a generalised term is never negative, and continuous where the series takes over', () => {
  for (let d = -1; d <= 1; d += 0.001) assert.ok(generalizedTerm(1, Math.exp(-d), d) >= 0);
  for (const edge of [0.25, -0.25]) {
    const inside = generalizedTerm(1, Math.exp(-edge), edge * (1 - 1e-15));
    const outside = generalizedTerm(1, Math.exp(-edge), edge);
    assert.ok(Math.abs(inside - outside) < 1e-14 * outside);
  }
});

test('a generalised term keeps its digits for a ratio of 1e-9', () => {
  // d²/2 - d³/6 at d = 1e-9
  assert.equal(generalizedTerm(1, Math.exp(-1e-9), 1e-9), 4.9999999983333333e-19);
});

test('a ratio of Infinity gives a term of Infinity', () =>
  assert.equal(generalizedTerm(0.5, 0, Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY));
