import assert from 'node:assert/strict';
import { test } from 'node:test';
import type supertest from 'supertest';
import { mediaTypes } from '../../../src/http/hooks/content-type.ts';
import { sharedApp, startedApp } from '../../helper.ts';
import { seededRandom } from '../../kernels/rows.ts';
import { binary, readSafetensorsAnswer } from '../safetensors-answer.ts';

type Http = ReturnType<typeof supertest>;

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
type Json = any;

const url = '/v1/kl-divergence';
const probs = { input_kind: 'probs', target_kind: 'probs' };
const counts = { input_kind: 'counts', target_kind: 'counts' };

const target = { outcomes: [[7, 3], [5], [1, 2, 9]], values: [[0.5, 0.25], [0.75], [0.25, 0.25, 0.5]] };
const input = { outcomes: [[3, 7, 8], [6], [9, 1, 2]], values: [[0.25, 0.25, 0.5], [0.125], [0.5, 0.25, 0.25]] };
const asked = { input, target, ...probs, rest: 'bucket', reduction: ['none', 'per_distribution', 'distribution_mean'] };

const terms = [[0.5 * Math.log(2), 0, 0.25 * Math.log(0.25 / 0.5)], [0], [0, 0, 0, 0]];
const outcomes = [[7, 3, null], [null], [1, 2, 9, null]];
const divergences = [0.5 * Math.log(2) + 0.25 * Math.log(0.25 / 0.5), 0, 0];
const coverage = { input: { mean: 0.5, least: 0 }, target: { mean: 1.75 / 3, least: 0 } };

const asIs = ((body: unknown) => body) as (body: unknown) => string;

/** A safetensors body with rows filled up: ids as I64 or I32, values as F64. */
function inBytes(
  sides: Record<string, { outcomes: number[][]; values: number[][] }>,
  Ids: typeof BigInt64Array | typeof Int32Array,
): Buffer {
  const header: Record<string, object> = {};
  const parts: Buffer[] = [];
  let end = 0;
  const add = (name: string, dtype: string, shape: number[], data: ArrayBufferView) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    parts.push(bytes);
    end += bytes.length;
  };
  for (const [name, side] of Object.entries(sides)) {
    const width = Math.max(...side.outcomes.map((row) => row.length));
    const filled = (rows: number[][], filler: number) => rows.flatMap((row) => [...row, ...Array(width - row.length).fill(filler)]);
    const ids = filled(side.outcomes, -1);
    const shape = [side.outcomes.length, width];
    if (Ids === BigInt64Array) add(`${name}.outcomes`, 'I64', shape, BigInt64Array.from(ids, BigInt));
    else add(`${name}.outcomes`, 'I32', shape, Int32Array.from(ids));
    add(`${name}.values`, 'F64', shape, Float64Array.from(filled(side.values, Number.NaN)));
  }
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...parts]);
}

function bytesAsked(http: Http, Ids: Parameters<typeof inBytes>[1]) {
  const query = new URLSearchParams({ ...probs, rest: 'bucket', reduction: asked.reduction.join() });
  return http.post(`${url}?${query}`).set('content-type', mediaTypes.safetensors[0]).serialize(asIs).send(inBytes({ input, target }, Ids));
}

const ways: Readonly<Record<string, (http: Http) => Promise<Json>>> = {
  JSON: async (http) => (await http.post(url).send(asked)).body,
  batch: async (http) => (await http.post(`${url}/batch`).send({ defaults: asked, items: [{}, { input }] })).body.items[1],
  NDJSON: async (http) => {
    const sent = http.post(`${url}/batch`).set('content-type', 'application/x-ndjson');
    return JSON.parse((await sent.send(`${JSON.stringify(asked)}\n`)).text.split('\n')[0]);
  },
  'safetensors with I64': async (http) => (await bytesAsked(http, BigInt64Array)).body,
  'safetensors with I32': async (http) => (await bytesAsked(http, Int32Array)).body,
};

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`lists of different lengths are matched in every ${size} request, and none comes back as lists`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const answer = await ask(http);
      assert.deepEqual(answer.results?.per_distribution, divergences, `${way}: ${JSON.stringify(answer)}`);
      assert.deepEqual(answer.results.none, { outcomes, values: terms }, way);
      assert.deepEqual([answer.shape, answer.support_size, answer.distributions], [[3, 4], 4, 3], way);
      assert.deepEqual(answer.coverage, coverage, way);
      assert.deepEqual(
        answer.warnings.map(({ code }: { code: string }) => code),
        ['NEGATIVE_TERMS', 'LOWER_BOUND'],
        way,
      );
    }
  });
}

