import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClosedDivergence, closedForms } from '../../../src/core/closed-forms/closed-forms.ts';
import type { ParameterName } from '../../../src/core/closed-forms/parameters.ts';
import {
  type ParametricKindName,
  parameterDomain,
  parametricKind,
  parametricKindNames,
} from '../../../src/core/closed-forms/parametric-kinds.ts';
import type { Side } from '../../../src/core/closed-forms/side.ts';
import type { SideName } from '../../../src/core/comparison.ts';
import type { RequestError } from '../../../src/errors/request-error.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { cases } from '../../cases.ts';
import { ask } from '../../helper.ts';
import { seededRandom } from '../../kernels/rows.ts';

const random = seededRandom(5);
const shape = [3000, 2];
const univariateOrDirichlet = parametricKindNames.filter((name) => name !== 'multivariate_normal');

/** Every way to give the parameters of a kind: of each choice one. */
function waysOf(kind: ParametricKindName): ParameterName[][] {
  return parametricKind(kind).choices.reduce<ParameterName[][]>(
    (ways, choice) => ways.flatMap((way) => choice.map((name) => [...way, name])),
    [[]],
  );
}

const tricky = [0, 1, -1, 5e-324, 1e-300, 1e-150, 1e-100, 1e-16, 1e-8, 0.5, 0.999999, 1.000001, 2, 12, 13, 700, 1e8, 1e100, 1e150, 1e270];

/** A number of the domain: one of its ends, a tricky one, or an ordinary one. */
function drawn(kind: ParametricKindName, name: ParameterName): number {
  const { lowest, highest } = parameterDomain(kind, name) ?? assert.fail(name);
  const candidates = [lowest, highest, ...tricky, ...tricky.map((x) => -x), random(), 10 * random(), 10 ** (600 * random() - 300)];
  const inside = candidates.filter((x) => x >= lowest && x <= highest);
  return inside[Math.floor(random() * inside.length)];
}

function sideOf(name: SideName, kind: ParametricKindName, way: readonly ParameterName[]): Side {
  const column = (parameter: ParameterName) => Float64Array.from({ length: shape[0] * shape[1] }, () => drawn(kind, parameter));
  return { name, parameters: Object.fromEntries(way.map((parameter) => [parameter, { data: column(parameter), isShared: false }])) };
}

function computed(kind: ParametricKindName, target: Side, input: Side, divergence: ClosedDivergence, wantsTerms = false) {
  return closedForms({ kind, sides: { target, input }, axes: distributionAxes(shape, -1) }, [divergence], { base: 'e', wantsTerms })[0];
}

test('no parameters in their domains have a divergence that is negative or no number', () => {
  for (const kind of univariateOrDirichlet) {
    for (const [ofTarget, ofInput] of waysOf(kind).flatMap((a) => waysOf(kind).map((b) => [a, b]))) {
      const [target, input] = [sideOf('target', kind, ofTarget), sideOf('input', kind, ofInput)];
      const { perDistribution } = computed(kind, target, input, 'kl');
      const odd = perDistribution.findIndex((value) => !(value >= 0));
      assert.equal(odd, -1, `${kind} by ${ofTarget} and ${ofInput}: ${perDistribution[odd]}`);
    }
  }
});

test('equal sides have a divergence of exactly 0', () => {
  for (const kind of univariateOrDirichlet) {
    for (const way of waysOf(kind)) {
      const side = sideOf('target', kind, way);
      const { perDistribution, sum } = computed(kind, side, { ...side, name: 'input' }, 'jeffreys');
      assert.ok(perDistribution.every((value) => value === 0) && sum === 0, `${kind} by ${way}`);
    }
  }
});

test('reverse_kl is KL with the sides exchanged, and jeffreys the sum of both', () => {
  for (const kind of univariateOrDirichlet) {
    const [target, input] = [sideOf('target', kind, waysOf(kind)[0]), sideOf('input', kind, waysOf(kind)[0])];
    const forward = computed(kind, target, input, 'kl').perDistribution;
    const reverse = computed(kind, target, input, 'reverse_kl').perDistribution;
    assert.deepEqual(reverse, computed(kind, input, target, 'kl').perDistribution);
    assert.deepEqual(
      computed(kind, target, input, 'jeffreys').perDistribution,
      forward.map((value, d) => value + reverse[d]),
    );
  }
});

test('gamma distributions whose means are further apart than any float64 have the KL that float64 has', () => {
  const side = (name: SideName, concentration: number, rate: number): Side => {
    const column = (x: number) => ({ data: Float64Array.of(x), isShared: true });
    return { name, parameters: { concentration: column(concentration), rate: column(rate) } };
  };
  const sides = { target: side('target', 1e70, 1e-60), input: side('input', 1e-90, 1e95) };
  const { sum } = closedForms({ kind: 'gamma', sides, axes: distributionAxes([1], -1) }, ['kl'], { base: 'e', wantsTerms: false })[0];
  // a₂·(z - 1 - ln z) with z = 1e315: all but a₁·λ₂/λ₁ is beyond its digits
  assert.ok(Math.abs(sum / 1e225 - 1) < 1e-14, String(sum));
});

