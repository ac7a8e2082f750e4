import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { computeFamily } from '../../../src/core/divergences/compute-family.ts';
import { divergenceNames, isEstimate, type NamedDivergence, parseDivergence } from '../../../src/core/divergences/named-divergence.ts';
import type { KindName } from '../../../src/core/kinds.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { byDefinition } from './by-definition.ts';

const names = divergenceNames.flatMap((name) => {
  if (isEstimate({ name })) return [];
  if (name === 'renyi') return ['renyi:0.001', 'renyi:0.3', 'renyi:0.5', 'renyi:0.999999', 'renyi:1.000001', 'renyi:2', 'renyi:7'];
  return name === 'jensen_shannon' ? [name, 'jensen_shannon:0.000001', 'jensen_shannon:0.1', 'jensen_shannon:0.999'] : [name];
});

const named = (keys: readonly string[]) => keys.map((key) => parseDivergence(key) as NamedDivergence);

type Side = { readonly row: readonly number[]; readonly kind: KindName };

function valuesOf(target: Side, input: Side, keys: readonly string[] = names) {
  const axes = distributionAxes([target.row.length], -1);
  const operand = ({ row, kind }: Side) => ({ tensor: { shape: [row.length], data: Float64Array.from(row) }, kind });
  const comparison = { input: operand(input), target: operand(target), axes, temperature: 1, pseudocount: 0 };
  const { members } = computeFamily(comparison, { base: 'e', asked: named(keys), wantsTerms: true });
  return members.map(({ sum, perDistribution, terms }) => {
    assert.equal(perDistribution[0], sum);
    return { sum, terms: [...terms] };
  });
}

function assertAsDefined(target: Side, input: Side, relative: number, absolute: number): void {
  for (const [position, { sum }] of valuesOf(target, input).entries()) {
    const exact = byDefinition(names[position], target, input);
    const off = sum === exact ? 0 : Math.abs(sum - exact);
    assert.ok(
      off <= relative * Math.abs(exact) + absolute,
      `${names[position]} is ${sum}, not ${exact}: target ${target.row}, input ${input.row}`,
    );
  }
}

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const length = fc.integer({ min: 2, max: 6 });
const rows = (element: fc.Arbitrary<number>) =>
  length.chain((size) =>
    fc.tuple(fc.array(element, { minLength: size, maxLength: size }), fc.array(element, { minLength: size, maxLength: size })),
  );

const masked = fc.oneof({ weight: 6, arbitrary: finite(-40, 40) }, { weight: 1, arbitrary: fc.constant(Number.NEGATIVE_INFINITY) });
const counted = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 100_000 }) }, { weight: 1, arbitrary: fc.constant(0) });
const hasMass: Readonly<Record<'logits' | 'counts', (row: readonly number[]) => boolean>> = {
  logits: (row) => row.some(Number.isFinite),
  counts: (row) => row.some((count) => count > 0),
};

const runs = { numRuns: 60 };

for (const targetKind of ['logits', 'counts'] as const) {
  for (const inputKind of ['logits', 'counts'] as const) {
    test(`every divergence of ${targetKind} against ${inputKind} is that of the definition in 400 bits, zeros included`, () => {
      const element = { logits: masked, counts: counted };
      const pairs = length.chain((size) => {
        const row = (kind: 'logits' | 'counts') => fc.array(element[kind], { minLength: size, maxLength: size }).filter(hasMass[kind]);
        return fc.tuple(row(targetKind), row(inputKind));
      });
      fc.assert(
        fc.property(pairs, ([p, q]) => assertAsDefined({ row: p, kind: targetKind }, { row: q, kind: inputKind }, 1e-9, 1e-16)),
        runs,
      );
    });
  }
}

test('logits that differ by 1e-8 to 1e-4 keep at least six digits in every divergence, however small it is', () => {
  const nearby = length.chain((size) =>
    fc.tuple(
      fc.array(finite(-5, 5), { minLength: size, maxLength: size }),
      fc.array(fc.oneof(finite(0.1, 1), finite(-1, -0.1)), { minLength: size, maxLength: size }),
      fc.constantFrom(1e-8, 1e-6, 1e-4),
    ),
  );
  fc.assert(
    fc.property(nearby, ([p, steps, scale]) => {
      // steps of one sign would be nearly an offset, which is no difference, and so are steps of nearly all of the mass
      const share = Math.exp(p[0]) / p.reduce((sum, logit) => sum + Math.exp(logit), 0);
      fc.pre(share > 0.05 && share < 0.95);
      const q = p.map((value, k) => value + (k === 0 ? -1 : 1) * Math.abs(steps[k]) * scale);
      assertAsDefined({ row: p, kind: 'logits' }, { row: q, kind: 'logits' }, 1e-6, 0);
    }),
    runs,
  );
});

