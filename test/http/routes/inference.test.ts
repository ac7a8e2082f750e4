import assert from 'node:assert/strict';
import { test } from 'node:test';
import type supertest from 'supertest';
import { examples } from '../../../src/http/openapi/example-requests.ts';
import { inferenceError, inferenceResponse, modelMetadata, serverMetadata } from '../../../src/schema/inference/answer.ts';
import { roughly, sharedApp, startedApp } from '../../helper.ts';

const path = '/v2/models/kl_div/infer';
const input = { name: 'input', shape: [2, 3], datatype: 'FP64', data: [2, 1, 0.1, 0.3, 0.3, 0.3] };
const target = { ...input, name: 'target', data: [1.5, 1.2, 0.2, 0.1, 0.9, 2] };
const request = { inputs: [input, target] };

type Http = ReturnType<typeof supertest>;

const asIs = ((value: unknown) => value) as (value: unknown) => string;

/** POSTs bytes without a Content-Type, as Triton's client does. */
function post(http: Http, body: unknown, headers: Record<string, string> = {}) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return http.post(path).set(headers).serialize(asIs).send(bytes).unset('content-type');
}

/** A request with the tensors as bytes behind its JSON. */
function binary(fields: Record<string, unknown> = {}, dtype: 'FP64' | 'FP32' = 'FP64') {
  const tensors = [input, target].map(({ data }) => Buffer.from((dtype === 'FP64' ? Float64Array : Float32Array).from(data).buffer));
  const inputs = [input, target].map(({ name, shape }, index) => ({
    name,
    shape,
    datatype: dtype,
    parameters: { binary_data_size: tensors[index].length },
  }));
  const json = Buffer.from(JSON.stringify({ inputs, ...fields }));
  return { body: Buffer.concat([json, ...tensors]), headers: { 'inference-header-content-length': String(json.length) } };
}

test('the same tensors are answered as /v1 answers them, output by output', async () => {
  const { http } = await sharedApp();
  const v1 = await http
    .post('/v1/kl-divergence')
    .send({ ...examples.logits.request, reduction: 'all' })
    .expect(200);
  const names = Object.keys(v1.body.results);
  const { body } = await post(http, { ...request, outputs: names.map((name) => ({ name })) }).expect(200);
  for (const { name, data } of body.outputs) assert.deepEqual(data, [v1.body.results[name]].flat(Number.POSITIVE_INFINITY), name);
});

test('without outputs and without a reduction, output holds the four numbers of the default answer of /v1', async () => {
  const { http } = await sharedApp();
  const v1 = await http.post('/v1/kl-divergence').send(examples.logits.request).send({ reduction: undefined });
  const { reduction: _, ...tensors } = examples.logits.request;
  const { body: usual } = await http.post('/v1/kl-divergence').send(tensors).expect(200);
  const { body } = await post(http, request).expect(200);
  assert.equal(v1.status, 200);
  assert.deepEqual(body.outputs, [
    {
      name: 'output',
      datatype: 'FP64',
      shape: [4],
      parameters: { reduction: Object.keys(usual.results).join(',') },
      data: Object.values(usual.results),
    },
  ]);
});

test('JSON of the protocol is application/json and nothing else: answers, refusals, metadata and health', async () => {
  const { http } = await sharedApp();
  const answers = [
    await post(http, request).expect(200),
    await post(http, '{').expect(400),
    await http.get(path).expect(405),
    await http.get('/v2/models/other').expect(404),
    await post(http, request, { 'content-encoding': 'compress' }).expect(415),
    await http.get('/v2').expect(200),
    await http.get('/v2/health/live').expect(200),
    await http.get('/v2/health/ready').expect(200),
    await http.get('/v2/models/kl_div').expect(200),
    await http.get('/v2/models/kl_div/ready').expect(200),
  ];
  for (const { headers } of answers) assert.equal(headers['content-type'], 'application/json');
});

test('answers, refusals and metadata are what the document says', async () => {
  const { http } = await sharedApp();
  inferenceResponse.parse((await post(http, { ...request, id: 'a', outputs: [{ name: 'none' }] }).expect(200)).body);
  inferenceError.parse((await post(http, { ...request, inputs: [] }).expect(400)).body);
  inferenceError.parse((await post(http, { ...request, parameters: { strict: true, reduction: 'mean' } }).expect(400)).body);
  inferenceError.parse((await http.get('/v2/nothing').expect(404)).body);
  serverMetadata.parse((await http.get('/v2').expect(200)).body);
  modelMetadata.parse((await http.get('/v2/models/kl_div/versions/1').expect(200)).body);
});

