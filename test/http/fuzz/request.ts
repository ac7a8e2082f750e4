import fc from 'fast-check';
import { estimateNames } from '../../../src/core/divergences/named-divergence.ts';
import { type KindName, kindNames } from '../../../src/core/kinds.ts';
import { reductionNames } from '../../../src/core/reductions.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';

/**
 * A tensor that no format has written yet. Of what is wrong, `shape` may be no shape, `data` another number of elements, or hold no
 * numbers. With `outcomes` it is a list: the outcomes of each distribution, whose numbers lie behind one another; the shape is that of the
 * distributions.
 */
export type Side = {
  readonly shape: readonly unknown[];
  readonly data: readonly unknown[];
  readonly ragged?: readonly number[];
  readonly outcomes?: readonly (readonly unknown[])[];
};

/** A request that no format has written yet: a side that is undefined is left out, and so is an option. */
export type Request = {
  readonly input: Side | undefined;
  readonly target: Side | undefined;
  readonly options: Readonly<Record<string, unknown>>;
};

const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
  fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 4, maxLength: 6 }),
);

/** Elements that a kind admits: ordinary ones, and now and then extreme ones. */
export const elements: Readonly<Record<KindName, fc.Arbitrary<number>>> = {
  logits: often(fc.double({ min: -40, max: 40, noNaN: true }), [Number.NEGATIVE_INFINITY, 0, -0, 1e260, -1.7e308, 5e-324]),
  log_probs: often(fc.double({ min: -40, max: 0, noNaN: true }), [Number.NEGATIVE_INFINITY, 0, -0, 600, -1.7e308]),
  probs: often(fc.double({ min: 0, max: 1, noNaN: true }), [0, 1, -0, 1e-320, 1e260]),
  counts: often(fc.double({ min: 0, max: 1000, noNaN: true }), [0, 1, 7, -0, 1e260, 5e-324]),
};

function often(ordinary: fc.Arbitrary<number>, others: readonly number[]): fc.Arbitrary<number> {
  return fc.oneof({ weight: 12, arbitrary: ordinary }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/**
 * How exactly numbers are drawn: numbers of float32 and integers are those that more formats can hold. None is subnormal in float32 alone:
 * most numbers of a side being so is SUSPICIOUS_BYTES there, and nothing odd as float64.
 */
const precisions: readonly ((value: number) => number)[] = [
  (value) => value,
  (value) => (Math.abs(value) > 1e38 ? value : Math.abs(value) < 2 ** -126 ? 0 : Math.fround(value)),
  (value) => (Math.abs(value) > 100 ? value : Math.round(value)),
];

function sidesOf(kind: KindName, shape: readonly number[], precision: (value: number) => number): fc.Arbitrary<Side> {
  const length = elementCount(shape);
  return fc
    .tuple(fc.array(elements[kind], { minLength: length, maxLength: length }), fc.boolean())
    .map(([data, isNormalized]) => ({ shape, data: (isNormalized ? normalised(data, kind) : data).map(precision) }));
}

/** Numbers whose last axis sums to 1 where there is only one distribution: without them, hardly a request would be without warnings. */
function normalised(data: readonly number[], kind: KindName): readonly number[] {
  const sum = data.reduce((total, value) => total + value, 0);
  return kind !== 'probs' || !(sum > 0 && sum < 1e6) ? data : data.map((value) => value / sum);
}

function dimsOf(rank: number): fc.Arbitrary<unknown> {
  const axis = fc.integer({ min: -rank, max: rank - 1 });
  return fc.oneof(axis, fc.uniqueArray(axis, { minLength: 1, maxLength: rank, selector: (dim) => (dim + rank) % rank }));
}

export const reductions = fc.oneof(
  fc.constantFrom('all', ...reductionNames),
  fc.uniqueArray(fc.constantFrom(...reductionNames), { minLength: 1, maxLength: 6 }),
);

/** Options that mean something for one kind only, where both sides are of it. */
export function ofOneKind(input: KindName, target: KindName): Record<string, fc.Arbitrary<number>> {
  if (input !== target) return {};
  if (input === 'logits') return { temperature: fc.constantFrom(1, 0.5, 3, 2 ** -10) };
  return input === 'counts' ? { pseudocount: fc.constantFrom(0, 0.5, 1, 0.1, 1e260, 5e-324) } : {};
}

export const bases = fc.oneof(fc.constantFrom('e', 2, 10), fc.double({ min: 1, minExcluded: true, max: 1e6, noNaN: true }));

const asked = fc.constantFrom(true, false, [0.5], [0, 0.25, 1]);

/** Requests with every option present or left out, all valid but for distributions without mass and `strict`. */
export const requests: fc.Arbitrary<Request> = fc
  .record({
    shape: shapes,
    kinds: fc.tuple(fc.constantFrom(...kindNames), fc.constantFrom(...kindNames)),
    precision: fc.constantFrom(...precisions),
  })
  .chain(({ shape, kinds: [input_kind, target_kind], precision }) =>
    fc.record({
      input: sidesOf(input_kind, shape, precision),
      target: sidesOf(target_kind, shape, precision),
      options: fc
        .record(
          {
            ...{ dim: dimsOf(shape.length), reduction: reductions, base: bases, strict: fc.boolean(), statistics: asked },
            ...ofOneKind(input_kind, target_kind),
          },
          // a kind is left out only where it is the default
          { requiredKeys: [] },
        )
        .map((options) => ({ ...withKind('input_kind', input_kind), ...withKind('target_kind', target_kind), ...options })),
    }),
  );

export function withKind(name: string, kind: KindName): Record<string, unknown> {
  return kind === 'logits' ? {} : { [name]: kind };
}

export const familyNames = [
  'kl',
  'reverse_kl',
  'jeffreys',
  'jensen_shannon',
  'jensen_shannon:0.1',
  'jensen_shannon_distance',
  'renyi:0.5',
  'renyi:2',
  'cross_entropy',
  'hellinger',
  'total_variation',
  'chi_squared',
];

/** One name, or several. */
export const someOf = (names: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...names).map((one) => [one]),
    fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
  );

const ofDistributions: fc.Arbitrary<Request> = fc
  .tuple(requests, someOf(familyNames))
  .map(([request, asked]) => ({ ...request, options: { ...request.options, divergences: asked } }));

/** Observations, often the same ones, and now and then one that is none. */
const observation = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 20, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(1e269, -1e269, 5e-324, -0) },
);

