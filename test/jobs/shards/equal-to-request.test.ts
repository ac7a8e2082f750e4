import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestError } from '../../../src/errors/request-error.ts';
import { mergePartials } from '../../../src/jobs/shards/merge.ts';
import { answerOfJob, answerOfRequest, held, jobOf, type Options, type Pair, shardsOf } from './helper.ts';

const plain = (answer: object) => JSON.parse(JSON.stringify(answer));

/** Repeatable numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const arrays = { float64: Float64Array, float32: Float32Array, float16: Float16Array };

type Case = {
  readonly seed: number;
  readonly rows: number;
  readonly outcomes: number;
  readonly dtype: keyof typeof arrays;
  readonly odd: number;
};

/** Two tensors of a kind that are nearly equal, with rows that are masked, constant, padding or equal, and weights. */
function pairOf({ seed, rows, outcomes, dtype, odd }: Case, kind: string, isWeighted: boolean): Pair {
  const next = random(seed);
  const [input, target] = [0, 0].map(() => new arrays[dtype](rows * outcomes));
  const weights = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    weights[row] = next() < 0.3 ? 0 : Math.round(next() * 8) / 4 + next() * odd;
    const what = next() < odd ? Math.floor(next() * 5) : -1;
    for (let k = 0; k < outcomes; k++) {
      const element = row * outcomes + k;
      const base = next() * 8 - 6;
      const off = base + (next() - 0.5) * 0.1;
      target[element] = kind === 'logits' ? base : kind === 'counts' ? Math.floor(Math.exp(base) * 3) + 1 : Math.exp(base);
      input[element] = kind === 'logits' ? off : kind === 'counts' ? Math.floor(Math.exp(off) * 3) + 1 : Math.exp(off);
      if (what === 0) input[element] = target[element];
      if (what === 1) input[element] = target[element] = 1;
      if (what === 2 && kind === 'logits') input[element] = -100;
      if (what === 3 && k % 3 === 1) input[element] = target[element] = kind === 'logits' ? Number.NEGATIVE_INFINITY : 0;
      if (what === 4 && k === 2) input[element] = kind === 'logits' ? Number.NEGATIVE_INFINITY : 0;
    }
    if (kind === 'probs' || kind === 'log_probs')
      normalise(input, target, row * outcomes, outcomes, kind === 'log_probs', what === 3 ? 1.01 : 1);
    if (isWeighted && weights[row] === 0 && next() < 0.5) input[row * outcomes] = Number.NaN;
  }
  const shape = [rows, outcomes];
  return { input: held(shape, input), target: held(shape, target), ...(isWeighted ? { weights: held([rows], weights) } : {}) };
}

function normalise(
  input: Float64Array | Float32Array | Float16Array,
  target: typeof input,
  start: number,
  n: number,
  isLog: boolean,
  mass: number,
) {
  for (const side of [input, target]) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += side[start + k];
    for (let k = 0; k < n; k++) {
      const p = (side[start + k] / sum) * mass;
      side[start + k] = isLog ? Math.log(p) : p;
    }
  }
}

const kinds = ['logits', 'probs', 'log_probs', 'counts'];

const options = fc.record(
  {
    divergences: fc.option(fc.constantFrom(['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'], ['renyi:0.5', 'total_variation', 'kl']), {
      nil: undefined,
    }),
    statistics: fc.option(fc.constantFrom(true, [0, 0.25, 0.5, 1]), { nil: undefined }),
    base: fc.constantFrom(undefined, 2),
    reduction: fc.constantFrom(undefined, ['sum'], ['sum', 'distribution_mean', 'batchmean', 'mean']),
  },
  { requiredKeys: [] },
);

const cases = fc.record({
  seed: fc.nat(2 ** 31),
  rows: fc.integer({ min: 1, max: 60 }),
  outcomes: fc.integer({ min: 2, max: 80 }),
  dtype: fc.constantFrom('float64', 'float32', 'float16') as fc.Arbitrary<keyof typeof arrays>,
  odd: fc.constantFrom(0, 0.2, 0.8),
});

/** Without what only the request says: values under another kind need the numbers again, and other axes lie across shards. */
function comparable(answer: object) {
  const { warnings, ...rest } = plain(answer);
  const kept = warnings.filter(({ code }: { code: string }) => code !== 'NORMALIZED_ON_OTHER_DIM');
  for (const warning of kept) {
    delete warning.details.value_if;
    warning.message = warning.message
      .replace(/; then .*\.$/, '.')
      .replace(/ They sum to 1 along .*$/, '')
      .replace(/ If they are .*$/, '');
  }
  return { ...rest, warnings: kept };
}

test('a job says what the request of the same tensors says, to the last bit, in 1, 7, 64 and 1 000 shards', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(cases, options, fc.constantFrom(...kinds), fc.boolean(), async (one, asked, kind, isWeighted) => {
      const given: Options = {
        ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)),
        input_kind: kind,
        target_kind: kind,
      };
      const pair = pairOf(one, kind, isWeighted);
      let expected: unknown;
      try {
        expected = comparable(answerOfRequest(pair, given));
        for (const { code } of (expected as { warnings: { code: string }[] }).warnings) seen.add(code);
      } catch (error) {
        assert.ok(error instanceof RequestError);
        await assert.rejects(answerOfJob([pair], given), ({ code }: RequestError) => code === error.code);
        return;
      }
      for (const shards of [1, 7, 64, 1000]) assert.deepEqual(comparable(await answerOfJob([pair], given, { shards })), expected);
    }),
    { numRuns: 150 },
  );
  // the pairs are of all kinds
  for (const code of ['NOT_NORMALIZED', 'PADDING_SUSPECTED', 'INFINITE_DIVERGENCE', 'ZERO_OVER_ZERO', 'NEGATIVE_DIVERGENCE']) assert.ok(seen.has(code), code);
 console.log([...seen]);
});

test('the order of partials does not matter, nor that some come twice', async () => {
  await fc.assert(
    fc.asyncProperty(cases, options, fc.infiniteStream(fc.nat()), async (one, asked, order) => {
      const given = Object.fromEntries(Object.entries({ ...asked }).filter(([, value]) => value !== undefined));
      const { plan, compute } = jobOf([pairOf(one, 'logits', true)], given, { shards: 20 });
      const partials = await Promise.all(shardsOf(plan).map(compute));
      const some = partials.filter(() => order.next().value % 2 === 0);
      const shuffled = [...partials, ...some].map((partial) => ({ partial, at: order.next().value })).toSorted((a, b) => a.at - b.at);
      const merge = (all: readonly Uint8Array[]) => mergePartials(plan, all).catch(({ code }: RequestError) => ({ code }));
      assert.deepEqual(plain(await merge(shuffled.map(({ partial }) => partial))), plain(await merge(partials)));
    }),
    { numRuns: 60 },
  );
});
