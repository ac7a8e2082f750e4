import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestError } from '../../../src/errors/request-error.ts';
import { mergePartials } from '../../../src/jobs/shards/merge.ts';
import { answerOfJob, answerOfRequest, held, jobOf, type Options, type Pair, shardsOf } from './helper.ts';
import { type Case, type Kind, pairOf } from './pairs.ts';

const plain = (answer: object) => JSON.parse(JSON.stringify(answer));

const kinds: readonly Kind[] = ['logits', 'probs', 'log_probs', 'counts'];

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
  dtype: fc.constantFrom('float64', 'float32', 'float16', 'bfloat16') as fc.Arbitrary<Case['dtype']>,
  odd: fc.constantFrom(0, 0.2, 0.8),
});

type Finding = { readonly code: string; readonly details: object };

/** Without what only the request says: values under another kind need the numbers again, and other axes lie across shards. */
function comparable(answer: object): { readonly warnings: readonly { readonly code: string }[] } {
  const { warnings, ...rest } = plain(answer);
  const kept = warnings.filter(
    ({ code, details }: Finding) => code !== 'NORMALIZED_ON_OTHER_DIM' && !(code === 'KIND_MISMATCH' && 'dim' in details),
  );
  for (const warning of kept) {
    delete warning.details.value_if;
    warning.message = warning.message
      .replace(/; then .*\.$/, '.')
      .replace(/ (They sum to 1 along|The sign looks wrong|A distribution without mass) .*$/, '')
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
      let expected: ReturnType<typeof comparable>;
      try {
        expected = comparable(answerOfRequest(pair, given));
        for (const { code } of expected.warnings) seen.add(code);
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
  for (const code of ['NOT_NORMALIZED', 'PADDING_SUSPECTED', 'INFINITE_DIVERGENCE', 'ZERO_OVER_ZERO', 'NEGATIVE_DIVERGENCE'])
    assert.ok(seen.has(code), code);
});

test('a job does not say of probabilities along other axes that they look so, as its documentation states', async () => {
  const columns = Float64Array.from({ length: 120 }, (_, at) => (at < 60 ? 0.25 : 0.75));
  const pair = { input: held([2, 60], columns), target: held([2, 60], columns) };
  const codes = (answer: { warnings: readonly { code: string }[] }) => answer.warnings.map(({ code }) => code);
  assert.ok(codes(plain(answerOfRequest(pair, {}))).includes('KIND_MISMATCH'));
  for (const shards of [1, 2]) assert.ok(!codes(plain(await answerOfJob([pair], {}, { shards }))).includes('KIND_MISMATCH'));
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

/** Pairs that are not what they are said to be. */
const mistaken: Readonly<Record<string, { readonly pair: Pair; readonly options: Options }>> = {
  'probabilities as logits': { pair: pairOf({ seed: 1, rows: 40, outcomes: 30, dtype: 'float32', odd: 0 }, 'probs', false), options: {} },
  'probabilities in half precision as log_probs': {
    pair: pairOf({ seed: 2, rows: 40, outcomes: 30, dtype: 'float16', odd: 0 }, 'probs', true),
    options: { input_kind: 'log_probs', target_kind: 'log_probs' },
  },
  'counts as logits': { pair: scaled(pairOf({ seed: 3, rows: 30, outcomes: 20, dtype: 'float64', odd: 0 }, 'counts', false)), options: {} },
  'counts as logits, of several divergences': {
    pair: scaled(pairOf({ seed: 4, rows: 30, outcomes: 20, dtype: 'float64', odd: 0.1 }, 'counts', false)),
    options: { divergences: ['jeffreys'] },
  },
  'counts as logits, of which one side is nearly flat': {
    pair: halfScaled(pairOf({ seed: 8, rows: 30, outcomes: 20, dtype: 'float64', odd: 0 }, 'counts', false)),
    options: {},
  },
  'small counts of an integer datatype as logits': {
    pair: whole(pairOf({ seed: 7, rows: 30, outcomes: 20, dtype: 'float64', odd: 0.1 }, 'counts', false)),
    options: {},
  },
  'float32 in another order': {
    pair: swapped(pairOf({ seed: 5, rows: 300, outcomes: 50, dtype: 'float32', odd: 0 }, 'logits', false)),
    options: {},
  },
  'probabilities that differ by their rounding': {
    pair: rounded(pairOf({ seed: 6, rows: 30, outcomes: 50, dtype: 'float64', odd: 0 }, 'probs', false)),
    options: { input_kind: 'probs', target_kind: 'probs' },
  },
};

/** Counts of which one is far above the others. */
function scaled({ input, target }: Pair): Pair {
  const far = ({ shape, bytes }: Pair['input']) =>
    held(
      shape,
      new Float64Array(bytes.buffer).map((value) => value ** 3),
    );
  return { input: far(input), target: far(target) };
}

function halfScaled(pair: Pair): Pair {
  return {
    input: scaled(pair).input,
    target: held(
      pair.target.shape,
      new Float64Array(pair.target.bytes.buffer).map((value) => value % 10),
    ),
  };
}

function whole({ input, target }: Pair): Pair {
  const uint8 = ({ shape, bytes }: Pair['input']): Pair['input'] => {
    const numbers = Uint8Array.from(new Float64Array(bytes.buffer), (value) => value % 20);
    return { dtype: 'uint8', shape, bytes: new Uint8Array(numbers.buffer) };
  };
  return { input: uint8(input), target: uint8(target) };
}

/** Numbers of few digits, whose bytes in the other order are subnormal. */
function swapped({ input, target }: Pair): Pair {
  const swap = ({ shape, bytes }: Pair['input']) => {
    const short = new Float32Array(bytes.buffer).map(Math.f16round);
    return { ...held(shape, short), bytes: new Uint8Array(Buffer.from(short.buffer).swap32()) };
  };
  return { input: swap(input), target: swap(target) };
}

function rounded({ target }: Pair): Pair {
  const numbers = new Float64Array(target.bytes.buffer);
  return { target: held(target.shape, numbers), input: held(target.shape, Float64Array.from(numbers, Math.fround)) };
}

for (const [what, { pair, options: given }] of Object.entries(mistaken)) {
  test(`a job says of ${what} what a request says`, async () => {
    const expected = comparable(answerOfRequest(pair, given));
    for (const shards of [1, 7, 64]) assert.deepEqual(comparable(await answerOfJob([pair], given, { shards })), expected);
    const named = ['KIND_MISMATCH', 'SUSPICIOUS_BYTES', 'MASS_DIFFERENCE'];
    assert.ok(
      expected.warnings.some(({ code }) => named.includes(code)),
      JSON.stringify(expected.warnings),
    );
  });
}