test('Dirichlet distributions keep their digits where one side is far more concentrated than the other', () => {
  const side = (name: SideName, concentration: readonly number[]): Side => ({
    name,
    parameters: { concentration: { data: Float64Array.from(concentration), isShared: false } },
  });
  // mpmath 1.3, mp.dps = 400, by ln Γ and ψ
  for (const [target, input, expected] of [
    [[3e12, 2e9], [4, 5], 40.22624508761346],
    [[2e27, 7e22], [9e8, 9e5], 2148266.54067854],
    [[2e27, 7e22], [9e-4, 3], 62.67479388426706],
  ] as const) {
    const comparison = { kind: 'dirichlet', sides: { target: side('target', target), input: side('input', input) } } as const;
    const { sum } = closedForms({ ...comparison, axes: distributionAxes([2], -1) }, ['kl'], { base: 'e', wantsTerms: false })[0];
    assert.ok(Math.abs(sum / expected - 1) < 1e-14, `${sum}, not ${expected}`);
  }
});

test('the sums of normals do not depend on whether their terms are asked for', () => {
  const wide = [60, 100];
  const column = (draw: () => number) => ({ data: Float64Array.from({ length: 6000 }, draw), isShared: false });
  const side = (name: SideName): Side => ({
    name,
    parameters: {
      loc: column(() => 4 * random() - 2),
      scale: column(() => (random() < 0.1 ? 10 ** (500 * random() - 250) : 0.9 + 0.2 * random())),
    },
  });
  const comparison = { kind: 'normal', sides: { target: side('target'), input: side('input') }, axes: distributionAxes(wide, -1) } as const;
  const [plain, fast] = [true, false].map((wantsTerms) => closedForms(comparison, ['kl'], { base: 'e', wantsTerms })[0].perDistribution);
  for (const [d, value] of plain.entries())
    assert.ok(fast[d] === value || Math.abs(fast[d] - value) <= 1e-13 * value, `${fast[d]}, not ${value}`);
});

test('a covariance matrix of fewer observations than coordinates is refused, whatever rounding makes of its last pivot', () => {
  const kinds = { input_kind: 'multivariate_normal', target_kind: 'multivariate_normal' };
  for (let repetition = 0; repetition < 200; repetition++) {
    const n = 2 + (repetition % 11);
    const rows = Array.from({ length: n }, () => Array.from({ length: n - 1 }, () => 4 * random() - 2));
    const covariance = (i: number, j: number) => rows[i].reduce((sum, x, k) => sum + x * rows[j][k], 0);
    const matrix = rows.map((_, i) => rows.map((_, j) => covariance(i, j)));
    const unit = matrix.map((row, i) => row.map((_, j) => Number(i === j)));
    const side = (covariance_matrix: readonly (readonly number[])[]) => ({ loc: 0, covariance_matrix });
    assert.throws(
      () => ask({ ...kinds, reduction: 'sum', target: side(unit), input: side(matrix) }),
      (error: RequestError) => error.code === 'NOT_POSITIVE_DEFINITE',
    );
    // the advice: a little more on the diagonal
    const more = matrix.map((row, i) => row.map((x, j) => (i === j ? x * (1 + 1e-6) : x)));
    assert.ok(Number(ask({ ...kinds, reduction: 'sum', target: side(unit), input: side(more) }).results.sum) > 0);
  }
});

test('multivariate normals of 900 coordinates have the KL that follows from the inverse and the determinant of an autoregressive covariance', (t) => {
  const n = cases(t, 900, 300, 'coordinates');
  const [rho, shift] = [0.6, 0.1];
  const matrix = (entry: (i: number, j: number) => number) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));
  const input = { loc: Array(n).fill(shift), covariance_matrix: matrix((i, j) => rho ** Math.abs(i - j)) };
  const target = { loc: 0, covariance_matrix: matrix((i, j) => Number(i === j)) };
  const kinds = { input_kind: 'multivariate_normal', target_kind: 'multivariate_normal' };
  const { sum } = ask({ input, target, ...kinds, reduction: 'sum' }).results;
  // its inverse is tridiagonal, and its determinant (1 − ρ²)^(n − 1)
  const trace = n + (n - 2) * rho ** 2;
  const square = shift ** 2 * (n - 2 * (n - 1) * rho + (n - 2) * rho ** 2);
  const expected = ((trace + square) / (1 - rho ** 2) - n + (n - 1) * Math.log(1 - rho ** 2)) / 2;
  assert.ok(Math.abs(Number(sum) / expected - 1) < 1e-12, `${sum}, expected ${expected}`);
});