test('an answer in safetensors has the terms in one row, and their outcomes in the metadata', async () => {
  const { http } = await sharedApp();
  const { body } = await http.post(url).set('accept', mediaTypes.safetensors[0]).buffer(true).parse(binary).send(asked);
  const { metadata, tensors } = readSafetensorsAnswer(body);
  assert.deepEqual(tensors.none, { dtype: 'F64', shape: [8], data: terms.flat() });
  assert.deepEqual(JSON.parse(metadata.outcomes), outcomes);
  assert.deepEqual(JSON.parse(metadata.coverage), coverage);
});

test('/v1/divergences compares lists in all divergences, and the terms of each come back with their outcomes', async () => {
  const { http } = await sharedApp();
  const named = { input: { outcomes: ['cash', 'card'], values: [3, 1] }, target: { outcomes: ['card', 'crypto'], values: [1, 3] } };
  const { body } = await http
    .post('/v1/divergences')
    .send({ ...named, ...counts, divergences: ['kl', 'reverse_kl', 'total_variation'], reduction: ['sum', 'none'] })
    .expect(200);
  assert.deepEqual(body.divergences.total_variation.results, {
    none: { outcomes: ['card', 'crypto', 'cash'], values: [0, 0.375, 0.375] },
    sum: 0.75,
  });
  const infinite = body.warnings.filter(({ code }: { code: string }) => code === 'INFINITE_DIVERGENCE');
  assert.deepEqual(
    infinite.map(({ details }: Json) => [details.divergence, details.outcomes]),
    [
      ['kl', ['crypto']],
      ['reverse_kl', ['cash']],
    ],
  );
});

test('a derivation shows lists as tensors, filled up with outcomes without mass', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(`${url}/explain`)
    .send({ ...asked, rest: 'zero', reduction: 'per_distribution' })
    .expect(200);
  assert.deepEqual(body.shape, [3, 3]);
  const answered = await http.post(url).send({ ...asked, rest: 'zero', reduction: 'per_distribution' });
  assert.deepEqual(body.reductions.per_distribution.core, answered.body.results.per_distribution);
});

test('a derivation of lists says what their answer says: the lower bound, its coverage, and nothing of what fills them up', async () => {
  const { http } = await sharedApp();
  const [{ body: explained }, { body: answer }] = await Promise.all([`${url}/explain`, url].map((path) => http.post(path).send(asked)));
  assert.deepEqual([explained.coverage, explained.warnings], [answer.coverage, answer.warnings]);
  assert.deepEqual(explained.reductions.none.core, [[...terms[0], 0], [0, 0, 0, 0], terms[2]]);
});

test('a derivation says which outcomes its tensors are about: those of the terms, beside a tensor with its rest too', async () => {
  const { http } = await sharedApp();
  const beside = { ...asked, input: { outcomes: [[2]], values: [[0.5]] }, target: [[0.25, 0.25, 0.25, 0.25]], weights: [1] };
  for (const request of [asked, { ...asked, rest: 'zero' }, beside]) {
    const [{ body: explained }, { body: answer }] = await Promise.all([`${url}/explain`, url].map((path) => http.post(path).send(request)));
    assert.deepEqual(explained.outcomes, answer.results.none.outcomes);
  }
});

test('an answer of safetensors has outcomes where a tensor of it holds terms, and otherwise none', async () => {
  const { http } = await sharedApp();
  const metadataOf = async (divergences: string[]) => {
    const accept = 'application/vnd.safetensors';
    const { body } = await http
      .post('/v1/divergences')
      .set({ accept })
      .buffer()
      .parse(binary)
      .send({ ...asked, divergences, rest: 'zero', reduction: 'all' })
      .expect(200);
    return readSafetensorsAnswer(body).metadata;
  };
  assert.equal((await metadataOf(['renyi:2'])).outcomes, undefined);
  assert.notEqual((await metadataOf(['renyi:2', 'kl'])).outcomes, undefined);
});

