import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type supertest from 'supertest';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { mediaTypes } from '../../../src/http/hooks/content-type.ts';
import { roughly, sharedApp, startedApp } from '../../helper.ts';
import { readSafetensorsAnswer as read } from '../safetensors-answer.ts';

const path = '/v1/kl-divergence';
const [mediaType] = mediaTypes.safetensors;
const input = { shape: [2, 3], data: Float64Array.of(2, 1, 0.1, 0.3, 0.3, 0.3) };
const target = { shape: [2, 3], data: Float64Array.of(1.5, 1.2, 0.2, 0.1, 0.9, 2) };
const body = Buffer.concat(writeSafetensors({ input, target }, {}));
const asJson = {
  input: [
    [2, 1, 0.1],
    [0.3, 0.3, 0.3],
  ],
  target: [
    [1.5, 1.2, 0.2],
    [0.1, 0.9, 2],
  ],
};

type Fault = { pointer: string; detail: string };

type Http = ReturnType<typeof supertest>;

const asIs = ((value: unknown) => value) as (value: unknown) => string;
const post = (http: Http, query: string, bytes: Buffer, type: string = mediaType) =>
  http.post(`${path}${query}`).set('content-type', type).serialize(asIs).send(bytes);

test('a safetensors body is answered as the same tensors in JSON are, under each of its media types', async () => {
  const { http } = await sharedApp();
  const json = await http
    .post(path)
    .send({ ...asJson, reduction: 'all' })
    .expect(200);
  for (const type of mediaTypes.safetensors) {
    const { body: answer } = await post(http, '?reduction=all', body, type).expect(200);
    assert.deepEqual(answer, json.body);
  }
});

test('options go into the query and are validated as the fields of a JSON request are', async () => {
  const { http } = await sharedApp();
  const query = '?dim=0&reduction=sum,none&reduction=mean&base=2&strict=false&input_kind=counts&target_kind=counts';
  const { body: answer } = await post(http, query, body).expect(200);
  const options = { dim: 0, reduction: ['sum', 'none', 'mean'], base: 2, input_kind: 'counts', target_kind: 'counts' };
  assert.deepEqual(
    answer,
    (
      await http
        .post(path)
        .send({ ...asJson, ...options })
        .expect(200)
    ).body,
  );
  for (const [wrong, code, pointer] of [
    ['?dim=x', 'INVALID_VALUE', '#/dim'],
    ['?dim=7', 'DIM_OUT_OF_RANGE', '#/dim'],
    ['?reductoin=sum', 'UNKNOWN_FIELD', '#/reductoin'],
    ['?input=1', 'INVALID_VALUE', '#/input'],
    ['?strict=true&reduction=mean', 'STRICT_WARNINGS', '#/reduction'],
  ]) {
    const { body: problem } = await post(http, wrong, body).expect(422);
    assert.deepEqual([problem.errors[0].code, problem.errors[0].pointer], [code, pointer]);
  }
});

test('a count that is no whole number has a pointer in nested lists, and an index in bytes', async () => {
  const { http } = await sharedApp();
  const counts = { input_kind: 'counts', target_kind: 'counts', sampling: true };
  const json = await http.post(path).send({
    ...asJson,
    ...counts,
    target: [
      [1, 2, 3],
      [1, 2, 3.5],
    ],
  });
  assert.deepEqual(json.body.errors.at(-1).pointer, '#/target/1/2');
  const { body: refused } = await post(http, '?input_kind=counts&target_kind=counts&sampling=true', body).expect(422);
  assert.deepEqual(refused.errors[0].pointer, '#/input');
  assert.match(refused.errors[0].detail, /^element \[0, 2\]: sampling counts/);
  const list = { outcomes: [2, 0], values: [1, 2.5] };
  const beside = await http.post(path).send({ ...counts, input: [1, 2, 3], target: list });
  assert.deepEqual(
    beside.body.errors.map(({ pointer, detail }: Fault) => [pointer, detail.slice(0, 12)]),
    [['#/target', 'element [0]:']],
  );
  const lists = await http
    .post(path)
    .send({ ...counts, input: { outcomes: ['a'], values: [1] }, target: { outcomes: ['a'], values: [0.5] } });
  assert.deepEqual(
    lists.body.errors.map(({ pointer, detail }: Fault) => [pointer, detail.slice(0, 13)]),
    [['#/target', 'outcome "a": ']],
  );
});

