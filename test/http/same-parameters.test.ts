import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cases } from '../cases.ts';
import { sharedApp } from '../helper.ts';
import { type Asked, type Parameters, ways } from './parameter-ways.ts';

const real = fc.double({ min: -1e3, max: 1e3, noNaN: true });
/** Now and then 0 or negative, which is refused. */
const positive = fc.oneof(
  { weight: 40, arbitrary: fc.double({ min: 1e-3, max: 1e3, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1) },
);
/** Now and then beyond the ends, which is refused. */
const probability = fc.oneof(
  { weight: 40, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(-0.5, 1.5) },
);

/** The parameters of each kind that has one number for each, in all choices of them. */
const choices: readonly (readonly [string, Readonly<Record<string, fc.Arbitrary<number>>>])[] = [
  ['normal', { loc: real, scale: positive }],
  ['normal', { loc: real, log_variance: fc.double({ min: -20, max: 20, noNaN: true }) }],
  ['laplace', { loc: real, scale: positive }],
  ['exponential', { rate: positive }],
  ['gamma', { concentration: positive, rate: positive }],
  ['beta', { concentration1: positive, concentration0: positive }],
  ['bernoulli', { probs: probability }],
  ['bernoulli', { logits: real }],
  ['poisson', { rate: positive }],
  ['geometric', { probs: probability }],
];

const lists = <T>(one: fc.Arbitrary<T>, length: number) => fc.array(one, { minLength: length, maxLength: length });

const weightsOf = (rows: number) => fc.option(lists(fc.constantFrom(0, 1, 2.5), rows), { nil: undefined });

/** Without weights where all are 0: then there is no mean. */
function weighted({ weights, ...asked }: Omit<Asked, 'weights'> & { readonly weights: readonly number[] | undefined }): Asked {
  return weights === undefined || weights.every((weight) => weight === 0) ? asked : { ...asked, weights };
}

/** Each parameter in rows, in one row for all, or as one number; now and then in a row that is too long. */
const questions: fc.Arbitrary<Asked> = fc
  .record({ rows: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 2, max: 4 }), of: fc.constantFrom(...choices) })
  .chain(({ rows, size, of: [kind, parameters] }) => {
    const table = (one: fc.Arbitrary<number>) => lists(lists(one, size), rows);
    const tensor = (one: fc.Arbitrary<number>) =>
      fc.oneof(
        { weight: 8, arbitrary: table(one) },
        { weight: 4, arbitrary: lists(one, size) },
        { weight: 4, arbitrary: one },
        { weight: 1, arbitrary: lists(one, size + 1) },
      );
    const [[first, of], ...others] = Object.entries(parameters);
    // one parameter has the whole shape, so that formats without tensors of no axes have it too
    const side: fc.Arbitrary<Parameters> = fc.record({
      [first]: table(of),
      ...Object.fromEntries(others.map(([name, one]) => [name, tensor(one)])),
    });
    return fc.record({ kind: fc.constant(kind), target: side, input: side, weights: weightsOf(rows) }).map(weighted);
  });

/** Dirichlet distributions in rows on one side at least. */
const dirichlets: fc.Arbitrary<Asked> = fc
  .record({ rows: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 2, max: 5 }) })
  .chain(({ rows, size }) => {
    const table = lists(lists(positive, size), rows);
    const other = fc.oneof(
      { weight: 6, arbitrary: table },
      { weight: 6, arbitrary: lists(positive, size) },
      { weight: 1, arbitrary: lists(positive, size + 1) },
    );
    const [target, input] = [table, other].map((concentration) => fc.record({ concentration }));
    return fc.record({ kind: fc.constant('dirichlet'), target, input, weights: weightsOf(rows) }).map(weighted);
  });

type Matrix = readonly (readonly number[])[];

/** Lower triangles, one in ten with something above their diagonal, or 0 on it, which is refused. */
const triangles = (size: number): fc.Arbitrary<Matrix> =>
  fc
    .record({
      entries: lists(lists(fc.double({ min: -2, max: 2, noNaN: true }), size), size),
      diagonal: lists(fc.double({ min: 0.1, max: 3, noNaN: true }), size),
      fault: fc.oneof({ weight: 18, arbitrary: fc.constant('none') }, { weight: 2, arbitrary: fc.constantFrom('above', 'diagonal') }),
    })
    .map(({ entries, diagonal, fault }) =>
      entries.map((row, i) =>
        row.map((entry, j) => {
          if (i === j) return fault === 'diagonal' && i === 0 ? 0 : diagonal[i];
          return j < i || fault === 'above' ? entry : 0;
        }),
      ),
    );

/** L·Lᵀ, symmetric to the last bit; where L is faulty, not always positive definite. */
function squared(triangle: Matrix): Matrix {
  const product = (i: number, j: number) => triangle[i].reduce((sum, entry, k) => sum + entry * triangle[j][k], 0);
  return triangle.map((_, i) => triangle.map((__, j) => product(Math.max(i, j), Math.min(i, j))));
}

/** Multivariate normal distributions by each of the three matrices, one for each row or one for all. */
const multivariates: fc.Arbitrary<Asked> = fc
  .record({ rows: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rows, size }) => {
    const table = lists(lists(real, size), rows);
    const matrix = fc
      .tuple(
        fc.constantFrom('scale_tril', 'covariance_matrix', 'precision_matrix'),
        triangles(size),
        lists(triangles(size), rows),
        fc.boolean(),
      )
      .map(([name, one, many, isOne]) => {
        const become = name === 'scale_tril' ? (triangle: Matrix) => triangle : squared;
        return { [name]: isOne ? become(one) : many.map(become) };
      });
    const side = (loc: fc.Arbitrary<Parameters['loc']>): fc.Arbitrary<Parameters> =>
      fc.tuple(loc, matrix).map(([of, matrices]) => ({ loc: of, ...matrices }));
    const [target, input] = [side(table), side(fc.oneof(table, lists(real, size), lists(real, size + 1)))];
    return fc.record({ kind: fc.constant('multivariate_normal'), target, input, weights: weightsOf(rows) }).map(weighted);
  });

const asked: Readonly<Record<string, fc.Arbitrary<Asked>>> = {
  parameters: questions,
  'dirichlet distributions': dirichlets,
  'multivariate normal distributions': multivariates,
};

for (const [size, env] of Object.entries({ 'on the event loop': {}, 'in a thread': { INLINE_LIMIT_BYTES: '0' } })) {
  for (const [what, requests] of Object.entries(asked)) {
    test(`random ${what} ${size}: the same numbers, or the same codes of faults, in every format`, async (t) => {
      const { http } = await sharedApp(env);
      const numRuns = cases(t, 60, 12);
      const seen = { answered: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const expected = await ways.nested(http, request);
          seen[Object.hasOwn(expected, 'codes') ? 'refused' : 'answered']++;
          for (const [way, ask] of Object.entries(ways)) assert.deepEqual(await ask(http, request), expected, way);
        }),
        { seed: 1, numRuns },
      );
      assert.ok(seen.answered > numRuns / 3 && seen.refused > numRuns / 12, JSON.stringify(seen));
    });
  }
}
