import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divergenceNames, isEstimate, isPlainSum } from '../../../src/core/divergences/named-divergence.ts';
import { inferenceResponse, modelMetadata } from '../../../src/schema/inference/answer.ts';
import { sharedApp } from '../../helper.ts';

const input = [2, 1, 0.1, 0.3, 0.3, 0.3];
const target = [1.5, 1.2, 0.2, 0.1, 0.9, 2];
const inputsOf = (sides: Record<'input' | 'target', readonly number[]>) =>
  Object.entries(sides).map(([name, data]) => ({ name, shape: [2, 3], datatype: 'FP64', data }));
const inputs = inputsOf({ input, target });
const below0 = { input: input.map((value) => -value), target: target.map((value) => -value) };
const rows = (data: readonly number[]) => [data.slice(0, 3), data.slice(3)];
const parameterOf: Readonly<Record<string, object>> = { renyi: { alpha: 0.5 } };
const samples = { input_kind: 'sampled_log_probs', target_kind: 'sampled_log_probs', sampled_from: 'input' };

test('every divergence is a model of its name, which answers what /v1/divergences does', async () => {
  const { http } = await sharedApp();
  for (const name of divergenceNames) {
    const key = name === 'renyi' ? 'renyi:0.5' : name;
    const reductions = isPlainSum({ name }) ? ['none', 'per_distribution', 'mean'] : ['per_distribution', 'mean'];
    const kinds = isEstimate({ name }) ? samples : {};
    const sides = isEstimate({ name }) ? below0 : { input, target };
    const inputs = inputsOf(sides);
    const request = {
      inputs,
      parameters: { base: 2, ...parameterOf[name], ...kinds },
      outputs: reductions.map((output) => ({ name: output })),
    };
    const { body } = await http.post(`/v2/models/${name}/infer`).send(request).expect(200);
    inferenceResponse.parse(body);
    assert.equal(body.model_name, name);
    const asked = { input: rows(sides.input), target: rows(sides.target), ...kinds, base: 2, divergences: [key], reduction: reductions };
    const { body: answer } = await http.post('/v1/divergences').send(asked).expect(200);
    const { results } = answer.divergences[key];
    assert.deepEqual(
      body.outputs.map(({ data }: { data: number[] }) => data),
      reductions.map((reduction) => [results[reduction]].flat(2)),
      name,
    );
    const { body: metadata } = await http.get(`/v2/models/${name}`).expect(200);
    const outputs = modelMetadata.parse(metadata).outputs.map((output) => output.name);
    assert.deepEqual([metadata.name, outputs.includes('none')], [name, isPlainSum({ name })]);
    assert.deepEqual((await http.get(`/v2/models/${name}/versions/1/ready`).expect(200)).body, { name, ready: true });
  }
});

test('alpha and beta are parameters of their models, checked as behind a colon, and ignored with a warning elsewhere', async () => {
  const { http } = await sharedApp();
  const ask = (model: string, parameters: object) => http.post(`/v2/models/${model}/infer`).send({ inputs, parameters });
  const weighted = await ask('jensen_shannon', { beta: 0.1, reduction: 'sum' }).expect(200);
  const { body } = await http
    .post('/v1/divergences')
    .send({ input: rows(input), target: rows(target), divergences: ['jensen_shannon:0.1'], reduction: 'sum' });
  assert.deepEqual(weighted.body.outputs[0].data, [body.divergences['jensen_shannon:0.1'].results.sum]);
  for (const [model, parameters, pointer, detail] of [
    ['renyi', {}, '#/parameters/alpha', /renyi needs α, the order, as the parameter alpha: 2, say/],
    ['renyi', { alpha: 1 }, '#/parameters/alpha', /ask for kl/],
    ['renyi', { alpha: [2] }, '#/parameters/alpha', /a number above 0/],
    ['jensen_shannon', { beta: 2 }, '#/parameters/beta', /between 0 and 1/],
  ] as const) {
    const { body: problem } = await ask(model, parameters).expect(400);
    assert.deepEqual([problem.errors[0].code, problem.errors[0].pointer], ['INVALID_VALUE', pointer]);
    assert.match(problem.errors[0].detail, detail);
  }
  for (const model of ['kl_div', 'hellinger', 'renyi']) {
    const { body: answer } = await ask(model, { alpha: 2, beta: 0.5, reduction: 'sum' }).expect(200);
    const [{ code, details }] = JSON.parse(answer.parameters.warnings);
    const ignored = model === 'renyi' ? ['#/parameters/beta'] : ['#/parameters/alpha', '#/parameters/beta'];
    assert.deepEqual([code, details.pointers], ['IGNORED_PARAMETER', ignored]);
  }
});

test('the output none of a model that is no sum of terms is refused, with advice that works there', async () => {
  const { http } = await sharedApp();
  const ask = (more: object) => http.post('/v2/models/hellinger/infer').send({ inputs, ...more });
  for (const [pointer, more] of [
    ['#/outputs', { outputs: [{ name: 'none' }] }],
    ['#/parameters/reduction', { parameters: { reduction: 'none' } }],
  ] as const) {
    const { body } = await ask(more).expect(400);
    assert.deepEqual([body.errors[0].code, body.errors[0].pointer], ['INVALID_VALUE', pointer]);
    assert.match(
      body.errors[0].detail,
      /^none does not exist here: hellinger is no plain sum of terms\. Ask for per_distribution instead$/,
    );
  }
  const { body } = await ask({ parameters: { reduction: 'all' } }).expect(400);
  const names = / ask for (.*) as outputs of these names$/.exec(body.errors[0].detail)?.[1].split(', ') ?? [];
  assert.deepEqual(names, ['per_distribution', 'sum', 'mean', 'batchmean', 'distribution_mean']);
  await ask({ outputs: names.map((name) => ({ name })) }).expect(200);
});