const logProbs = { input_kind: 'log_probs', target_kind: 'log_probs' };
const warningOf = (body: Json) => body.warnings.find(({ code }: { code: string }) => code === 'REST_BY_ROUNDING');

/** Each step is rounded by `round`, the sum once: many outcomes are summed in parts. */
function logSoftmax(logits: number[], round: (value: number) => number): number[] {
  const most = Math.max(...logits);
  const shifted = logits.map((logit) => round(logit - most));
  const norm = round(Math.log(round(shifted.reduce((sum, logit) => sum + Math.exp(logit), 0))));
  return shifted.map((logit) => round(logit - norm));
}

const float64 = (value: number) => value;

const topFive = (logits: number[]) => [...logits.keys()].toSorted((a, b) => logits[b] - logits[a]).slice(0, 5);
const kl = (input: number[], target: number[]) => target.reduce((sum, log, k) => sum + Math.exp(log) * (log - input[k]), 0);

test('each distribution whose rest float32 has lost is named, and every other divergence is at most the true one', async () => {
  const { http } = await sharedApp();
  const random = seededRandom(5);
  const rows = Array.from({ length: 300 }, () => {
    const logits = Array.from({ length: 500 }, () => random());
    const others = logits.slice();
    // from unsure to as confident as a model is of the next token
    logits[7] = 10 + 20 * random();
    others[7] = 10 + 20 * random();
    return { input: logits, target: others };
  });
  const top = (side: 'input' | 'target') => ({
    outcomes: rows.map((row) => topFive(row[side])),
    values: rows.map((row) => {
      const logProbs = logSoftmax(row[side], Math.fround);
      return topFive(row[side]).map((id) => logProbs[id]);
    }),
  });
  const tops = { input: top('input'), target: top('target') };
  const { body } = await http
    .post(url)
    .send({ ...tops, ...logProbs, rest: 'bucket', reduction: 'per_distribution' })
    .expect(200);
  const divergences: number[] = body.results.per_distribution.map(Number);
  const above = rows.flatMap(({ input, target }, d) =>
    divergences[d] > 1.01 * kl(logSoftmax(input, float64), logSoftmax(target, float64)) + 1e-5 ? [d] : [],
  );
  assert.ok(above.length > 10 && divergences.includes(Number.POSITIVE_INFINITY));
  const { details } = warningOf(body);
  assert.ok(details.count < 200, 'where more is left to 1 rounding decides nothing');
  for (const d of above) {
    const one = (side: 'input' | 'target') => ({ outcomes: tops[side].outcomes[d], values: tops[side].values[d] });
    const { body } = await http.post(url).send({ input: one('input'), target: one('target'), ...logProbs, rest: 'bucket' });
    assert.ok(warningOf(body), `${divergences[d]} at ${d}`);
  }
});

test('a divergence is told of a rest that float32 has lost where the lack of mass on that side makes it infinite', async () => {
  const { http } = await sharedApp();
  const rounded = { outcomes: ['a', 'b'], values: [0, -21] };
  const plain = { outcomes: ['a', 'b'], values: [-1e-4, -10] };
  const asked = { ...logProbs, rest: 'bucket', reduction: 'sum', divergences: ['kl', 'reverse_kl', 'jensen_shannon', 'jeffreys'] };
  const told = async (sides: object) => {
    const { body } = await http.post('/v1/divergences').send({ ...asked, ...sides });
    return body.warnings.flatMap(({ code, details }: { code: string; details: { divergence: string; side: string } }) =>
      code === 'REST_BY_ROUNDING' ? [`${details.divergence} ${details.side}`] : [],
    );
  };
  assert.deepEqual(await told({ input: rounded, target: plain }), ['kl input', 'jeffreys input']);
  assert.deepEqual(await told({ input: plain, target: rounded }), ['reverse_kl target', 'jeffreys target']);
});

