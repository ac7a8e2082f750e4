import assert from 'node:assert/strict';
import { test } from 'node:test';
import type supertest from 'supertest';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { divergencesAnswer, divergencesBatchAnswer } from '../../../src/schema/divergences.ts';
import { numbersOf, roughly, sharedApp } from '../../helper.ts';

const path = '/v1/divergences';
const kinds = { input_kind: 'sampled_log_probs', target_kind: 'sampled_log_probs' };
/** Two answers of three tokens, of which the last is padding. */
const input = [
  [-1.25, -0.5, -2],
  [-3, -0.75, -9],
];
const target = [
  [-1, -0.5, -2.5],
  [-2, -1, -7],
];
const weights = [
  [1, 1, 1],
  [1, 1, 0],
];
const request = { input, target, weights, ...kinds, sampled_from: 'input' };

type Http = ReturnType<typeof supertest>;

const k1 = [-0.25, 0, 0.5, -1, 0.25];
const estimates = {
  k1,
  k2: k1.map((d) => d ** 2 / 2),
  k3: k1.map((d) => Math.exp(-d) - 1 + d),
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const deviation = (values: readonly number[]) =>
  Math.sqrt(sum(values.map((value) => (value - sum(values) / values.length) ** 2)) / (values.length - 1));

test('each sample is a distribution of its own: the three estimates are averaged over those of a weight, in the direction of sampled_from', async () => {
  const { http } = await sharedApp();
  for (const [from, other, sign, direction] of [
    ['input', 'target', 1, 'D(input || target)'],
    ['target', 'input', -1, 'D(target || input)'],
  ] as const) {
    const { body } = await http
      .post(path)
      .send({ ...request, sampled_from: from, reduction: ['distribution_mean', 'sum', 'none', 'per_distribution'] });
    divergencesAnswer.parse(body);
    assert.deepEqual(Object.keys(body.divergences), ['k1', 'k2', 'k3']);
    assert.deepEqual([body.shape, body.dim, body.distributions, body.support_size, body.warnings], [[2, 3], [], 6, 1, []], other);
    const { k1: found } = body.divergences;
    assert.deepEqual([found.direction, found.base], [direction, 'e']);
    assert.deepEqual(numbersOf(found.results.per_distribution), [...k1.map((d) => (d === 0 ? 0 : sign * d)), Number.NaN]);
    assert.deepEqual(found.results.none, found.results.per_distribution);
    assert.deepEqual([found.results.sum, found.results.distribution_mean], [sign * sum(k1), (sign * sum(k1)) / 5]);
  }
});

test('statistics hold the standard error of every estimate, and say nothing of a most likely outcome', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ ...request, statistics: [0.5], reduction: 'distribution_mean' })
    .expect(200);
  divergencesAnswer.parse(body);
  assert.ok(!Object.hasOwn(body, 'statistics'));
  for (const [name, values] of Object.entries(estimates)) {
    const { count, mean, standard_error } = body.divergences[name].statistics;
    assert.equal(count, 5);
    assert.deepEqual(roughly([mean, standard_error]), roughly([sum(values) / 5, deviation(values) / Math.sqrt(5)]));
  }
});

test('with dim a sequence is a distribution: its estimate is the sum over its tokens, and weights are one for each sequence', async () => {
  const { http } = await sharedApp();
  const asked = { ...request, dim: -1, divergences: ['k1'], reduction: ['per_distribution', 'distribution_mean', 'batchmean'] };
  const { body } = await http
    .post(path)
    .send({ ...asked, weights: [1, 1] })
    .expect(200);
  const { results } = body.divergences.k1;
  assert.deepEqual([results, body.dim], [{ per_distribution: [0.25, -2.75], batchmean: -1.25, distribution_mean: -1.25 }, [1]]);
  const { body: problem } = await http.post(path).send(asked).expect(422);
  assert.deepEqual([problem.code, problem.errors[0].pointer], ['SHAPE_MISMATCH', '#/weights']);
});

const bytes = (rows: readonly (readonly number[])[]) => ({ shape: [2, 3], data: Float64Array.from(rows.flat()) });
const asIs = ((body: unknown) => body) as (body: unknown) => string;
const mean = { reduction: 'distribution_mean' };

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
const meansOf = (body: any) => Object.values<any>(body.divergences).map(({ results }) => results.distribution_mean);

