import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { z } from 'zod';
import { klBatch } from '../../src/schema/batch.ts';
import { divergencesRequest } from '../../src/schema/divergences.ts';
import {
  inferenceInput,
  inferenceOutput,
  inferenceRequest,
  inputParameters,
  outputParameters,
  requestParameters,
} from '../../src/schema/inference/request.ts';
import { klOptions, klRequest } from '../../src/schema/request.ts';
import { everyNth } from '../cases.ts';
import { sharedApp, startedApp } from '../helper.ts';

/** Words of zod's own messages, which say nothing to a caller. Ours say "expected …, got …". */
const zodsWords =
  /Invalid (input|option|key|element|value|string|number|discriminator)|\breceived\b|nonoptional|Too (big|small)|Unrecognized|Not a multiple|Invalid [A-Z]\w+ at/;

const tensor = { shape: [1, 2], data: [1, 2] };

const request = {
  input: tensor,
  target: { shape: [1, 2], dtype: 'float64', base64: Buffer.from(Float64Array.of(1, 2).buffer).toString('base64') },
  weights: [1],
  input_kind: 'logits',
  target_kind: 'logits',
  temperature: 2,
  pseudocount: 0,
  dim: [-1],
  rest: 'zero',
  reduction: ['sum', 'mean'],
  base: 2,
  statistics: [0.5],
  strict: false,
};
const { input: _input, target: _target, weights: _weights, ...options } = request;

const family = { ...request, divergences: ['kl', 'renyi:2'] };

const samples = {
  input: [[1, 2, 3], [4]],
  target: [
    [2, 2],
    [1, null],
  ],
  input_kind: 'samples',
  target_kind: 'samples',
  bins: [0, 2, 4],
  missing: 'category',
  sampling: true,
  confidence: 0.9,
  seed: 1,
  estimator: 'bins',
};

const neighbours = {
  input: [
    [1, 2],
    [3, 4],
  ],
  target: [
    [2, 2],
    [1, 4],
  ],
  input_kind: 'samples',
  target_kind: 'samples',
  estimator: 'knn',
  k: 1,
};

const sampledKinds = { input_kind: 'sampled_log_probs', target_kind: 'sampled_log_probs', sampled_from: 'target' };
const estimates = { ...request, ...sampledKinds, temperature: 1, input: [[-1, -2]], target: [[-2, -1]], divergences: ['k1'] };

const inference = {
  id: 'a',
  parameters: {
    ...options,
    reduction: 'sum',
    dim: '1',
    statistics: '0.5',
    timeout: 10_000_000,
    alpha: 2,
    beta: 0.5,
    sampled_from: 'target',
    estimator: 'knn',
    k: 5,
    binary_data_output: false,
  },
  inputs: ['input', 'target'].map((name) => ({ name, shape: [1, 2], datatype: 'FP64', parameters: {}, data: [1, 2] })),
  outputs: [{ name: 'output', parameters: { binary_data: false } }],
};

const inferredSamples = {
  ...inference,
  parameters: {
    input_kind: 'samples',
    target_kind: 'samples',
    bins: '0,2,4',
    missing: 'category',
    sampling: true,
    confidence: 0.9,
    seed: 1,
  },
};

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Each endpoint with a body that has every member which its schema knows, and how such a body is sent. */
const endpoints: Record<
  string,
  { readonly url: string; readonly type: string; readonly body: Json; readonly sent?: (body: unknown) => string }
> = {
  'POST /v1/kl-divergence': { url: '/v1/kl-divergence', type: 'application/json', body: request },
  'POST /v1/kl-divergence/explain': { url: '/v1/kl-divergence/explain', type: 'application/json', body: request },
  'POST /v1/kl-divergence/batch': {
    url: '/v1/kl-divergence/batch',
    type: 'application/json',
    body: { defaults: options, items: [{ id: 'a', ...request }] },
  },
  'a line of POST /v1/kl-divergence/batch': {
    url: '/v1/kl-divergence/batch',
    type: 'application/x-ndjson',
    body: { id: 1, ...request },
    sent: (body) => `${JSON.stringify(body)}\n`,
  },
  'POST /v1/divergences': { url: '/v1/divergences', type: 'application/json', body: family },
  'POST /v1/divergences of log-probabilities of samples': { url: '/v1/divergences', type: 'application/json', body: estimates },
  'POST /v1/divergences/batch': {
    url: '/v1/divergences/batch',
    type: 'application/json',
    body: { defaults: { ...options, divergences: ['kl'], target: tensor, weights: [1] }, items: [{ id: 'a', ...family }] },
  },
  'POST /v2/models/renyi/infer': { url: '/v2/models/renyi/infer', type: 'application/json', body: inference },

  'POST /v1/kl-divergence of neighbours': { url: '/v1/kl-divergence', type: 'application/json', body: neighbours },
  'POST /v1/kl-divergence of samples': { url: '/v1/kl-divergence', type: 'application/json', body: samples },
  'POST /v2/models/kl_div/infer': { url: '/v2/models/kl_div/infer', type: 'application/json', body: inference },
  'POST /v2/models/kl_div/infer of samples': { url: '/v2/models/kl_div/infer', type: 'application/json', body: inferredSamples },
};