test('a mass that rounding makes more than 1 covers all of its distribution, and no more', async () => {
  const { http } = await sharedApp();
  const input = { outcomes: ['a', 'b'], values: [0, -17.2] };
  const { body } = await http.post(url).send({ input, target: input, ...logProbs, rest: 'bucket' });
  assert.deepEqual(body.coverage, { input: { mean: 1, least: 1 }, target: { mean: 1, least: 1 } });
});

test('lists of a weight of 0 are not read, whatever they hold, and come back empty', async () => {
  const { http } = await sharedApp();
  const masked = {
    ...asked,
    target: {
      outcomes: [
        [7, 3],
        [null, 'x', 5, 5],
        [1, 2, 9],
      ],
      values: [
        [0.5, 0.25],
        [null, 'NaN', 7, -1],
        [0.25, 0.25, 0.5],
      ],
    },
    weights: [1, 0, 3],
  };
  const { body } = await http.post(url).send(masked).expect(200);
  assert.deepEqual(body.results.per_distribution, [divergences[0], 'NaN', divergences[2]]);
  assert.deepEqual(body.results.none, { outcomes: [outcomes[0], [], outcomes[2]], values: [terms[0], [], terms[2]] });
  assert.deepEqual(body.coverage.target, { mean: (0.75 + 3) / 4, least: 0.75 });
});

test('a side that lists nothing where it is read is of names, as the other side is, whose names are in a list that is not read', async () => {
  const { http } = await sharedApp();
  const nothing = { outcomes: [[], ['a']], values: [[], [0.5]] };
  const names = { outcomes: [['b'], []], values: [[0.75], []] };
  const request = { ...probs, input: nothing, target: names, rest: 'bucket', weights: [1, 0], reduction: 'sum' };
  const { body } = await http.post(url).send(request).expect(200);
  assert.equal(body.results.sum, 0);
});

test('lists nest as the distributions do', async () => {
  const { http } = await sharedApp();
  const nest = ({ outcomes: o, values: v }: Json) => ({ outcomes: [o], values: [v] });
  const { body } = await http
    .post(url)
    .send({ ...asked, input: nest(input), target: nest(target) })
    .expect(200);
  assert.deepEqual(body.shape, [1, 3, 4]);
  assert.deepEqual(body.results.none, { outcomes: [outcomes], values: [terms] });
});

test('a long answer has the same lists', async () => {
  const { http } = await sharedApp({ INLINE_LIMIT_BYTES: '0' });
  const rows = 300;
  const lists = (shift: number) => ({
    outcomes: Array.from({ length: rows }, (_, d) => Array.from({ length: 5 + (d % 40) }, (_, k) => `t${k + shift}`)),
    values: Array.from({ length: rows }, (_, d) => Array(5 + (d % 40)).fill(1)),
  });
  const { body } = await http
    .post(url)
    .send({ input: lists(0), target: lists(1), ...counts, reduction: ['none', 'per_distribution'] })
    .expect(200);
  for (const [d, row] of body.results.none.outcomes.entries()) {
    const size = 5 + (d % 40);
    assert.deepEqual(row, [...Array.from({ length: size }, (_, k) => `t${k + 1}`), 't0']);
    assert.equal(body.results.none.values[d].length, size + 1);
    assert.equal(body.results.none.values[d][size - 1], 'Infinity');
  }
});

test('an id beside a tensor is an index along dim, whatever axis that is', async () => {
  const { http } = await sharedApp();
  const dense = [
    [0.5, 0.25],
    [0.25, 0.25],
    [0.25, 0.5],
  ];
  const list = { outcomes: [[2, 0], [1]], values: [[0.5, 0.5], [1]] };
  const { body } = await http
    .post(url)
    .send({ input: dense, target: list, ...probs, dim: 0, reduction: ['none', 'per_distribution'] })
    .expect(200);
  assert.deepEqual(body.results.per_distribution, [0.5 * Math.log(2), Math.log(4)]);
  assert.deepEqual(body.results.none, [
    [0, 0],
    [0, Math.log(4)],
    [0.5 * Math.log(2), 0],
  ]);
});

