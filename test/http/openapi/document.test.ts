import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateOpenApi } from '../../../openapi/generate.ts';
import { type Example, examples } from '../../../src/http/openapi/example-requests.ts';
import { requestOperand } from '../../../src/schema/operands/operand.ts';
import { requestTensor, requestWeights } from '../../../src/schema/operands/tensor.ts';
import { ask, postBytes, sharedApp, startedApp } from '../../helper.ts';

const committed = readFileSync(new URL('../../../openapi/openapi.json', import.meta.url), 'utf8');
const document = JSON.parse(committed);

test('the committed document is the one that the service generates (npm run openapi)', async () => {
  assert.equal(committed, await generateOpenApi());
});

test('the service serves its document', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .get('/openapi.json')
    .expect(200)
    .expect('content-type', /^application\/json/);
  assert.deepEqual(body, document);
});

test('every schema is named once: no two components are equal, and none is a variant of another', () => {
  const schemas = Object.entries<object>(document.components.schemas);
  const names = schemas.map(([name]) => name);
  assert.equal(new Set(schemas.map(([, schema]) => JSON.stringify(schema))).size, names.length);
  for (const name of names) assert.ok(!names.some((other) => other !== name && /^(Input|Output)$/.test(other.replace(name, ''))), name);
});

test('every schema that is referred to exists, and every one that exists is referred to', () => {
  const referred = new Set([...committed.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
  assert.deepEqual([...referred].sort(), Object.keys(document.components.schemas).sort());
});

test('no schema refers to itself, which generators of clients choke on', () => {
  const refersTo = (name: string) => {
    const text = JSON.stringify(document.components.schemas[name]);
    return [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, other]) => other);
  };
  for (const name of Object.keys(document.components.schemas)) {
    const reached = new Set<string>();
    const follow = (other: string) => {
      if (reached.has(other)) return;
      reached.add(other);
      refersTo(other).forEach(follow);
    };
    refersTo(name).forEach(follow);
    assert.ok(!reached.has(name), name);
  }
});