/** What stands in the place of a member; `undefined` leaves it out. */
const replacements = [
  undefined,
  null,
  true,
  'no such thing',
  '',
  -1,
  1.5,
  1e300,
  [],
  {},
  [null],
  [[]],
  ['sum', 7],
  { shape: null },
  Array(40).fill(1),
];

/** Every place in a value, from the whole of it on, with what each replacement makes of the whole. */
function* changed(value: Json): Generator<unknown> {
  for (const replacement of replacements) if (replacement !== undefined) yield replacement;
  yield* changedWithin(value);
}

function* changedWithin(value: Json): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  const withMember = (name: string, member: unknown) => {
    if (!isList)
      return member === undefined
        ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
        : { ...value, [name]: member };
    return member === undefined ? value.toSpliced(Number(name), 1) : value.with(Number(name), member as Json);
  };
  for (const [name, member] of Object.entries(value)) {
    for (const replacement of replacements) yield withMember(name, replacement);
    for (const inner of changedWithin(member)) yield withMember(name, inner);
  }
  if (!isList) yield { ...value, 'no such field': 1 };
}

async function tellsInOwnWords(t: TestContext, { url, type, body, sent = JSON.stringify }: (typeof endpoints)[string]): Promise<void> {
  const { port } = await sharedApp();
  let refused = 0;
  // of 15 replacements: every thirteenth is another one at each place
  const tried = everyNth(t, [...changed(body)], 13);
  for (const wrong of tried) {
    const text = sent(wrong);
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, { method: 'POST', headers: { 'content-type': type }, body: text });
    const said = await answer.text();
    assert.ok(answer.status < 500, `${text}: ${said}`);
    if (answer.status !== 200 || said.includes('"problem"')) refused++;
    assert.doesNotMatch(said.replaceAll('no such thing', ''), zodsWords, text);
  }
  assert.ok(refused > tried.length / 4, `${refused} of ${tried.length} refused`);
}

for (const [name, endpoint] of Object.entries(endpoints)) {
  test(`${name}: whatever member is missing or of another type, the problem is told in our words`, (t) => tellsInOwnWords(t, endpoint));
}

test('every option in the query of a safetensors request: whatever its text is, the problem is told in our words', async (t) => {
  const { app } = await startedApp(t);
  const header = Buffer.from(JSON.stringify({ input: entry(0), target: entry(16) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const payload = Buffer.concat([length, header, Buffer.alloc(32)]);
  for (const name of [...Object.keys(klOptions.shape), 'nothing']) {
    for (const value of ['', 'no such thing', '-1', '1.5', '1e300', 'true', ',', '0,,0', '[]', 'null']) {
      const url = `/v1/kl-divergence?${name}=${encodeURIComponent(value)}`;
      const { payload: said } = await app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/vnd.safetensors' },
        payload,
      });
      assert.doesNotMatch(said, zodsWords, url);
    }
  }
});

const entry = (at: number) => ({ dtype: 'F64', shape: [1, 2], data_offsets: [at, at + 16] });

test('the bodies above have every member that the schemas know', () => {
  const has = (schema: z.ZodObject, value: object) =>
    assert.deepEqual(
      Object.keys(schema.shape).filter((name) => !Object.hasOwn(value, name)),
      [],
    );
  has(divergencesRequest, { ...family, ...samples, ...neighbours, sampled_from: 'target' });
  has(klRequest, { ...request, ...samples, ...neighbours });
  has(klOptions, { ...options, ...samples, ...neighbours });
  has(klBatch, { defaults: options, items: [] });
  has(inferenceRequest, inference);
  has(requestParameters, { ...inference.parameters, ...inferredSamples.parameters });
  has(inferenceInput, inference.inputs[0]);
  has(inferenceOutput, inference.outputs[0]);
  has(outputParameters, inference.outputs[0].parameters);
  has(inputParameters, { binary_data_size: 16 });
});