test('beside a tensor, what is listed is compared one by one, and what the tensor has else is summed', async () => {
  const { http } = await sharedApp();
  const dense = [
    [0, 0, 0, 0.25, 0, 0, 0, 0.25, 0.5, 0],
    [0.875, 0, 0, 0, 0, 0, 0.125, 0, 0, 0],
    [0, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0.5],
  ];
  const { body } = await http
    .post(url)
    .send({ ...asked, input: dense })
    .expect(200);
  assert.deepEqual(body.results.none, {
    outcomes: [
      [7, 3, null],
      [5, null],
      [1, 2, 9, null],
    ],
    values: [terms[0], ['Infinity', 0.25 * Math.log(0.25)], terms[2]],
  });
  assert.deepEqual(body.coverage, { input: { mean: 0.5, least: 0 }, target: { mean: 2.5 / 3, least: 0.75 } });
});

test('a short list beside a tensor of many outcomes is the tensor that has its numbers at its ids', async () => {
  const { http } = await sharedApp();
  const size = 20_000;
  const input = Array.from({ length: size }, (_, k) => (1 + (k % 7)) / (4 * size));
  const ids = [19_999, 3, 12_345];
  const values = [0.5, 0.125, 0.375];
  const dense = Array.from({ length: size }, () => 0);
  for (const [k, id] of ids.entries()) dense[id] = values[k];
  const sent = { input, ...counts, reduction: 'sum' };
  const answered = async (target: unknown) =>
    (
      await http
        .post(url)
        .send({ ...sent, target })
        .expect(200)
    ).body.results;
  assert.deepEqual(await answered({ outcomes: ids, values }), await answered(dense));
  const { body } = await http
    .post(url)
    .send({ input, target: { outcomes: ids, values }, ...probs, rest: 'bucket', reduction: 'none' })
    .expect(200);
  assert.deepEqual(body.results.none.outcomes, [...ids, null]);
  for (const [k, id] of ids.entries()) assert.equal(body.results.none.values[k], values[k] * Math.log(values[k] / input[id]));
});