test('a body is read whatever its Content-Type says', async () => {
  const { http } = await sharedApp();
  for (const type of ['application/json', 'application/octet-stream', 'text/plain; charset=utf-16', 'nonsense', 'a/b/c']) {
    await post(http, request).set('content-type', type).expect(200);
  }
});

test('every path of the protocol answers with and without a slash at its end, and the model also under its version', async () => {
  const { http } = await sharedApp();
  const paths = [
    '/v2',
    '/v2/health/live',
    '/v2/health/ready',
    '/v2/models/kl_div',
    '/v2/models/kl_div/ready',
    '/v2/models/kl_div/versions/1',
    '/v2/models/kl_div/versions/1/ready',
  ];
  for (const one of paths) for (const slash of ['', '/']) await http.get(`${one}${slash}`).expect(200);
  for (const one of [path, '/v2/models/kl_div/versions/1/infer']) {
    for (const slash of ['', '/']) await http.post(`${one}${slash}`).send(request).expect(200);
  }
});

test('another model, another version and another path are 404, and the error names what was asked for', async () => {
  const { http } = await sharedApp();
  for (const one of ['/v2/models/bert/infer', '/v2/models/kl_div/versions/2/infer', '/v2/repository/index']) {
    const { body } = await http.post(one).send(request).expect(404);
    assert.match(body.error, new RegExp(one));
  }
  const { body } = await http.get(path).expect(405).expect('allow', 'POST');
  assert.match(body.error, /allowed: POST/);
});

test('a refusal tells in error each place and what is wrong there, for clients that show nothing else', async () => {
  const { http } = await sharedApp();
  const { body } = await post(http, {
    inputs: [
      { ...input, data: [1, 2, null, 4, 5, 6] },
      { ...target, datatype: 'INT8' },
    ],
  }).expect(400);
  assert.equal(body.status, 400);
  assert.match(
    body.error,
    /^#\/inputs\/0\/data\/2: expected a number, got null.*; #\/inputs\/1\/data\/0: expected a value of INT8, got 1\.5$/,
  );
  const many = await post(http, { inputs: [{ ...input, data: Array(6).fill(null) }, target] }).expect(400);
  assert.match(many.body.error, /; and 3 more$/);
});

test('faults of bytes, shapes, options and warnings point into the request as it was sent', async () => {
  const { http } = await sharedApp();
  const pointersOf = async ({ body, headers }: { body: Buffer; headers: Record<string, string> }) => {
    const { body: answer } = await post(http, body, headers).expect(400);
    return answer.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
  };
  assert.deepEqual(await pointersOf(binary({ parameters: { dim: 2 } })), ['DIM_OUT_OF_RANGE #/parameters/dim']);
  assert.deepEqual(await pointersOf(binary({ parameters: { dim: '0,5' } })), ['DIM_OUT_OF_RANGE #/parameters/dim']);
  const negative = binary({ parameters: { target_kind: 'probs' } });
  negative.body.writeDoubleLE(-1, negative.body.length - 8);
  assert.deepEqual(await pointersOf(negative), ['NEGATIVE_MASS #/inputs/1']);
  const { body } = await post(http, { ...request, parameters: { strict: true, reduction: 'mean' } }).expect(400);
  assert.deepEqual(
    [body.errors[0].pointer, body.warnings[0].pointer, body.code],
    ['#/parameters/reduction', '#/parameters/reduction', 'STRICT_WARNINGS'],
  );
  const named = await post(http, { ...request, outputs: [{ name: 'mean' }] }).expect(200);
  assert.equal(JSON.parse(named.body.parameters.warnings)[0].pointer, '#/outputs');
  const swapped = { inputs: [target, input], parameters: { input_kind: 'counts', reduction: 'sum' } };
  const zeros = { ...swapped, inputs: [target, { ...input, data: [0, 0, 0, 1, 1, 1] }] };
  assert.equal((await post(http, zeros).expect(400)).body.errors[0].pointer, '#/inputs/1');
});