const ways: Readonly<Record<string, (http: Http) => Promise<unknown>>> = {
  nested: async (http) => meansOf((await http.post(path).send({ ...request, ...mean })).body),
  base64: async (http) => {
    const tensor = (rows: readonly (readonly number[])[]) => ({
      shape: [2, 3],
      base64: Buffer.from(bytes(rows).data.buffer).toString('base64'),
    });
    const tensors = { input: tensor(input), target: tensor(target), weights: tensor(weights) };
    return meansOf((await http.post(path).send({ ...request, ...tensors, ...mean })).body);
  },
  batch: async (http) => {
    const { input: _, ...defaults } = request;
    const { body } = await http.post(`${path}/batch`).send({ defaults: { ...defaults, ...mean }, items: [{ input }] });
    divergencesBatchAnswer.parse(body);
    return meansOf(body.items[0]);
  },
  NDJSON: async (http) => {
    const line = `${JSON.stringify({ ...request, ...mean })}\n`;
    const { text } = await http.post(`${path}/batch`).set('content-type', 'application/x-ndjson').send(line);
    return meansOf(JSON.parse(text.split('\n')[0]));
  },
  safetensors: async (http) => {
    const query = new URLSearchParams({ ...kinds, sampled_from: 'input', ...mean });
    const body = Buffer.concat(writeSafetensors({ input: bytes(input), target: bytes(target), weights: bytes(weights) }, {}));
    const sent = http.post(`${path}?${query}`).set('content-type', 'application/vnd.safetensors');
    return meansOf((await sent.serialize(asIs).send(body)).body);
  },
  'inference in JSON': async (http) => {
    const inputs = Object.entries({ input, target, weights }).map(([name, rows]) => ({
      name,
      shape: [2, 3],
      datatype: 'FP64',
      data: rows.flat(),
    }));
    const ask = async (model: string) => {
      const { body } = await http
        .post(`/v2/models/${model}/infer`)
        .send({ inputs, parameters: { ...kinds, sampled_from: 'input', ...mean } });
      return body.outputs[0].data[0];
    };
    return [await ask('k1'), await ask('k2'), await ask('k3')];
  },
};

for (const [name, way] of Object.entries(ways)) {
  test(`estimates in ${name} are those of their formulas`, async () => {
    const { http } = await sharedApp();
    assert.deepEqual(roughly((await way(http)) as number[]), roughly(Object.values(estimates).map((values) => sum(values) / 5)));
  });
}

test('a request so large that a thread computes it is answered alike', async () => {
  const { http } = await sharedApp();
  const count = 60_000;
  const column = (step: number) => ({ shape: [count], data: Array.from({ length: count }, (_, at) => -1 - ((at * step) % 64) / 64) });
  const { body } = await http
    .post(path)
    .send({ input: column(3), target: column(5), ...kinds, sampled_from: 'target', divergences: ['k1'], reduction: 'sum' })
    .expect(200);
  const expected = sum(column(5).data) - sum(column(3).data);
  assert.deepEqual(roughly([body.divergences.k1.results.sum]), roughly([expected]));
});

const refusals: readonly (readonly [what: string, change: object, pointer: string, detail: RegExp])[] = [
  ['no sampled_from', { sampled_from: undefined }, '#/sampled_from', /expected "input" or "target"/],
  ['another sampled_from', { sampled_from: 'policy' }, '#/sampled_from', /"input", "target"|input or target/],
  ['samples on one side', { target_kind: 'log_probs', sampled_from: undefined }, '#/target_kind', /"target_kind": "sampled_log_probs"/],
  ['a divergence of distributions', { divergences: ['k1', 'kl'] }, '#/divergences/1', /kl needs whole distributions: .* k1, k2, k3/],
  ['the name of another tool', { divergences: ['low_var_kl'] }, '#/divergences/0', /called k3 here/],
  ['a temperature', { temperature: 2 }, '#/temperature', /input_kind is sampled_log_probs/],
  [
    'a positive log-probability',
    {
      input: [
        [-1, 0.5, -1],
        [-1, -1, -1],
      ],
    },
    '#/input/0/1',
    /a number from -1e270 to 0, or up to 1e-4 by rounding, got 0\.5. Send log p, neither p nor -log p, and the weight 0 for padding$/,
  ],
  [
    'a sample without probability',
    {
      input: [
        ['-Infinity', -1, -1],
        [-1, -1, -1],
      ],
    },
    '#/input/0/0',
    /^input gives this sample/,
  ],
  ['a list of outcomes', { input: { outcomes: ['a', 'b'], values: [-1, -2] }, weights: undefined }, '#/input', /send them as a tensor/],
  ['weights of another shape', { weights: [1, 1] }, '#/weights', /expected a weight for each sample, and the tensors have shape \[2, 3\]$/],
];