/** What is wrong with lists, and where. */
const refused: Readonly<Record<string, [request: object, ...places: string[]]>> = {
  'an outcome twice, on both sides': [
    { input: { outcomes: ['a', 'a'], values: [1, 1] }, target: { outcomes: [['b'], ['b', 'c', 'b']], values: [[1], [1, 1, 1]] } },
    'SHAPE_MISMATCH #/target/outcomes',
  ],
  'every outcome that is listed twice': [
    { input: { outcomes: [['a', 'a']], values: [[1, 1]] }, target: { outcomes: [['b', 'c', 'b', 'c']], values: [[1, 1, 1, 1]] } },
    'DUPLICATE_OUTCOME #/target/outcomes/0/2',
    'DUPLICATE_OUTCOME #/target/outcomes/0/3',
    'DUPLICATE_OUTCOME #/input/outcomes/0/1',
  ],
  'sparse ids twice': [
    { input: { outcomes: [2 ** 52, 1], values: [1, 1] }, target: { outcomes: [3, 2 ** 52, 2 ** 52], values: [1, 1, 1] } },
    'DUPLICATE_OUTCOME #/target/outcomes/2',
  ],
  'names beside ids': [
    { input: { outcomes: ['1'], values: [1] }, target: { outcomes: [1], values: [1] } },
    'INVALID_VALUE #/target/outcomes',
  ],
  'names and ids in one list': [
    { input: { outcomes: ['a', 1], values: [1, 1] }, target: { outcomes: [1, 'a', 1.5], values: [1, 1, 1] } },
    'INVALID_VALUE #/input/outcomes/1',
    'INVALID_VALUE #/target/outcomes/1',
    'INVALID_VALUE #/target/outcomes/2',
  ],
  'a list without values': [{ input: { outcomes: ['a'] }, target: { outcomes: ['a'], values: [1] } }, 'INVALID_VALUE #/input/values'],
  'values without outcomes': [{ input: { values: [1] }, target: { outcomes: ['a'], values: [1] } }, 'INVALID_VALUE #/input/outcomes'],
  'another member': [
    { input: { outcomes: ['a'], values: [1], shape: [1] }, target: { outcomes: ['a'], values: [1] } },
    'UNKNOWN_FIELD #/input/shape',
  ],
  'a number too few': [
    { input: { outcomes: [['a'], ['b', 'c']], values: [[1], [1]] }, target: { outcomes: [['a'], ['b']], values: [[1], [1]] } },
    'DATA_LENGTH_MISMATCH #/input/values/1',
  ],
  'no outcome at all': [{ input: { outcomes: [], values: [] }, target: { outcomes: ['a'], values: [1] } }, 'EMPTY_TENSOR #/input/outcomes'],
  'a value that is no number': [
    { input: { outcomes: [['a', 'b']], values: [[1, null]] }, target: { outcomes: [['a']], values: [[-1]] } },
    'NOT_A_NUMBER #/input/values/0/1',
    'NEGATIVE_MASS #/target/values/0/0',
  ],
  'an id that the tensor does not have': [
    { input: [[1, 2, 3]], target: { outcomes: [[0, 3]], values: [[1, 1]] } },
    'UNKNOWN_OUTCOME #/target/outcomes/0/1',
  ],
  'names beside a tensor': [{ input: [[1, 2]], target: { outcomes: [['a']], values: [[1]] } }, 'INVALID_VALUE #/target/outcomes'],
  'other rows than the tensor': [
    { input: [[1, 2]], target: { outcomes: [[0], [1]], values: [[1], [1]] } },
    'SHAPE_MISMATCH #/target/outcomes',
  ],
  'several axes': [{ input: [[1, 2]], target: { outcomes: [0], values: [1] }, dim: [0, 1] }, 'INVALID_VALUE #/dim'],
  'an axis that no list lies along': [
    { input: { outcomes: [['a']], values: [[1]] }, target: { outcomes: [['a']], values: [[1]] }, dim: 0 },
    'INVALID_VALUE #/dim',
  ],
  'a rest of counts': [
    { input: { outcomes: ['a'], values: [1] }, target: { outcomes: ['a'], values: [1] }, rest: 'bucket' },
    'INVALID_VALUE #/input_kind',
    'INVALID_VALUE #/target_kind',
  ],
  'a rest of tensors': [{ input: [1, 2], target: [1, 2], rest: 'bucket' }, 'INVALID_VALUE #/rest'],
  'weights of another shape': [
    { input: { outcomes: [['a']], values: [[1]] }, target: { outcomes: [['a']], values: [[1]] }, weights: [1, 1] },
    'SHAPE_MISMATCH #/weights',
  ],
  'weights that are a list': [{ input: [1, 2], target: [1, 2], weights: { outcomes: [0], values: [1] } }, 'INVALID_VALUE #/weights'],
};

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`what is wrong with the lists of a ${size} request is told with the entry that it is about`, async () => {
    const { http } = await sharedApp(env);
    for (const [what, [request, ...places]] of Object.entries(refused)) {
      const { status, body } = await http.post(url).send({ ...counts, ...request });
      assert.equal(status, 422, what);
      assert.deepEqual(
        body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
        places,
        what,
      );
    }
  });
}

test('-Infinity among logarithms and the id -1 are padding, any number of times', async () => {
  const { http } = await sharedApp();
  const half = Math.log(0.5);
  const { body } = await http
    .post(url)
    .send({
      input: { outcomes: [4, 9, 0, 0], values: [half, half, '-Infinity', '-Infinity'] },
      target: { outcomes: [4, -1, -1, 9], values: [half, 0, 0, half] },
      input_kind: 'log_probs',
      target_kind: 'log_probs',
      reduction: 'none',
    })
    .expect(200);
  assert.deepEqual(body.results.none, { outcomes: [4, 9], values: [0, 0] });
});

test('padding of one list is a name of the other: names read from bytes keep theirs', async () => {
  const { http } = await sharedApp({ INLINE_LIMIT_BYTES: '0' });
  const [half, quarter] = [Math.log(0.5), Math.log(0.25)];
  const { body } = await http
    .post(url)
    .send({
      target: { outcomes: [['a', 'x', 'pad'], ['pad']], values: [[half, half, '-Infinity'], [0]] },
      input: {
        outcomes: [
          ['pad', 'a', 'x'],
          ['pad', 'pad'],
        ],
        values: [
          [half, quarter, quarter],
          [0, '-Infinity'],
        ],
      },
      input_kind: 'log_probs',
      target_kind: 'log_probs',
      reduction: 'none',
    })
    .expect(200);
  const term = 0.5 * (half - quarter);
  assert.deepEqual(body.results.none, { outcomes: [['a', 'x', 'pad'], ['pad']], values: [[term, term, 0], [0]] });
});

