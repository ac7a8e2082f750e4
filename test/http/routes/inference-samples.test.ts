import assert from 'node:assert/strict';
import { test } from 'node:test';
import type supertest from 'supertest';
import { inferenceResponse, modelMetadata } from '../../../src/schema/inference/answer.ts';
import { sampleOutputNames } from '../../../src/schema/inference/sample-outputs.ts';
import { sharedApp } from '../../helper.ts';

type Http = ReturnType<typeof supertest>;
type Rows = readonly number[] | readonly (readonly number[])[];

const samples = { input_kind: 'samples', target_kind: 'samples' };
const input = [52, 48, 61, 55, 47, 66, 58, 50, 43, 59, 62, 49, 57, 53, 64, 56];
const target = [41, 45, 39, 52, 44, 47, 50, 36, 43, 48, 46, 42, 49, 40, 45, 51, 44, 38, 53, 47];

const tensorOf = (name: string, rows: Rows) => {
  const shape = Array.isArray(rows[0]) ? [rows.length, rows[0].length] : [rows.length];
  return { name, shape, datatype: 'FP64', data: rows.flat() as readonly unknown[] };
};

/** A request whose tensors are JSON. */
function asJson(http: Http, sides: Readonly<Record<string, Rows>>, fields: object, model = 'kl_div') {
  const inputs = Object.entries(sides).map(([name, rows]) => tensorOf(name, rows));
  return http.post(`/v2/models/${model}/infer`).send({ inputs, ...fields });
}

const asIs = ((value: unknown) => value) as (value: unknown) => string;

/** A request whose tensors, and those of the answer, are bytes. */
function asBytes(http: Http, sides: Readonly<Record<string, Rows>>, fields: { parameters?: object }, model = 'kl_div') {
  const tensors = Object.entries(sides).map(([name, rows]) => tensorOf(name, rows));
  const blocks = tensors.map(({ data }) => Buffer.from(Float64Array.from(data as number[]).buffer));
  const inputs = tensors.map(({ data: _, ...head }, index) => ({ ...head, parameters: { binary_data_size: blocks[index].length } }));
  const json = Buffer.from(JSON.stringify({ inputs, ...fields, parameters: { ...fields.parameters, binary_data_output: true } }));
  const sent = http.post(`/v2/models/${model}/infer`).set('inference-header-content-length', String(json.length));
  return sent
    .serialize(asIs)
    .responseType('blob')
    .send(Buffer.concat([json, ...blocks]));
}

type Output = { name: string; shape: number[]; data?: unknown[]; parameters?: { binary_data_size?: number } };

/** The outputs of an answer by their names; of bytes with the numbers in them. */
function outputsOf({ body, headers }: supertest.Response): Readonly<Record<string, { shape: number[]; data: readonly unknown[] }>> {
  const length = headers['inference-header-content-length'];
  const json = Buffer.isBuffer(body) ? JSON.parse(body.subarray(0, Number(length)).toString()) : body;
  let begin = Number(length);
  return Object.fromEntries(
    (json.outputs as Output[]).map(({ name, shape, data, parameters }) => {
      const size = parameters?.binary_data_size;
      const numbers = data ?? [...new Float64Array(Uint8Array.from(body.subarray(begin, begin + Number(size))).buffer)];
      begin += size ?? 0;
      return [name, { shape, data: numbers.map(Number) }];
    }),
  );
}

/** The tensors of `bins` and `sampling` of an answer of /v1, by their paths. */
function pathsIn(value: unknown, path: string): [string, readonly unknown[]][] {
  if (typeof value !== 'object' || Array.isArray(value)) return [[path, [value].flat(2).map(Number)]];
  const members = Object.entries(value as object).filter(([name]) => name !== 'confidence' && name !== 'seed');
  return members.flatMap(([name, one]) => pathsIn(one, `${path}.${name}`));
}

