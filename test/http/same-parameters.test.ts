import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

/** Each parameter in rows, in one row for all, or as one number; now and then in a row that is too long. */
const questions: fc.Arbitrary<Asked> = fc
  .record({ rows: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 2, max: 4 }), of: fc.constantFrom(...choices) })
  .chain(({ rows, size, of: [kind, parameters] }) => {
    const lists = (length: number) => (one: fc.Arbitrary<number>) => fc.array(one, { minLength: length, maxLength: length });
    const table = (one: fc.Arbitrary<number>) => fc.array(lists(size)(one), { minLength: rows, maxLength: rows });
    const tensor = (one: fc.Arbitrary<number>) =>
      fc.oneof(
        { weight: 8, arbitrary: table(one) },
        { weight: 4, arbitrary: lists(size)(one) },
        { weight: 4, arbitrary: one },
        { weight: 1, arbitrary: lists(size + 1)(one) },
      );
    const [[first, of], ...others] = Object.entries(parameters);
    // one parameter has the whole shape, so that formats without tensors of no axes have it too
    const side: fc.Arbitrary<Parameters> = fc.record({
      [first]: table(of),
      ...Object.fromEntries(others.map(([name, one]) => [name, tensor(one)])),
    });
    const weights = fc.option(lists(rows)(fc.constantFrom(0, 1, 2.5)), { nil: undefined });
    return fc.record({ kind: fc.constant(kind), target: side, input: side, weights }).map(({ weights: given, ...asked }) => ({
      ...asked,
      ...(given === undefined || given.every((weight) => weight === 0) ? {} : { weights: given }),
    }));
  });

for (const [size, env] of Object.entries({ 'on the event loop': {}, 'in a thread': { INLINE_LIMIT_BYTES: '0' } })) {
  test(`random parameters ${size}: the same numbers, or the same codes of faults, in every format`, async () => {
    const { http } = await sharedApp(env);
    const seen = { answered: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(questions, async (asked) => {
        const expected = await ways.nested(http, asked);
        seen[Object.hasOwn(expected, 'codes') ? 'refused' : 'answered']++;
        for (const [way, ask] of Object.entries(ways)) assert.deepEqual(await ask(http, asked), expected, way);
      }),
      { seed: 1, numRuns: 60 },
    );
    assert.ok(seen.answered > 20 && seen.refused > 5, JSON.stringify(seen));
  });
}
