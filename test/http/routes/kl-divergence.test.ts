import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reductionNames } from '../../../src/core/reductions.ts';
import { type Example, examples } from '../../../src/http/openapi/example-requests.ts';
import notebook from '../../../src/http/openapi/notebook.json' with { type: 'json' };
import { klAnswer, klExplanation } from '../../../src/schema/answer.ts';
import { problem } from '../../../src/schema/problem.ts';
import { numbersOf, sharedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';

// what the notebook printed, four digits each, and the figure that it missed
const printed = {
  '5x2': { sum: '4.3808', mean: '0.4381', batchmean: '0.8762', distribution_mean: '2.1904', distributions: 2 },
  '10x6x4': { sum: '90.7882', mean: '0.3783', batchmean: '9.0788', distribution_mean: '3.7828', distributions: 24 },
};

for (const name of ['5x2', '10x6x4'] as const) {
  test(`the notebook's ${name} tensors give its printed figures and the true mean beside them`, async () => {
    const { http } = await sharedApp();
    const { body } = await http
      .post(path)
      .send({ ...notebook[name], dim: 0 })
      .expect(200);
    const { distributions, ...figures } = printed[name];
    const rounded = Object.fromEntries(Object.entries(body.results).map(([reduction, value]) => [reduction, Number(value).toFixed(4)]));
    assert.deepEqual(rounded, figures);
    assert.equal(body.distributions, distributions);
    assert.deepEqual(
      body.warnings.map(({ code }: { code: string }) => code),
      ['MEAN_DIVIDES_BY_SUPPORT', 'BATCHMEAN_NOT_PER_DISTRIBUTION'],
    );
  });
}

test('the answer to the first experiment is the one in the contract', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ ...notebook['5x2'], dim: 0 })
    .expect('content-type', /^application\/json/);
  const { results, warnings, ...frame } = body;
  assert.deepEqual(frame, {
    divisors: { sum: 1, mean: 10, batchmean: 5, distribution_mean: 2 },
    shape: [5, 2],
    dim: [0],
    distributions: 2,
    support_size: 5,
    base: 'e',
    direction: 'D(target || input)',
  });
  assert.deepEqual(Object.keys(results), ['sum', 'mean', 'batchmean', 'distribution_mean']);
  assert.equal(warnings[1].pointer, '#/reduction');
  assert.deepEqual(warnings[1].details, { reason: 'dim_is_batch_axis', divisor: 5, distributions: 2 });
});

for (const [name, { request, status }] of Object.entries<Example>(examples)) {
  test(`the example ${name} answers ${status} on both endpoints, in the shape that the document promises`, async () => {
    const { http } = await sharedApp();
    const answered = await http.post(path).send(request).expect(status);
    const explained = await http.post(`${path}/explain`).send(request).expect(status);
    (status === 200 ? klAnswer : problem).parse(answered.body);
    (status === 200 ? klExplanation : problem).parse(explained.body);
  });
}

test('tensors come back in the form in which input came', async () => {
  const { http } = await sharedApp();
  const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer).toString('base64');
  const forms = {
    nested: [
      [1, 2],
      [3, 4],
    ],
    flat: { shape: [2, 2], data: [1, 2, 3, 4] },
    base64: { shape: [2, 2], dtype: 'float32', base64: bytes },
  };
  const target = [
    [2, 2],
    [5, 1],
  ];
  const ask = async (input: unknown) =>
    (
      await http
        .post(path)
        .send({ input, target, reduction: ['none', 'per_distribution'] })
        .expect(200)
    ).body.results;
  const nested = await ask(forms.nested);
  const flat = await ask(forms.flat);
  const base64 = await ask(forms.base64);
  assert.equal(nested.none[1].length, 2);
  assert.deepEqual(flat.none, { shape: [2, 2], data: nested.none.flat() });
  assert.deepEqual(flat.per_distribution, { shape: [2], data: nested.per_distribution });
  assert.deepEqual([base64.none.shape, base64.none.dtype], [[2, 2], 'float64']);
  assert.deepEqual(numbersOf(base64.none), nested.none.flat());
  assert.deepEqual(numbersOf(base64.per_distribution), nested.per_distribution);
});

test('one distribution in all gives a number where input is nested, and a tensor without axes where it is not', async () => {
  const { http } = await sharedApp();
  const ask = async (input: unknown) =>
    (
      await http
        .post(path)
        .send({ input, target: [2, 1], reduction: 'per_distribution' })
        .expect(200)
    ).body.results.per_distribution;
  const number = await ask([1, 2]);
  assert.equal(typeof number, 'number');
  assert.deepEqual(await ask({ shape: [2], data: [1, 2] }), { shape: [], data: [number] });
});

test('an infinite divergence is 200, "Infinity" and a warning, in scalars and in tensors', async () => {
  const { http } = await sharedApp();
  const request = {
    input: [
      [1, 0],
      [0.5, 0.5],
    ],
    target: [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
    input_kind: 'probs',
    target_kind: 'probs',
    reduction: 'all',
  };
  const { body } = await http.post(path).send(request).expect(200);
  assert.equal(body.results.sum, 'Infinity');
  assert.deepEqual(body.results.per_distribution, ['Infinity', 0]);
  assert.equal(body.results.none[0][1], 'Infinity');
  assert.deepEqual(body.warnings.find(({ code }: { code: string }) => code === 'INFINITE_DIVERGENCE').details, {
    count: 1,
    indices: [[0, 1]],
  });
});

test('"all" answers with every reduction, a list with those of the list, in the order of the table', async () => {
  const { http } = await sharedApp();
  const namesOf = async (reduction: unknown) =>
    Object.keys((await http.post(path).send({ input: [[1, 2]], target: [[2, 1]], reduction })).body.results);
  assert.deepEqual(await namesOf('all'), reductionNames);
  assert.deepEqual(await namesOf(['distribution_mean', 'none', 'none']), ['none', 'distribution_mean']);
});

test('strict refuses an answer with a warning and carries all its warnings, and passes one with an info', async () => {
  const { http } = await sharedApp();
  const request = { input: [0.5, 0.5, 0], target: [0.5, 0.5, 0], input_kind: 'probs', target_kind: 'probs', strict: true };
  await http
    .post(path)
    .send({ ...request, reduction: 'sum' })
    .expect(200);
  const { body } = await http
    .post(path)
    .send({ ...request, reduction: 'mean' })
    .expect(422);
  assert.equal(body.code, 'STRICT_WARNINGS');
  assert.deepEqual(
    body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    [['#/reduction', 'STRICT_WARNINGS']],
  );
  assert.deepEqual(
    body.warnings.map(({ code }: { code: string }) => code),
    ['MEAN_DIVIDES_BY_SUPPORT', 'ZERO_OVER_ZERO'],
  );
});

test('strict refuses nothing for the averages that are there by default', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ input: [[1, 2]], target: [[2, 1]], strict: true })
    .expect(200);
  assert.deepEqual(
    body.warnings.map(({ code, severity }: { code: string; severity: string }) => [code, severity]),
    [['MEAN_DIVIDES_BY_SUPPORT', 'warning']],
  );
});

test('faults of both tensors are told together', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ input: [[1, null]], target: [[1], [2, 3]] })
    .expect(422);
  assert.deepEqual(
    body.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['#/input/0/1', '#/target/1'],
  );
  assert.equal(body.error_count, 2);
});