test('samples are answered with their bins and what sampling makes of them, as /v1 has them, in JSON and in bytes', async () => {
  const { http } = await sharedApp();
  const rows = { input: [input, input.toReversed().map((x) => x - 9)], target: [target, target.map((x) => x + 3)] };
  for (const sides of [{ input, target }, rows] as Readonly<Record<string, Rows>>[]) {
    for (const options of [{}, { bins: 'deciles', pseudocount: 1 }, { bins: 4, confidence: 0.9, seed: 3 }, { sampling: false }]) {
      const asked = { ...sides, ...samples, ...options, reduction: 'per_distribution', divergences: ['jeffreys'] };
      const { body } = await http.post('/v1/divergences').send(asked).expect(200);
      const { results, sampling } = body.divergences.jeffreys;
      const all = body.sampling === undefined ? [] : pathsIn({ ...body.sampling, ...sampling }, 'sampling');
      const expected = {
        output: [results.per_distribution].flat().map(Number),
        ...Object.fromEntries([...pathsIn(body.bins, 'bins'), ...all]),
      };
      const parameters = { ...samples, ...options, reduction: 'per_distribution' };
      for (const send of [asJson, asBytes]) {
        const outputs = outputsOf(await send(http, sides, { parameters }, 'jeffreys').expect(200));
        assert.deepEqual(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data])), expected);
      }
    }
  }
});

test('counts lie along the last axis, and what there is one of for each distribution has the shape of per_distribution', async () => {
  const { http } = await sharedApp();
  const sides = { input: [input, input, input], target: [target, target, target] };
  const { body, ...rest } = await asJson(http, sides, { parameters: { ...samples, bins: '35,48,70', missing: 'category' } }).expect(200);
  const outputs = outputsOf({ body, ...rest } as supertest.Response);
  inferenceResponse.parse(body);
  const shapes = Object.fromEntries(Object.entries(outputs).map(([name, { shape }]) => [name, shape]));
  assert.deepEqual(
    [shapes['bins.edges'], shapes['bins.counts.input'], shapes['bins.missing.target'], shapes['sampling.p_value']],
    [[3], [3, 2], [3], [3]],
  );
  assert.deepEqual(outputs['bins.counts.input'].data, [2, 14, 2, 14, 2, 14]);
});

test('a request may name some outputs about samples alone, and nothing is said of reductions then', async () => {
  const { http } = await sharedApp();
  const outputs = [{ name: 'bins.edges' }, { name: 'bins.counts.target' }];
  const parameters = { ...samples, bins: '35,48,70', sampling: false, strict: true };
  const { body } = await asJson(http, { input, target }, { parameters, outputs }).expect(200);
  assert.deepEqual(body.outputs, [
    { name: 'bins.edges', datatype: 'FP64', shape: [3], data: [35, 48, 70] },
    { name: 'bins.counts.target', datatype: 'FP64', shape: [2], data: [14, 6] },
  ]);
  assert.equal(body.parameters.warnings, '[]');
});

test('bins are a rule, a number as such or as text, or edges as text, whose ends may be infinite', async () => {
  const { http } = await sharedApp();
  for (const [bins, edges] of [
    ['deciles', 11],
    [3, 4],
    ['3', 4],
    ['-Infinity,45,50,Infinity', 4],
  ] as const) {
    const { body } = await asJson(http, { input, target }, { parameters: { ...samples, bins }, outputs: [{ name: 'bins.edges' }] });
    assert.deepEqual(body.outputs[0].shape, [edges], String(bins));
  }
});

test('NaN is missing where the parameter says so, and null in JSON', async () => {
  const { http } = await sharedApp();
  const parameters = { ...samples, bins: 1, missing: 'category', sampling: false };
  const sides = { input: [1, Number.NaN, 2], target: [2, 2, 2] };
  for (const send of [asJson, asBytes]) {
    const { 'bins.missing.input': missing, 'bins.counts.input': counts } = outputsOf(await send(http, sides, { parameters }).expect(200));
    assert.deepEqual([missing.data, counts.data], [[1], [2]]);
  }
});

test('counts with the parameter sampling are told what chance makes of them', async () => {
  const { http } = await sharedApp();
  const kinds = { input_kind: 'counts', target_kind: 'counts' };
  const sides = { input: [310, 290, 240, 160], target: [250, 250, 250, 250] };
  const { body: v1 } = await http.post('/v1/kl-divergence').send({ ...sides, ...kinds, sampling: true });
  const answer = await asJson(http, sides, { parameters: { ...kinds, sampling: true } }).expect(200);
  const { output: _, ...about } = outputsOf(answer);
  assert.deepEqual(
    Object.entries(about).map(([name, { data }]) => [name, data]),
    pathsIn(v1.sampling, 'sampling'),
  );
});