const rulesForBins = fc.oneof(
  fc.constantFrom<unknown>('doane', 'sturges', 'deciles'),
  fc.integer({ min: 1, max: 12 }),
  fc.uniqueArray(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 6 }).map((edges) => edges.toSorted((a, b) => a - b)),
);

/** Requests about samples, of rows whose lengths differ between the sides. */
export const sampleRequests: fc.Arbitrary<Request> = fc
  .record({ rows: fc.option(fc.integer({ min: 1, max: 3 })), n: fc.integer({ min: 1, max: 9 }), m: fc.integer({ min: 1, max: 9 }) })
  .chain(({ rows, n, m }) => {
    const side = (size: number) => {
      const shape = rows === null ? [size] : [rows, size];
      const length = elementCount(shape);
      return fc.array(observation, { minLength: length, maxLength: length }).map((data) => ({ shape, data }));
    };
    return fc.record({
      input: side(n),
      target: side(m),
      options: fc
        .record(
          {
            bins: rulesForBins,
            missing: fc.constantFrom('refuse', 'category'),
            sampling: fc.boolean(),
            confidence: fc.constant(0.9),
            pseudocount: fc.constantFrom(0, 0.5),
            reduction: reductions,
            base: bases,
            strict: fc.boolean(),
          },
          { requiredKeys: [] },
        )
        .map((options) => ({ input_kind: 'samples', target_kind: 'samples', ...options })),
    });
  });
const logProbs = often(fc.double({ min: -40, max: 0, noNaN: true }), [0, -0, -720, -1e260, 1e-5]);
const orNever = often(logProbs, [Number.NEGATIVE_INFINITY, -1.7e308]);

/** Log-probabilities of samples, of which some are impossible. */
const ofSamples: fc.Arbitrary<Request> = fc
  .record({ shape: shapes, precision: fc.constantFrom(...precisions), sampled_from: fc.constantFrom('input', 'target') })
  .chain(({ shape, precision, sampled_from }) => {
    const length = elementCount(shape);
    const side = fc.array(orNever, { minLength: length, maxLength: length }).map((data) => ({ shape, data: data.map(precision) }));
    const options = { dim: dimsOf(shape.length), reduction: reductions, base: bases, strict: fc.boolean(), statistics: asked };
    const kinds = { input_kind: 'sampled_log_probs', target_kind: 'sampled_log_probs', sampled_from };
    return fc.record({
      input: side,
      target: side,
      options: fc
        .tuple(fc.record(options, { requiredKeys: [] }), someOf(estimateNames))
        .map(([others, names]) => ({ ...kinds, ...others, divergences: names })),
    });
  });

/** Requests for one divergence by name, or for several; and of estimates from samples. */
export const familyRequests = fc.oneof({ weight: 4, arbitrary: ofDistributions }, { weight: 1, arbitrary: ofSamples });