test('an outcome listed twice is told by its name, with the entry that it repeats, whether or not the other side lists it', async () => {
  const { http } = await sharedApp();
  for (const more of [counts, { ...probs, rest: 'bucket' }]) {
    const lists = {
      target: { outcomes: ['x', 'a', 'b', 'a'], values: [0.25, 0.25, 0.25, 0.25] },
      input: { outcomes: ['y', 'c', 'b', 'b', 'c'], values: [0.25, 0.25, 0.25, 0.125, 0.125] },
    };
    const { body } = await http
      .post(url)
      .send({ ...lists, ...more })
      .expect(422);
    const told = body.errors.map(({ pointer, detail }: Json) => [
      pointer,
      detail.split(' is in the list already, as ')[0],
      detail.match(/entry \d/)?.[0],
    ]);
    assert.deepEqual(told, [
      ['#/target/outcomes/3', '"a"', 'entry 1'],
      ['#/input/outcomes/3', '"b"', 'entry 2'],
      ['#/input/outcomes/4', '"c"', 'entry 1'],
    ]);
  }
});

test('lists that are not as many on both sides are told by their numbers', async () => {
  const { http } = await sharedApp();
  const lists = (count: number) => ({ outcomes: Array(count).fill(['a']), values: Array(count).fill([1]) });
  const { body } = await http
    .post(url)
    .send({ input: lists(1), target: lists(2), ...counts })
    .expect(422);
  assert.equal(body.errors[0].pointer, '#/target/outcomes');
  assert.match(body.errors[0].detail, /^target has 2 lists of outcomes, input 1 list\./);
});

test('lists without a kind that hold counts or probabilities are told from logits', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(url)
    .send({
      input: { outcomes: ['card', 'cash', 'transfer', 'voucher'], values: [4000, 3000, 2500, 500] },
      target: { outcomes: ['card', 'cash', 'crypto'], values: [5000, 3000, 2000] },
      reduction: 'sum',
    })
    .expect(200);
  const { details } = body.warnings.find(({ code }: { code: string }) => code === 'KIND_MISMATCH');
  assert.deepEqual([details.looks_like, details.value_if], ['counts', { sum: 'Infinity' }]);
});

test('a top of probabilities that is sent without its rest is told about the rest', async () => {
  const { http } = await sharedApp();
  const list = { outcomes: ['a', 'b'], values: [0.5, 0.25] };
  const { body } = await http
    .post(url)
    .send({ input: list, target: list, ...probs, reduction: 'sum' })
    .expect(200);
  const { message } = body.warnings.find(({ code }: { code: string }) => code === 'NOT_NORMALIZED');
  assert.match(message, /"rest": "bucket"/);
});

test('rows of different lengths are read from bytes as they are from parsed JSON, whatever is wrong with them', async (t) => {
  const small = await startedApp(t);
  const large = await startedApp(t, { INLINE_LIMIT_BYTES: '0' });
  const rows = [
    '[[1,2],[3]]',
    ' [ [ 1 , 2 ] , [ 3 ] ] ',
    '[[1,2],[3],[]]',
    '[[],[1,2]]',
    '[[1,2],["-Infinity"]]',
    '[[1,2],["-Infinity",4]]',
    '[[1,2],["a]"]]',
    '[[1,2],3]',
    '[3,[1,2]]',
    '[[1,2],[3,]]',
    '[[1,2],[,3]]',
    '[[1,2],,[3]]',
    '[[1,2] [3]]',
    '[[1,2],[3 4]]',
    '[[1,2],[[3]]]',
    '[[1,2],[3]',
    '[[1,2],[1e400]]',
    '[[1,2],[0.5]]',
    '[[1,2],[-1]]',
    '[[1,2],[1,1]]',
  ];
  for (const text of rows) {
    for (const [outcomes, values] of [
      [text, '[[1,2],[3]]'],
      ['[[1,2],[3]]', text],
      [text, text],
    ]) {
      const body = `{"input":{"outcomes":${outcomes},"values":${values}},"target":{"outcomes":[[2,1],[3]],"values":[[1,0.5],[2]]},"reduction":"all"}`;
      const ask = async ({ http }: typeof small) => {
        const answer = await http.post(url).set('content-type', 'application/json').send(body);
        const { request_id: _, ...rest } = answer.body;
        return rest;
      };
      assert.deepEqual(await ask(large), await ask(small), body);
    }
  }
});