test('what is wrong with samples is told at their element or parameter, with what to do', async () => {
  const { http } = await sharedApp();
  const wrong: readonly [fields: object, sides: object, pointer: string, detail: RegExp][] = [
    [{}, { input: [1, null], target }, '#/inputs/0/data/1', /"missing": "category"/],
    [{}, { input, target: ['a', 'b'] }, '#/inputs/1/data/0', /categories, which are text, are read by POST \/v1\/kl-divergence/],
    [{ bins: '3,1' }, { input, target }, '#/parameters/bins', /edges ascend/],
    [{ bins: '2,2' }, { input, target }, '#/parameters/bins', /only the last of three or more may be there twice: 2 follows 2/],
    [{ bins: 'quartiles' }, { input, target }, '#/parameters/bins', /"deciles"/],
    [{ dim: 0 }, { input, target }, '#/parameters/dim', /leave dim out/],
    [{ seed: 1 }, { input, target }, '#/parameters/seed', /confidence/],
    [{ target_kind: 'counts' }, { input, target }, '#/parameters/target_kind', /"samples" on both sides/],
    [{}, { input: [input], target }, '#/inputs/1', /1 row of observations/],
  ];
  for (const [parameters, sides, pointer, detail] of wrong) {
    const request = { parameters: { ...samples, ...parameters } };
    const { body } = await asJson(http, sides as Record<string, Rows>, request).expect(400);
    assert.equal(body.errors[0].pointer, pointer);
    assert.match(body.errors[0].detail, detail);
  }
  const bytes = await asBytes(http, { input, target: [1, Number.NaN] }, { parameters: samples }).expect(400);
  assert.equal(JSON.parse(bytes.body.toString()).errors[0].pointer, '#/inputs/1');
});

test('text as the datatype BYTES is refused, with where categories are read', async () => {
  const { http } = await sharedApp();
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'BYTES', data: ['a', 'b'] }));
  const { body } = await http.post('/v2/models/kl_div/infer').send({ inputs, parameters: samples }).expect(400);
  assert.equal(body.errors[0].pointer, '#/inputs/0/datatype');
  assert.match(body.errors[0].detail, /send categories as lists of text to POST \/v1\/kl-divergence/);
});

test('the metadata list the outputs of each model, all of which any request may name: those that it lacks are empty, with a warning', async () => {
  const { http } = await sharedApp();
  const listed = async (model: string) => {
    const { body } = await http.get(`/v2/models/${model}`).expect(200);
    return modelMetadata.parse(body).outputs.map(({ name }) => name);
  };
  const ofSamples = (names: readonly string[]) => names.filter((name) => name.includes('.'));
  assert.deepEqual(ofSamples(await listed('kl_div')), sampleOutputNames);
  assert.deepEqual(ofSamples(await listed('k3')), []);
  const names = await listed('total_variation');
  assert.ok(!names.includes('sampling.expected_by_chance'));

  const outputs = (await listed('kl_div')).map((name) => ({ name }));
  const answer = await asJson(http, { input: [1, 2], target: [3, 5] }, { outputs }).expect(200);
  const found = outputsOf(answer);
  for (const name of sampleOutputNames) assert.deepEqual(found[name], { shape: [0], data: [] });
  const warnings: { code: string; message: string }[] = JSON.parse(answer.body.parameters.warnings);
  const { message } = warnings.find(({ code }) => code === 'IGNORED_PARAMETER') ?? assert.fail('no warning');
  assert.match(message, /#\/outputs\/7\/name \(of samples in bins, so it is empty\)/);

  const named = [{ name: 'sampling.chance_bound' }];
  const { body } = await asJson(http, { input, target }, { parameters: samples, outputs: named }, 'total_variation').expect(200);
  assert.match(JSON.parse(body.parameters.warnings).at(-1).message, /the model total_variation has none/);
});