test('a request is answered alike on the event loop and in a thread, as JSON and as bytes', async (t) => {
  const inline = await startedApp(t, { INLINE_LIMIT_BYTES: '1000000' });
  const threads = await startedApp(t, { INLINE_LIMIT_BYTES: '0' });
  const asBytes = (response: { body: unknown }) => Buffer.from(response.body as Buffer);
  const { body, headers } = binary({ parameters: { binary_data_output: true }, outputs: [{ name: 'none' }, { name: 'output' }] });
  const [here, there] = await Promise.all(
    [inline, threads].map(({ http }) =>
      post(http, body, headers)
        .buffer(true)
        .parse((stream, done) => {
          const chunks: Buffer[] = [];
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => done(null, Buffer.concat(chunks)));
        })
        .expect(200)
        .expect('content-type', 'application/octet-stream'),
    ),
  );
  assert.equal(there.headers['inference-header-content-length'], here.headers['inference-header-content-length']);
  const headerLength = Number(here.headers['inference-header-content-length']);
  assert.equal(asBytes(here).length, headerLength + 8 * (6 + 4));
  assert.deepEqual(asBytes(there).subarray(0, headerLength), asBytes(here).subarray(0, headerLength));
  const numbers = (response: { body: unknown }) => [...new Float64Array(new Uint8Array(asBytes(response).subarray(headerLength)).buffer)];
  assert.deepEqual(roughly(numbers(there)), roughly(numbers(here)));
  const [first, second] = await Promise.all([inline, threads].map(({ http }) => post(http, request).expect(200)));
  assert.deepEqual(roughly(second.body), roughly(first.body));
});

test('a header length that does not fit the body is refused, and so are headers that an earlier call left in the client', async () => {
  const { http } = await sharedApp();
  const { body, headers } = binary();
  const cases = [
    post(http, body),
    post(http, body, { 'inference-header-content-length': '100000' }),
    post(http, body, { 'inference-header-content-length': '1' }),
    post(http, body, { 'inference-header-content-length': 'ten' }),
    post(http, JSON.stringify(request), headers),
    post(http, JSON.stringify(request), { 'content-encoding': 'gzip' }),
    post(http, ''),
  ];
  for (const answer of cases) assert.equal(typeof (await answer.expect(400)).body.error, 'string');
  await post(http, body, headers).expect(200);
});

test('binary_data_size says nothing where it stands for no bytes', async () => {
  const { http } = await sharedApp();
  await post(http, { ...request, id: 'binary_data_size' }).expect(200);
  await post(http, { ...request, parameters: { binary_data_size: 0 } }).expect(200);
  await post(http, { ...request, outputs: [{ name: 'sum', parameters: { binary_data_size: 8 } }] }).expect(200);
});

test('a path that does not decode is refused under /v2 as everything there is', async () => {
  const { http } = await sharedApp();
  const { body } = await http.get('/v2/%zz').expect(400).expect('content-type', 'application/json');
  assert.equal(typeof body.error, 'string');
});

test('what is ignored is pointed at where it stands, also in what strict refuses', async () => {
  const { http } = await sharedApp();
  const misplaced = { ...request, dim: 0, reduction: 'sum', outputs: [{ name: 'mean' }] };
  const { body } = await post(http, misplaced).expect(200);
  const pointerOf = (warnings: { code: string; pointer: string }[]) => warnings.find(({ code }) => code === 'IGNORED_PARAMETER')?.pointer;
  assert.equal(pointerOf(JSON.parse(body.parameters.warnings)), '#/dim');
  const strict = await post(http, { ...misplaced, parameters: { strict: true } }).expect(400);
  assert.equal(pointerOf(strict.body.warnings), '#/dim');
});

test('a wrong reduction is pointed at in parameters, whatever outputs are asked for', async () => {
  const { http } = await sharedApp();
  const { body } = await post(http, { ...request, outputs: [{ name: 'none' }], parameters: { reduction: 'bogus' } }).expect(400);
  assert.equal(body.errors[0].pointer, '#/parameters/reduction');
});

test('without its header length, a binary body is told what is missing', async () => {
  const { http } = await sharedApp();
  const { body } = await post(http, binary().body).expect(400);
  assert.match(body.error, /Inference-Header-Content-Length/);
});

test('the model is live but not ready while the process leaves', async (t) => {
  const { http, drain } = await startedApp(t);
  drain.start();
  assert.deepEqual((await http.get('/v2/health/live').expect(200)).body, { live: true });
  assert.deepEqual((await http.get('/v2/health/ready').expect(503)).body, { ready: false, live: true });
  assert.deepEqual((await http.get('/v2/models/kl_div/ready').expect(503)).body, { name: 'kl_div', ready: false });
});

test('an unknown parameter is ignored, with a warning that strict does not mind', async () => {
  const { http } = await sharedApp();
  const parameters = { 'x-proxy-hop': 3, reduction: 'sum', strict: true };
  const { body } = await post(http, { ...request, parameters }).expect(200);
  const warnings = JSON.parse(body.parameters.warnings);
  assert.equal(body.parameters.warning_count, 1);
  assert.deepEqual(
    [warnings[0].code, warnings[0].severity, warnings[0].pointer],
    ['IGNORED_PARAMETER', 'info', '#/parameters/x-proxy-hop'],
  );
});