for (const [what, change, pointer, detail] of refusals) {
  test(`samples are refused with ${what}, with advice`, async () => {
    const { http } = await sharedApp();
    const { body } = await http
      .post(path)
      .send({ ...request, ...change })
      .expect(422);
    assert.equal(body.errors[0].pointer, pointer, JSON.stringify(body.errors));
    assert.match(body.errors[0].detail, detail);
  });
}

test('rounding of float32 may leave a log-probability a little above 0', async () => {
  const { http } = await sharedApp();
  await http
    .post(path)
    .send({ input: [1.2e-7, -1], target: [0, -1], ...kinds, sampled_from: 'input' })
    .expect(200);
});

test('estimates of distributions, and samples where whole distributions are needed, are refused', async () => {
  const { http } = await sharedApp();
  const logits = { input: [1, 2], target: [2, 1] };
  const problemOf = async (to: string, body: object) => {
    const [{ pointer, detail }] = (await http.post(to).send(body)).body.errors;
    return `${pointer}: ${detail}`;
  };
  assert.match(
    await problemOf(path, { ...logits, divergences: ['kl', 'k3'] }),
    /^#\/divergences\/1: k3 is an estimate from samples, and logits are not/,
  );
  assert.match(await problemOf(path, { ...logits, sampled_from: 'input' }), /^#\/sampled_from: .*send the sampled_log_probs of both sides/);
  for (const to of ['/v1/kl-divergence', '/v1/kl-divergence/explain']) {
    assert.match(await problemOf(to, { input, target, ...kinds }), /^#\/input_kind: .*POST \/v1\/divergences estimates k1, k2, k3/);
    assert.match(await problemOf(to, request), /^#\/sampled_from: .*POST \/v1\/divergences/);
  }
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'FP64', data: [-1, -2] }));
  assert.match(
    await problemOf('/v2/models/kl/infer', { inputs, parameters: kinds }),
    /^#\/parameters\/sampled_from|^#\/parameters\/input_kind/,
  );
  assert.match(await problemOf('/v2/models/kl_div/infer', { inputs, parameters: kinds }), /^#\/parameters\/input_kind: /);
  assert.match(await problemOf('/v2/models/k1/infer', { inputs }), /^#\/parameters\/input_kind: k1 is an estimate/);
  assert.match(
    await problemOf('/v2/models/k1/infer', { inputs, parameters: kinds }),
    /^#\/parameters\/sampled_from: expected "input" or "target"/,
  );
});

test('what only one model ever draws makes the estimates infinite, with a warning that says which', async () => {
  const { http } = await sharedApp();
  const never = {
    ...request,
    weights: undefined,
    target: [
      [-1, '-Infinity', -1],
      [-1, -1, -1],
    ],
    divergences: ['k1', 'k3'],
    reduction: 'sum',
  };
  const { body } = await http.post(path).send(never).expect(200);
  assert.deepEqual([body.divergences.k1.results.sum, body.divergences.k3.results.sum], ['Infinity', 'Infinity']);
  assert.deepEqual(
    body.warnings.map(({ code, pointer, details }: Record<string, unknown>) => [code, pointer, details]),
    [['INFINITE_DIVERGENCE', '#/target', { count: 1, indices: [[0, 1]] }]],
  );
  const far = {
    ...request,
    weights: undefined,
    input: [
      [-800, -1, -1],
      [-1, -1, -1],
    ],
    divergences: ['k1', 'k3'],
    reduction: 'sum',
    strict: true,
  };
  const { body: refused } = await http.post(path).send(far).expect(422);
  assert.deepEqual(
    refused.warnings.map(({ code, details }: Record<string, unknown>) => [code, details]),
    [['ESTIMATOR_OVERFLOW', { divergence: 'k3', count: 1, indices: [[0, 0]] }]],
  );
});