test('with Accept, tensors come back as safetensors, the rest as JSON text in the metadata; refusals stay problems', async () => {
  const { http } = await sharedApp();
  const ask = (accept: string, reduction: string) =>
    post(http, `?reduction=${reduction}`, body)
      .set('accept', accept)
      .buffer(true)
      .parse((reply, done) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk) => chunks.push(chunk));
        reply.on('end', () => done(null, Buffer.concat(chunks)));
      });
  const { body: json } = await post(http, '?reduction=all', body).expect(200);
  const reply = await ask(mediaType, 'all').expect(200).expect('content-type', mediaType);
  const { metadata, tensors } = read(reply.body);
  const { none, per_distribution, ...numbers } = json.results;
  assert.deepEqual(tensors.none, { dtype: 'F64', shape: [2, 3], data: none.flat() });
  assert.deepEqual(tensors.per_distribution, { dtype: 'F64', shape: [2], data: per_distribution });
  assert.deepEqual(JSON.parse(metadata.results), numbers);
  for (const name of ['divisors', 'shape', 'dim', 'distributions', 'support_size', 'base', 'direction', 'warnings']) {
    assert.deepEqual(JSON.parse(metadata[name]), json[name], name);
  }
  await ask('*/*', 'sum').expect('content-type', /^application\/json/);
  await ask(`application/json, ${mediaType};q=0.5`, 'sum').expect('content-type', /^application\/json/);
  await ask(mediaType, 'nonsense')
    .expect(422)
    .expect('content-type', /^application\/problem\+json/);
});

for (const [accept, type] of [
  ['application/vnd.safetensors', 'application/vnd.safetensors'],
  ['APPLICATION/VND.SAFETENSORS', 'application/vnd.safetensors'],
  ['application/safetensors', 'application/safetensors'],
  ['Application/X-Safetensors', 'application/x-safetensors'],
  ['application/x-safetensors;q=0.5, application/safetensors', 'application/safetensors'],
  ['application/x-safetensors, application/json;q=0.9', 'application/x-safetensors'],
  ['application/safetensors;q=0.5, application/json', 'application/json; charset=utf-8'],
  ['application/json;q=0, */*', 'application/vnd.safetensors'],
  ['application/vnd.safetensors;q=0, application/*;q=0.5, application/json;q=0.1', 'application/safetensors'],
  ['*/*', 'application/json; charset=utf-8'],
  ['application/*', 'application/json; charset=utf-8'],
  ['application/octet-stream', 'application/json; charset=utf-8'],
  ['application/octet-stream, */*', 'application/json; charset=utf-8'],
  ['text/html', 'application/json; charset=utf-8'],
] as const) {
  test(`Accept: ${accept} is answered as ${type}`, async () => {
    const { http } = await sharedApp();
    await http.post(path).set('accept', accept).send(asJson).expect(200).expect('content-type', type);
  });
}

test('a JSON request can be answered with safetensors', async () => {
  const { http } = await sharedApp();
  await http.post(path).set('accept', mediaType).send(asJson).expect(200).expect('content-type', mediaType);
});

test('a large safetensors body is answered by a thread as it is on the event loop', async (t) => {
  const threads = await startedApp(t, { INLINE_LIMIT_BYTES: '0' });
  const inline = await startedApp(t);
  const there = await post(threads.http, '?reduction=all', body).expect(200);
  assert.deepEqual(roughly(there.body), roughly((await post(inline.http, '?reduction=all', body).expect(200)).body));
});

test('elements are checked, each named by its index', async () => {
  const { http } = await sharedApp();
  const bad = { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, Number.NaN, Number.POSITIVE_INFINITY) };
  const { body: problem } = await post(http, '', Buffer.concat(writeSafetensors({ input, target: bad }, {}))).expect(422);
  assert.deepEqual(
    problem.errors.map(({ code, pointer }: { code: string; pointer: string }) => [code, pointer]),
    [
      ['NAN_ELEMENT', '#/target'],
      ['INFINITE_ELEMENT', '#/target'],
    ],
  );
  assert.match(problem.errors[0].detail, /^element \[1, 1\]: /);
});

test('what the Python library writes is answered', async () => {
  const { http } = await sharedApp();
  for (const name of ['float32', 'float16', 'bfloat16', 'mixed-dtypes']) {
    const bytes = readFileSync(new URL(`../../fixtures/safetensors/${name}.safetensors`, import.meta.url));
    await post(http, '', bytes).expect(200);
  }
});

test('an option in the query of a JSON request is refused, because it would not count', async () => {
  const { http } = await sharedApp();
  const { body: problem } = await http.post(`${path}?reduction=sum`).send(asJson).expect(422);
  assert.equal(problem.code, 'INVALID_VALUE');
  assert.match(problem.detail, /query of the URL has "reduction"/);
});

test('explain reads JSON only', async () => {
  const { http } = await sharedApp();
  await http.post(`${path}/explain`).set('content-type', mediaType).serialize(asIs).send(body).expect(415);
});