test('every seed of a request says its bounds', () => {
  const seeds = [...committed.matchAll(/"seed": (\{[^}]*"description": "Which[^}]*\})/g)].map(([, text]) => JSON.parse(text));
  assert.ok(seeds.length > 6, String(seeds.length));
  for (const seed of seeds) assert.deepEqual([seed.minimum, seed.maximum], [0, 2 ** 53 - 1]);
});

test('every operation says that it may answer with 400, 405, 408, 431 and 500', () => {
  for (const [path, methods] of Object.entries<Record<string, { responses: Record<string, unknown> }>>(document.paths)) {
    for (const { responses } of Object.values(methods)) {
      for (const status of ['400', '405', '408', '431', '500']) assert.ok(Object.hasOwn(responses, status), `${path} ${status}`);
    }
  }
});

test('every answer of every operation has a schema by name, and every problem that of a problem', () => {
  type Answer = { content?: Record<string, { schema: { $ref?: string } }> };
  for (const [path, methods] of Object.entries<Record<string, { responses: Record<string, Answer> }>>(document.paths)) {
    for (const [status, { content = {} }] of Object.values(methods).flatMap(({ responses }) => Object.entries(responses))) {
      // what is deleted has nothing to say
      assert.equal(Object.keys(content).length === 0, status === '204', `${path} ${status}`);
      for (const [mediaType, { schema }] of Object.entries(content)) {
        const expected = mediaType === 'application/problem+json' ? /\/Problem$/ : /^#\/components\/schemas\/[A-Z]/;
        assert.match(schema.$ref ?? '', expected, `${path} ${status} ${mediaType}`);
      }
    }
  }
});

test('the document takes the tensors that a request may have, and none that is only an answer', () => {
  for (const { request } of Object.values<Example>(examples)) {
    for (const operand of [request.input, request.target]) requestOperand.parse(operand);
  }
  const base64 = 'AAAAAAAA8D8=';
  for (const good of [[1], [[['-Infinity']]], { shape: [1], data: [1] }, { shape: [1, 1], dtype: 'float64', base64 }])
    requestTensor.parse(good);
  // samples: text, missing ones, and rows that differ in length
  for (const good of [
    ['red', null],
    [[1, 2], [null], ['NaN']],
  ])
    requestTensor.parse(good);
  const onlyAnswers = [1, 'Infinity', { shape: [], data: [1] }, { shape: [], dtype: 'float64', base64 }];
  const neither = [[], [[]], [true], [[{}]], { shape: [0], data: [] }, { data: [1] }, { shape: [1], data: [1], base64 }];
  for (const bad of [...onlyAnswers, ...neither]) assert.ok(!requestTensor.safeParse(bad).success, JSON.stringify(bad));
});

test('the document takes what the service does not read under weight 0, in every form, and a list under shape that is nested', () => {
  for (const odd of [null, 'NaN', 'Infinity', '-Infinity', -1]) {
    for (const input of [[[odd, 2]], { shape: [1, 2], data: [odd, 2] }, { shape: [1, 2], data: [[odd, 2]] }]) {
      requestTensor.parse(input);
      ask({ input, target: [[2, 1]], weights: [0], reduction: 'sum' });
    }
    const listed = { outcomes: [['a', 'b']], values: [[odd, 2]] };
    requestOperand.parse(listed);
    ask({ input: listed, target: listed, input_kind: 'counts', target_kind: 'counts', weights: [0], reduction: 'sum' });
    for (const loc of [[odd, 2], { shape: [2], data: [odd, 2] }]) {
      const parameters = { loc, scale: 1 };
      requestOperand.parse(parameters);
      ask({ input: parameters, target: parameters, input_kind: 'normal', target_kind: 'normal', weights: 0, reduction: 'sum' });
    }
  }
  for (const weights of [[[1, true]], { shape: [1, 2], data: [[1, true]] }, { shape: [1, 2], data: [1, true] }]) {
    requestWeights.parse(weights);
    const tensor = { shape: [1, 2, 2], data: [1, 2, 3, 4] };
    ask({ input: tensor, target: tensor, weights, reduction: 'sum' });
  }
});

test('dim as a list holds distinct axes', () => {
  assert.equal(document.components.schemas.Dim.anyOf[1].uniqueItems, true);
});

test('a body of plain bytes, as the document calls it, is read as safetensors', async () => {
  const { http } = await sharedApp();
  const types = Object.keys(document.paths['/v1/kl-divergence'].post.requestBody.content);
  assert.deepEqual(types, ['application/json', 'application/octet-stream']);
  const { body } = await postBytes(http, '/v1/kl-divergence', 'no header').set('content-type', types[1]).expect(400);
  assert.equal(body.code, 'INVALID_SAFETENSORS');
});

test('both operations offer every request example by name', () => {
  for (const path of ['/v1/kl-divergence', '/v1/kl-divergence/explain']) {
    const offered = document.paths[path].post.requestBody.content['application/json'].examples;
    assert.deepEqual(
      Object.fromEntries(Object.entries<Example>(offered).map(([name, { summary }]) => [name, summary])),
      Object.fromEntries(Object.entries<Example>(examples).map(([name, { summary }]) => [name, summary])),
    );
  }
});

test('the response examples are what the service answers', async () => {
  const { http } = await sharedApp();
  const responses = document.paths['/v1/kl-divergence'].post.responses;
  const shown = responses['200'].content['application/json'].examples;
  for (const [name, { value }] of Object.entries<{ value: unknown }>(shown)) {
    const { body } = await http
      .post('/v1/kl-divergence')
      .send(examples[name as keyof typeof examples].request)
      .expect(200);
    assert.deepEqual(body, value, name);
  }
  const refusal = responses['422'].content['application/problem+json'].examples.strict_refusal.value;
  const { body } = await http
    .post('/v1/kl-divergence')
    .set('x-request-id', refusal.request_id)
    .send(examples.strict_refusal.request)
    .expect(422);
  assert.deepEqual(body, refusal);
});

test('the examples of the batch endpoint, as JSON and line by line, are what the service answers', async (t) => {
  const { app, http } = await startedApp(t);
  const { requestBody, responses } = document.paths['/v1/kl-divergence/batch'].post;
  const [json, lines] = ['application/json', 'application/x-ndjson'];
  const { value: batch } = requestBody.content[json].examples.three_requests;
  const { value: answers } = responses['200'].content[json].examples.three_requests;
  const requestId = answers.items[2].problem.request_id;
  const { body } = await http.post('/v1/kl-divergence/batch').set('x-request-id', requestId).send(batch).expect(200);
  assert.deepEqual(body, answers);
  // generators of clients take no example of plain bytes
  const exampleIn = ({ schema }: { schema: { description: string } }) => /```json\n(.*)```/s.exec(schema.description)?.[1];
  const { payload: text } = await app.inject({
    method: 'POST',
    url: '/v1/kl-divergence/batch',
    headers: { 'x-request-id': requestId, 'content-type': lines },
    payload: exampleIn(requestBody.content['application/octet-stream']) ?? '',
  });
  assert.equal(text, exampleIn(responses['200'].content[lines]));
});
