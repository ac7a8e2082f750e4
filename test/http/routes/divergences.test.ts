import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { divergencesAnswer, divergencesBatchAnswer, divergencesItemAnswer } from '../../../src/schema/divergences.ts';
import { postBytes, roughly, sharedApp, startedApp } from '../../helper.ts';
import { binary, readSafetensorsAnswer } from '../safetensors-answer.ts';

const path = '/v1/divergences';
const tensors = {
  input: [
    [2, 1, 0.1],
    [0.3, 0.3, 0.3],
  ],
  target: [
    [1.5, 1.2, 0.2],
    [0.1, 0.9, 2],
  ],
};
const disjoint = { input: [0, 1], target: [1, 0], input_kind: 'probs', target_kind: 'probs', reduction: 'sum' };
const asIs = ((value: unknown) => value) as (value: unknown) => string;

test('a request that names no divergence is answered with the four defaults, each with results, direction and base', async () => {
  const { http } = await sharedApp();
  const { body } = await http.post(path).send(tensors).expect(200);
  divergencesAnswer.parse(body);
  assert.deepEqual(Object.keys(body.divergences), ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon']);
  assert.deepEqual(
    Object.values<{ direction: string; base: unknown }>(body.divergences).map(({ direction, base }) => [direction, base]),
    [
      ['D(target || input)', 'e'],
      ['D(input || target)', 'e'],
      ['symmetric', 'e'],
      ['symmetric', 'e'],
    ],
  );
  assert.deepEqual(Object.keys(body), ['divergences', 'divisors', 'shape', 'dim', 'distributions', 'support_size', 'warnings']);
});

test('kl is what /v1/kl-divergence answers for the same request, with its divisors and layout', async () => {
  const { http } = await sharedApp();
  for (const options of [{ reduction: 'all' }, { dim: 0, base: 2 }, { dim: [0, 1], reduction: ['none', 'sum'] }]) {
    const { body } = await http
      .post(path)
      .send({ ...tensors, ...options, divergences: ['kl'] })
      .expect(200);
    const { body: kl } = await http
      .post('/v1/kl-divergence')
      .send({ ...tensors, ...options })
      .expect(200);
    assert.deepEqual(body.divergences.kl, { results: kl.results, direction: kl.direction, base: kl.base });
    for (const member of ['divisors', 'shape', 'dim', 'distributions', 'support_size']) assert.deepEqual(body[member], kl[member]);
  }
});

test('the keys of the answer are the names as they were sent, in their order, each once; base is null where it does not apply', async () => {
  const { http } = await sharedApp();
  const divergences = ['renyi:0.50', 'total_variation', 'jensen_shannon:0.1', 'renyi:0.50', 'jensen_shannon:0.5'];
  const { body } = await http
    .post(path)
    .send({ ...tensors, divergences, base: 2 })
    .expect(200);
  const directions = Object.entries<{ direction: string; base: unknown }>(body.divergences).map(([key, { direction, base }]) => [
    key,
    direction,
    base,
  ]);
  assert.deepEqual(directions, [
    ['renyi:0.50', 'D(target || input)', 2],
    ['total_variation', 'symmetric', null],
    ['jensen_shannon:0.1', 'weighted', 2],
    ['jensen_shannon:0.5', 'symmetric', 2],
  ]);
});

test('in bits, divergences with a unit are divided by ln 2, a distance by its root, and the others by nothing', async () => {
  const { http } = await sharedApp();
  const divergences = ['kl', 'renyi:2', 'cross_entropy', 'jensen_shannon_distance', 'hellinger', 'chi_squared'];
  const ask = async (base: unknown) =>
    (
      await http
        .post(path)
        .send({ ...tensors, divergences, base, reduction: 'sum' })
        .expect(200)
    ).body;
  const [nats, bits] = [await ask('e'), await ask(2)];
  const ratios = divergences.map((key) => nats.divergences[key].results.sum / bits.divergences[key].results.sum);
  assert.deepEqual(roughly(ratios), roughly([Math.LN2, Math.LN2, Math.LN2, Math.sqrt(Math.LN2), 1, 1]));
});

test('none by name of a divergence that is no sum of terms is refused; "all" leaves it out there', async () => {
  const { http } = await sharedApp();
  const divergences = ['kl', 'hellinger', 'renyi:2', 'total_variation'];
  for (const reduction of ['none', ['sum', 'none']]) {
    const { body } = await http
      .post(path)
      .send({ ...tensors, divergences, reduction })
      .expect(422);
    assert.deepEqual([body.errors[0].code, body.errors[0].pointer], ['INVALID_VALUE', '#/reduction']);
    assert.match(
      body.errors[0].detail,
      /hellinger, renyi:2 are no plain sum of terms\. Ask for per_distribution instead, or for "all", which/,
    );
  }
  const { body } = await http
    .post(path)
    .send({ ...tensors, divergences, reduction: 'all' })
    .expect(200);
  assert.deepEqual(
    divergences.filter((key) => Object.hasOwn(body.divergences[key].results, 'none')),
    ['kl', 'total_variation'],
  );
});

test('names that do not exist, parameters out of bounds and empty lists are refused with a pointer at each', async () => {
  const { http } = await sharedApp();
  for (const [divergences, pointer, detail] of [
    [['kl', 'psi'], '#/divergences/1', /it is called jeffreys here/],
    [['renyi:1'], '#/divergences/0', /ask for kl/],
    [['jensen_shannon:0'], '#/divergences/0', /ask for kl/],
    [['jensen_shannon:1'], '#/divergences/0', /ask for reverse_kl/],
    [[7], '#/divergences/0', /^expected the name of a divergence \(kl, reverse_kl, .*\), got 7$/],
    [[], '#/divergences', /at least one divergence/],
    ['kl', '#/divergences', /^expected a list of divergences, such as \["kl", "renyi:2"\], got the text "kl"$/],
    [Array(33).fill('kl'), '#/divergences', /at most 32/],
  ] as const) {
    const { body } = await http
      .post(path)
      .send({ ...tensors, divergences })
      .expect(422);
    assert.deepEqual([body.errors[0].code, body.errors[0].pointer], ['INVALID_VALUE', pointer]);
    assert.match(body.errors[0].detail, detail);
  }
  const { body } = await http
    .post('/v1/kl-divergence')
    .send({ ...tensors, divergences: ['kl'] })
    .expect(422);
  assert.deepEqual([body.errors[0].code, body.errors[0].pointer], ['UNKNOWN_FIELD', '#/divergences']);
  assert.match(body.errors[0].detail, /POST \/v1\/divergences/);
});

test('a warning belongs to a divergence that was asked for: disjoint distributions have a finite Jensen-Shannon, and no warning', async () => {
  const { http } = await sharedApp();
  const finite = await http
    .post(path)
    .send({ ...disjoint, divergences: ['jensen_shannon', 'hellinger'], strict: true })
    .expect(200);
  assert.deepEqual(finite.body.warnings, []);
  const divergences = ['jensen_shannon', 'kl', 'reverse_kl', 'jeffreys', 'renyi:0.5', 'renyi:2', 'chi_squared'];
  const { body } = await http
    .post(path)
    .send({ ...disjoint, divergences })
    .expect(200);
  assert.deepEqual(
    body.warnings.map(({ code, pointer, details }: { code: string; pointer: string; details: object }) => ({ code, pointer, details })),
    [
      ['kl', '#/input', [[0]]],
      ['reverse_kl', '#/target', [[1]]],
      ['jeffreys', '#/input', [[0]]],
      ['jeffreys', '#/target', [[1]]],
      ['renyi:0.5', '#/input', [[]]],
      ['renyi:2', '#/input', [[0]]],
      ['chi_squared', '#/input', [[0]]],
    ].map(([divergence, pointer, indices]) => ({ code: 'INFINITE_DIVERGENCE', pointer, details: { divergence, count: 1, indices } })),
  );
  const { body: refused } = await http
    .post(path)
    .send({ ...disjoint, divergences: ['kl', 'jensen_shannon'], strict: true })
    .expect(422);
  assert.deepEqual(
    refused.errors.map(({ code }: { code: string }) => code),
    ['STRICT_WARNINGS'],
  );
});

test('what a side looks like is valued under every divergence that was asked for', async () => {
  const { http } = await sharedApp();
  const probabilities = {
    input: [
      [0.25, 0.75],
      [0.125, 0.875],
      [0.5, 0.5],
    ],
    target: [
      [0.5, 0.5],
      [0.375, 0.625],
      [0.0625, 0.9375],
    ],
  };
  const options = { divergences: ['jensen_shannon', 'total_variation'], reduction: 'sum' };
  const { body } = await http
    .post(path)
    .send({ ...probabilities, ...options })
    .expect(200);
  const [{ code, details }] = body.warnings;
  const { body: right } = await http
    .post(path)
    .send({ ...probabilities, ...options, input_kind: details.send_as, target_kind: details.send_as })
    .expect(200);
  assert.equal(code, 'KIND_MISMATCH');
  assert.deepEqual(details.value_if, {
    'jensen_shannon.sum': right.divergences.jensen_shannon.results.sum,
    'total_variation.sum': right.divergences.total_variation.results.sum,
  });
});

test('a safetensors body with options in the query is answered as JSON is, and as safetensors with a tensor for each reduction', async () => {
  const { http } = await sharedApp();
  const tensor = (rows: number[][]) => ({ shape: [rows.length, rows[0].length], data: Float64Array.from(rows.flat()) });
  const bytes = Buffer.concat(writeSafetensors({ input: tensor(tensors.input), target: tensor(tensors.target) }, {}));
  const query = '?divergences=kl,renyi:0.5&divergences=hellinger&reduction=all&base=2';
  const post = () => http.post(`${path}${query}`).set('content-type', 'application/octet-stream').serialize(asIs);
  const divergences = ['kl', 'renyi:0.5', 'hellinger'];
  const json = await http
    .post(path)
    .send({ ...tensors, divergences, reduction: 'all', base: 2 })
    .expect(200);
  assert.deepEqual((await post().send(bytes).expect(200)).body, json.body);

  const { body } = await post().set('accept', 'application/vnd.safetensors').buffer(true).parse(binary).send(bytes).expect(200);
  const read = readSafetensorsAnswer(body);
  assert.deepEqual(Object.keys(read.tensors).sort(), [
    'hellinger.per_distribution',
    'kl.none',
    'kl.per_distribution',
    'renyi:0.5.per_distribution',
  ]);
  assert.deepEqual(read.tensors['kl.none'].data, json.body.divergences.kl.results.none.flat());
  const { results, ...about } = json.body.divergences['renyi:0.5'];
  const { per_distribution, ...numbers } = results;
  assert.deepEqual(read.tensors['renyi:0.5.per_distribution'].data, per_distribution);
  assert.deepEqual(JSON.parse(read.metadata.divergences)['renyi:0.5'], { results: numbers, ...about });
  for (const member of ['divisors', 'shape', 'warnings']) assert.deepEqual(JSON.parse(read.metadata[member]), json.body[member]);

  const one = await http
    .post(`${path}?divergences=kl`)
    .set('content-type', 'application/octet-stream')
    .serialize(asIs)
    .send(bytes)
    .expect(200);
  assert.deepEqual(Object.keys(one.body.divergences), ['kl']);
});

test('a large request is computed by a worker, and answered with the same numbers as a small one', async (t) => {
  const { http } = await sharedApp();
  const rows = Array.from({ length: 3000 }, (_, d) => Array.from({ length: 20 }, (_, k) => Math.sin(d * 20 + k)));
  const request = { input: rows, target: rows.map((row) => row.toReversed()), divergences: ['kl', 'jensen_shannon', 'renyi:2'] };
  const { body } = await http
    .post(path)
    .send({ ...request, reduction: ['per_distribution', 'sum'] })
    .expect(200);
  const inline = await startedApp(t, { INLINE_LIMIT_BYTES: '16777216' });
  const small = await inline.http
    .post(path)
    .send({ ...request, reduction: ['per_distribution', 'sum'] })
    .expect(200);
  assert.deepEqual(body, small.body);
  assert.equal(body.divergences.kl.results.per_distribution.length, 3000);
});

test('each item of a batch, and each line of a stream, is answered as it is alone, with the divergences of defaults or its own', async () => {
  const { http } = await sharedApp();
  const items = [tensors, { id: 'own', ...tensors, divergences: ['hellinger'] }, { ...tensors, divergences: ['renyi:1'] }];
  const defaults = { divergences: ['jensen_shannon:0.1', 'kl'] };
  const { body } = await http.post(`${path}/batch`).send({ defaults, items }).expect(200);
  divergencesBatchAnswer.parse(body);
  for (const [at, { id, ...item }] of items.map((item) => ({ id: undefined, ...item })).entries()) {
    const alone = await http.post(path).send({ ...defaults, ...item });
    const { id: named, status, problem, ...rest } = body.items[at];
    assert.equal(status, alone.status);
    assert.equal(named, id);
    if (status === 200) assert.deepEqual(rest, alone.body);
    else assert.deepEqual(problem.errors, alone.body.errors);
  }
  const lines = items.map((item) => `${JSON.stringify(item)}\n`).join('');
  const stream = await postBytes(http, `${path}/batch`, lines)
    .set('content-type', 'application/x-ndjson')
    .buffer(true)
    .parse(binary)
    .expect(200);
  const answers = stream.body
    .toString()
    .trim()
    .split('\n')
    .map((line: string) => JSON.parse(line));
  assert.deepEqual(answers.at(-1), { totals: { lines: 3, answered: 2, refused: 1 } });
  for (const answer of answers.slice(0, -1)) divergencesItemAnswer.parse(answer);
  assert.deepEqual(Object.keys(answers[0].divergences), ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon']);
  assert.deepEqual(answers[1], body.items[1]);
  const { body: problem } = await http
    .post(`${path}/batch`)
    .send({ defaults: { divergences: ['js'] }, items })
    .expect(422);
  assert.equal(problem.errors[0].pointer, '#/defaults/divergences/0');
});

test('/v1/info lists the divergences, with their parameter, formula and other names', async () => {
  const { http } = await sharedApp();
  const { body } = await http.get('/v1/info').expect(200);
  const [, , jeffreys, jensenShannon, , renyi] = body.divergences;
  assert.deepEqual([jeffreys.name, jeffreys.base_applies, jeffreys.has_none, jeffreys.parameter], ['jeffreys', true, true, undefined]);
  assert.match(jeffreys.also_called, /PSI/);
  assert.deepEqual(jensenShannon.parameter, { name: 'beta', meaning: 'the weight of `target` in the mixture', default: 0.5 });
  assert.deepEqual([renyi.parameter, renyi.has_none], [{ name: 'alpha', meaning: 'the order' }, false]);
});

test('a distribution of weight 0 is read by no divergence, and means divide by the sum of the weights', async () => {
  const { http } = await sharedApp();
  const divergences = ['reverse_kl', 'jensen_shannon', 'renyi:2', 'hellinger'];
  const masked = {
    input: [...tensors.input, [null, 'NaN', '-Infinity']],
    target: [...tensors.target, ['-Infinity', '-Infinity', '-Infinity']],
    weights: [1, 3, 0],
    temperature: 2,
    divergences,
    reduction: 'all',
  };
  const { body } = await http.post(path).send(masked).expect(200);
  const { body: alone } = await http
    .post(path)
    .send({ ...tensors, temperature: 2, divergences, reduction: 'all' })
    .expect(200);
  for (const key of divergences) {
    const [{ results }, { results: each }] = [body.divergences[key], alone.divergences[key]];
    const [first, second] = each.per_distribution;
    assert.deepEqual(results.per_distribution, [first, second, 'NaN']);
    assert.deepEqual(roughly([results.sum, results.distribution_mean]), roughly([first + 3 * second, (first + 3 * second) / 4]));
    if (each.none !== undefined) assert.deepEqual(results.none, [...each.none, ['NaN', 'NaN', 'NaN']]);
  }
});

test('an answer that would be too large with the terms of every divergence is refused before anything is computed', async () => {
  const { http } = await sharedApp();
  const row = { shape: [2, 1_000_000], dtype: 'float32', base64: Buffer.alloc(8_000_000).toString('base64') };
  const divergences = Array.from({ length: 32 }, (_, k) => `jensen_shannon:0.${k + 10}`);
  const { body } = await http.post(path).send({ input: row, target: row, divergences, reduction: 'none' });
  assert.deepEqual([body.status, body.code], [413, 'ANSWER_TOO_LARGE']);
});