test('probabilities are used as they stand: every divergence is that of the definition for masses that are not 1', () => {
  fc.assert(
    fc.property(rows(fc.oneof({ weight: 5, arbitrary: finite(1e-12, 1) }, { weight: 1, arbitrary: fc.constant(0) })), ([p, q]) => {
      fc.pre(p.some((mass) => mass > 0));
      assertAsDefined({ row: p, kind: 'probs' }, { row: q, kind: 'probs' }, 1e-8, 1e-14);
    }),
    runs,
  );
});

/** Logits whose logarithms of a mass are as low on both sides as a float64 may be, so that a multiple of them is infinite. */
const maskedByTheLowestNumber: [[number[], number[]]][] = [
  [
    [
      [-1, -Number.MAX_VALUE, 700, Number.NEGATIVE_INFINITY],
      [-800, -Number.MAX_VALUE, 0, Number.NEGATIVE_INFINITY],
    ],
  ],
];

for (const kind of ['logits', 'log_probs', 'probs', 'counts'] as const) {
  test(`equal sides of ${kind} have a divergence of exactly 0, but for the cross-entropy`, () => {
    const element = { logits: masked, log_probs: finite(-40, 0), probs: finite(0, 1), counts: counted }[kind];
    const row = fc
      .array(element, { minLength: 1, maxLength: 8 })
      .filter((values) => values.some((value) => Number.isFinite(value) && value !== 0));
    fc.assert(
      fc.property(row, (values) => {
        const keys = names.filter((name) => name !== 'cross_entropy');
        for (const { sum, terms } of valuesOf({ row: values, kind }, { row: values, kind }, keys)) {
          assert.ok(Object.is(sum, 0));
          assert.ok(terms.every((term) => term === 0));
        }
      }),
      // an outcome without mass, beside masses whose logarithms have fewer digits than they have
      { examples: [[[3.3874421883439316e-30, 9.245868713433196e-16, 0].map((mass) => (kind === 'log_probs' ? Math.log(mass) : mass))]] },
    );
  });

  test(`no divergence of ${kind} is NaN, and none is negative but what rests on masses that are not 1, from the smallest number to the largest`, () => {
    const extremes = {
      logits: [Number.NEGATIVE_INFINITY, -Number.MAX_VALUE, -1e300, -800, -740, -1, 0, 5e-324, 1, 700, 1e270],
      log_probs: [Number.NEGATIVE_INFINITY, -Number.MAX_VALUE, -1e300, -800, -740, -1, 0, 600],
      probs: [0, 5e-324, 1e-310, 1e-300, 0.5, 1, 1e270],
      counts: [0, 5e-324, 1e-310, 1e-300, 0.5, 1, 1e270],
    }[kind];
    const keys = [...names, 'renyi:1e308', 'renyi:1e300', 'renyi:1e-17', 'renyi:1e-300', 'jensen_shannon:1e-300', 'jensen_shannon:5e-324'];
    const needMasses = ['kl', 'reverse_kl', 'renyi'];
    const isNever = (key: string) => key !== 'cross_entropy' && (isNormalized || !needMasses.includes(key.split(':')[0]));
    const isNormalized = kind === 'logits' || kind === 'counts';
    fc.assert(
      fc.property(rows(fc.constantFrom(...extremes)), ([p, q]) => {
        const isEmpty = (row: readonly number[]) => row.every((value) => value === extremes[0]);
        fc.pre(!isEmpty(p) && !isEmpty(q));
        for (const [position, { sum, terms }] of valuesOf({ row: p, kind }, { row: q, kind }, keys).entries()) {
          const said = `${keys[position]} of ${kind} is ${sum}: target ${p}, input ${q}`;
          assert.ok(!Number.isNaN(sum) && !terms.some(Number.isNaN), said);
          if (isNever(keys[position])) assert.ok(sum >= 0, said);
        }
      }),
      { numRuns: 400, examples: kind === 'logits' ? maskedByTheLowestNumber : [] },
    );
  });
}