test('sampling takes each list of counts over its own outcomes, as a tensor of the union has them', async () => {
  const { http } = await sharedApp();
  const options = { ...counts, pseudocount: 0.5, confidence: 0.9, seed: 7, reduction: ['per_distribution', 'none'] };
  const lists = {
    input: { outcomes: [['a', 'b'], ['c'], ['x']], values: [[40, 10], [7], [0.5]] },
    target: { outcomes: [['b', 'a', 'd'], ['c', 'e'], ['x']], values: [[12, 30, 3], [9, 2], [1]] },
  };
  const { body } = await http
    .post(url)
    .send({ ...options, ...lists, weights: [1, 1, 0] })
    .expect(200);
  assert.deepEqual(body.results.none.outcomes, [['b', 'a', 'd'], ['c', 'e'], []]);
  const { body: first } = await http
    .post(url)
    .send({ ...options, input: [[10, 40, 0]], target: [[12, 30, 3]] })
    .expect(200);
  assert.deepEqual(body.sampling.input_size, [50, 7, 'NaN']);
  assert.deepEqual(body.sampling.target_size, [45, 11, 'NaN']);
  for (const name of ['p_value', 'expected_by_chance', 'chance_bound']) assert.equal(body.sampling[name][0], first.sampling[name][0], name);
  assert.deepEqual(body.sampling.interval.lower[0], first.sampling.interval.lower[0]);
  const { body: second } = await http
    .post(url)
    .send({ ...options, input: [[7, 0]], target: [[9, 2]] })
    .expect(200);
  for (const name of ['p_value', 'expected_by_chance', 'chance_bound'])
    assert.equal(body.sampling[name][1], second.sampling[name][0], name);
  const { body: refused } = await http
    .post(url)
    .send({ ...options, ...lists })
    .expect(422);
  assert.deepEqual(
    refused.errors.map(({ pointer, detail }: Json) => [pointer, detail.slice(0, 25)]),
    [['#/input', 'outcome "x" of list [2]: ']],
  );
});

test('lists that are empty or of two lengths are refused in whole sentences', async () => {
  const { http } = await sharedApp();
  const one = { outcomes: ['a'], values: [1] };
  const detailOf = async (input: object, target: object = one) =>
    (
      await http
        .post(url)
        .send({ ...counts, input, target })
        .expect(422)
    ).body.errors[0].detail;
  assert.equal(await detailOf({ outcomes: ['a'], values: [1, 2] }), '1 outcome and 2 values: send a number for each outcome');
  assert.equal(await detailOf({ outcomes: [], values: [] }), 'no outcome is listed: send at least one');
  const none = { outcomes: [[], []], values: [[], []] };
  assert.equal(await detailOf(none, none), 'no outcome is listed: at least one list must have one');
});

test('samples are no lists of outcomes', async () => {
  const { http } = await sharedApp();
  const samples = { input_kind: 'samples', target_kind: 'samples' };
  const { body } = await http
    .post(url)
    .send({ ...samples, input: [1, 2], target: [1, 3], rest: 'bucket' })
    .expect(422);
  assert.equal(body.errors[0].pointer, '#/rest');
  const list = { outcomes: ['a'], values: [1] };
  await http
    .post(url)
    .send({ ...samples, input: list, target: list })
    .expect(422);
  const bytes = inBytes({ input: { outcomes: [[1]], values: [[1]] }, target: { outcomes: [[1]], values: [[2]] } }, BigInt64Array);
  const { body: ofBytes } = await http
    .post(`${url}?input_kind=samples&target_kind=samples`)
    .type(mediaTypes.safetensors[0])
    .send(bytes)
    .expect(422);
  assert.equal(ofBytes.errors[0].pointer, '#/input.outcomes');
});