test('distributions without a common outcome: JS is ln 2, or the entropy of β; Hellinger and total variation are 1; the rest is infinite', () => {
  const disjoint = valuesOf({ row: [3, 1, 0, 0], kind: 'counts' }, { row: [0, 0, 5, 2], kind: 'counts' });
  const entropy = (beta: number) => -beta * Math.log(beta) - (1 - beta) * Math.log1p(-beta);
  for (const [position, { sum }] of disjoint.entries()) {
    const [name, parameter = '0.5'] = names[position].split(':');
    const js = entropy(Number(parameter));
    const expected =
      { jensen_shannon: js, jensen_shannon_distance: Math.sqrt(js), hellinger: 1, total_variation: 1 }[name] ?? Number.POSITIVE_INFINITY;
    assert.ok(sum === expected || Math.abs(sum - expected) <= 1e-14, `${names[position]} is ${sum}, not ${expected}`);
  }
});

test('Rényi counts outcomes whose mass is too small for float64: near order 0 and above 1 they may be most of the sum', () => {
  for (const kind of ['logits', 'log_probs'] as const) {
    const rare = { row: [-1000, 0], kind };
    const [high, low] = valuesOf(rare, { row: [-3000, 0], kind }, ['renyi:2', 'renyi:50']);
    // the rare outcome's p²/q is exp(1000), and its p^50/q^49 exp(97 000)
    assert.deepEqual([high.sum, low.sum], [1000, 97_000 / 49]);
    // p^0.001 of the rare outcome is 1/e
    const [near] = valuesOf(rare, { row: [0.5, 0.5], kind: 'probs' }, ['renyi:0.001']);
    assert.ok(Math.abs(near.sum - (Math.LN2 - Math.log1p(Math.exp(-1)) / 0.999)) < 1e-15);
  }
});

test('Rényi of the largest orders is the largest log-ratio, and of the smallest it counts powers of masses however small', () => {
  const far = [{ row: [0, 1e6], kind: 'logits' } as const, { row: [1e6, 0], kind: 'logits' } as const] as const;
  assert.deepEqual(
    valuesOf(...far, ['renyi:1e10', 'renyi:1e304', 'renyi:1e308']).map(({ sum }) => sum),
    [1e6, 1e6, 1e6],
  );
  // where Q has all of its mass, the power of p is exp(-1000), or exp(-1e-10)
  const low = valuesOf({ row: [-1e20, 0], kind: 'logits' }, { row: [0, -1e30], kind: 'logits' }, ['renyi:1e-17', 'renyi:1e-30']);
  for (const [position, expected] of [1000, 1e-10].entries()) assert.ok(Math.abs(low[position].sum / expected - 1) < 1e-15);
});

test('Rényi divides by masses that are too small for float64', () => {
  const [halves] = valuesOf({ row: [-800, -800], kind: 'log_probs' }, { row: [-2, -2], kind: 'log_probs' }, ['renyi:0.5']);
  assert.ok(Math.abs(halves.sum + 798) < 1e-12, String(halves.sum));
  const [near] = valuesOf({ row: [1e-320], kind: 'probs' }, { row: [1], kind: 'probs' }, ['renyi:0.999999999']);
  assert.ok(Math.abs(near.sum - Math.log(1e-320)) < 1e-4, String(near.sum));
});

test('a weight of the mixture below exp(-700) is no reason for an infinite or negative Jensen-Shannon divergence', () => {
  const rare = [{ row: [1, 0], kind: 'probs' } as const, { row: [1e-305, 1], kind: 'probs' } as const] as const;
  const [least, tiny] = valuesOf(...rare, ['jensen_shannon:5e-324', 'jensen_shannon:1e-300']).map(({ sum }) => sum);
  assert.ok(least >= 0 && least < 1e-305, String(least));
  // β·(log(1/1e-305) - 1 + …), where 1e-305 of Q is most of the mixture's first outcome until β is larger
  assert.ok(Math.abs(tiny / 6.917754027689091e-298 - 1) < 1e-9, String(tiny));
});
