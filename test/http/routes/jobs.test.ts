import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import document from '../../../openapi/openapi.json' with { type: 'json' };
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { jobExamples } from '../../../src/http/openapi/job-examples.ts';
import { sharedApp, startedApp } from '../../helper.ts';

const path = '/v1/jobs';

const root = mkdtempSync(join(tmpdir(), 'jobs-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Numbers that look like logits, of so many rows and columns. */
const logits = (rows: number, columns: number, phase: number) => ({
  shape: [rows, columns],
  data: Float64Array.from({ length: rows * columns }, (_, k) => 3 * Math.sin(k * 1.7 + phase) + 0.01 * phase),
});

/** What a service needs that computes jobs, and may read and write below `root`. */
const settings = (queue: string) => ({
  JOB_SOURCES: `${pathToFileURL(root).href}/`,
  JOB_OUTPUTS: `${pathToFileURL(root).href}/`,
  JOBS_DIR: join(root, queue),
  JOB_WORKERS: '1',
});

const computing = () => sharedApp(settings('computing'));
/** Its jobs stay queued. */
const waiting = () => sharedApp({ ...settings('waiting'), JOB_WORKERS: '0' });

/** A folder of its own with the files `input` and `target`, and a request of a job over them. */
function files() {
  const folder = mkdtempSync(join(root, 'files-'));
  const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;
  const sides = { input: logits(60, 50, 1), target: logits(60, 50, 1.01) };
  for (const name of ['input', 'target'] as const) {
    writeFileSync(join(folder, `${name}.safetensors`), Buffer.concat(writeSafetensors({ logits: sides[name] }, {})));
  }
  const request = { input: { uri: uriOf('input.safetensors') }, target: { uri: uriOf('target.safetensors') } };
  return { folder, uriOf, sides, request };
}

const nested = ({ shape: [rows, columns], data }: ReturnType<typeof logits>) =>
  Array.from({ length: rows }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)]);

test('a job that is waited for has the answer of the same request, to the last bit, for KL and for several divergences', async () => {
  const { http } = await computing();
  const { request, sides } = files();
  const tensors = { input: nested(sides.input), target: nested(sides.target) };
  for (const [endpoint, options] of [
    ['/v1/kl-divergence', { reduction: ['sum', 'mean', 'batchmean', 'distribution_mean'], statistics: true, base: 2 }],
    ['/v1/divergences', { divergences: ['kl', 'jensen_shannon', 'total_variation'], statistics: [0.5], temperature: 2 }],
  ] as const) {
    const { body } = await http
      .post(path)
      .set('prefer', 'wait=60')
      .send({ ...request, ...options })
      .expect(200);
    assert.equal(body.status, 'succeeded', JSON.stringify(body.problem));
    const same = await http.post(endpoint).send({ ...tensors, reduction: ['sum', 'mean', 'batchmean', 'distribution_mean'], ...options });
    assert.deepEqual(body.result, same.body);
    assert.deepEqual(body.progress.distributions, { done: 60, total: 60 });
    assert.deepEqual(
      body.sources.map(({ uri, size }: { uri: string; size: number }) => [uri, size > 24_000]),
      [
        [request.input.uri, true],
        [request.target.uri, true],
      ],
    );
  }
});

test('who waits for a job when the process begins to shut down gets its 202 at once, and the job goes on being there', async (t) => {
  const { http, jobs } = await startedApp(t, { ...settings('stopped'), JOB_WORKERS: '0' });
  const { request } = files();
  const answer = http
    .post(path)
    .set('prefer', 'wait=60')
    .send(request)
    .then((answered) => answered);
  let submitted: { id: string }[] = [];
  while (submitted.length === 0) submitted = (await http.get(path)).body.jobs;
  await jobs?.stop();
  const { status, body, headers } = await answer;
  assert.deepEqual([status, body.id, body.status, headers.location], [202, submitted[0].id, 'queued', `${path}/${submitted[0].id}`]);
});

test('a job is accepted with 202, its address and when to look again, and is found there until it is deleted', async () => {
  const { http } = await waiting();
  const { request } = files();
  const { body, headers } = await http.post(path).send(request).expect(202);
  assert.equal(headers.location, `${path}/${body.id}`);
  assert.match(headers['retry-after'], /^\d+$/);
  assert.deepEqual([body.status, body.done, body.progress.shards], ['queued', false, { done: 0, total: 1, retried: 0 }]);
  const found = await http.get(headers.location).expect(200);
  assert.deepEqual(found.body, body);
  const early = await http.delete(headers.location).expect(409);
  assert.equal(early.body.code, 'JOB_NOT_OVER');
  const cancelled = await http.post(`${headers.location}/cancel`).expect(202);
  assert.deepEqual([cancelled.body.status, cancelled.body.done], ['cancelled', true]);
  await http.delete(headers.location).expect(204);
  for (const gone of [http.get(headers.location), http.delete(headers.location), http.post(`${headers.location}/cancel`)]) {
    const { body: problem } = await gone.expect(404);
    assert.equal(problem.code, 'JOB_NOT_FOUND');
  }
});

test('the same Idempotency-Key is one job however often it is sent, at once too, quoted or not; with another request it is refused', async () => {
  const { http } = await waiting();
  const { request } = files();
  const send = (key: string, options = {}) =>
    http
      .post(path)
      .set('idempotency-key', key)
      .send({ ...request, ...options });
  const answers = await Promise.all([send('nightly'), send('"nightly"'), send('nightly')]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 202],
  );
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  const other = await send('nightly', { base: 2 }).expect(422);
  assert.equal(other.body.code, 'IDEMPOTENCY_KEY_REUSED');
  const another = await send('nightly 2').expect(202);
  assert.notEqual(another.body.id, answers[0].body.id);
  for (const key of ['', 'x'.repeat(256), 'naïve']) await send(key).expect(400);
});

test('a job that failed keeps its Idempotency-Key until it is deleted; then the same request is computed anew', async () => {
  const { http } = await computing();
  const { request, folder, sides } = files();
  const file = join(folder, 'input.safetensors');
  const broken = logits(60, 50, 1);
  broken.data[0] = Number.NaN;
  writeFileSync(file, Buffer.concat(writeSafetensors({ logits: broken }, {})));
  const send = () => http.post(path).set('idempotency-key', 'nightly').set('prefer', 'wait=60').send(request).expect(200);
  const { body: failed } = await send();
  writeFileSync(file, Buffer.concat(writeSafetensors({ logits: sides.input }, {})));
  const { body: again } = await send();
  assert.deepEqual([failed.status, again], ['failed', failed]);
  await http.delete(`${path}/${failed.id}`).expect(204);
  const { body: anew } = await send();
  assert.equal(anew.status, 'succeeded');
});

test('everything that is wrong with a request is refused when it is submitted, each at its place', async () => {
  const { http } = await waiting();
  const { request, folder, uriOf } = files();
  const jobs = async () => (await http.get(path).expect(200)).body.jobs;
  const before = await jobs();
  writeFileSync(join(folder, 'short.safetensors'), Buffer.concat(writeSafetensors({ logits: logits(59, 50, 1) }, {})));
  writeFileSync(join(folder, 'text.safetensors'), 'no tensor');
  const missing = { uri: uriOf('missing.safetensors') };
  const cases: [object, string[]][] = [
    [{ ...request, input: missing, target: missing }, ['SOURCE_NOT_ALLOWED #/input/uri', 'SOURCE_NOT_ALLOWED #/target/uri']],
    [{ ...request, input: { uri: 'file:///etc/hostname' } }, ['SOURCE_NOT_ALLOWED #/input/uri']],
    [{ ...request, target: { uri: uriOf('short.safetensors') } }, ['SHAPE_MISMATCH #/target']],
    [{ ...request, target: { uri: uriOf('text.safetensors') } }, ['SOURCE_NOT_READABLE #/target/uri']],
    [{ ...request, target: { ...request.target, tensor: 'other' } }, ['SOURCE_NOT_READABLE #/target/tensor']],
    [{ ...request, dim: 0 }, ['DIM_NOT_CONTIGUOUS #/dim']],
    [{ ...request, reduction: 'none' }, ['INVALID_VALUE #/reduction']],
    [{ ...request, input_kind: 'samples' }, ['INVALID_VALUE #/input_kind']],
    [{ ...request, bins: 3 }, ['UNKNOWN_FIELD #/bins']],
    [{ input: request.input }, ['INVALID_VALUE #/target']],
    [{ ...request, items: [request] }, ['INVALID_VALUE #/items']],
    [
      {
        items: [
          { id: 1, ...request },
          { id: 1, ...request },
        ],
      },
      ['INVALID_VALUE #/items/1/id'],
    ],
    [{ items: [null] }, ['INVALID_VALUE #/items/0']],
    [{ ...request, output: 'kl-' }, ['INVALID_VALUE #/output']],
    [{ items: [request, { ...request, input: missing }] }, ['SOURCE_NOT_ALLOWED #/items/1/input/uri']],
    [{ ...request, output: { per_distribution: 'file:///etc/kl-' } }, ['SOURCE_NOT_ALLOWED #/output/per_distribution']],
    [{ ...request, output: { per_distribution: uriOf('none/kl-') } }, ['SOURCE_NOT_ALLOWED #/output/per_distribution']],
    [{ ...request, output: { per_distribution: uriOf('text.safetensors/kl-') } }, ['SOURCE_NOT_ALLOWED #/output/per_distribution']],
    [{ ...request, output: { per_distribution: 'https://store.example/kl-' }, dim: 0 }, ['SOURCE_NOT_ALLOWED #/output/per_distribution']],
  ];
  for (const [body, expected] of cases) {
    const { body: problem, status } = await http.post(path).send(body);
    const places = (problem.errors ?? []).map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
    assert.deepEqual(places, expected, `${status} ${JSON.stringify(problem)}`);
    for (const { detail } of problem.errors) assert.doesNotMatch(detail, /Invalid input/);
  }
  assert.deepEqual(await jobs(), before);
});

test('a field that does not belong where it stands is told where it does, or what stands there', async () => {
  const { http } = await waiting();
  const { request } = files();
  for (const [body, pointer, hint] of [
    [{ items: [{ ...request, input_kind: 'probs' }] }, '#/items/0/input_kind', /: it stands once beside items$/],
    [{ items: [{ ...request, mask: [1] }] }, '#/items/0/mask', /: the fields here are id, input, target, weights$/],
    [{ ...request, input: { ...request.input, dim: 1 } }, '#/input/dim', /: it stands once beside input and target$/],
    [{ ...request, input: { ...request.input, name: 'x' } }, '#/input/name', /: the fields here are uri, tensor, column$/],
    [{ ...request, output: { per_distribution: 'x', none: 'x' } }, '#/output/none', /: the fields here are per_distribution$/],
    [{ ...request, confidence: 0.9 }, '#/confidence', /a job does not say what chance makes of a divergence/],
    [{ ...request, constructor: 1 }, '#/constructor', /: the fields are input, target/],
    [[request], '#', /a list of 1: a list of pairs goes into items/],
  ] as const) {
    const { body: problem } = await http.post(path).send(body).expect(422);
    const [{ pointer: at, detail }] = problem.errors;
    assert.equal(at, pointer);
    assert.match(detail, hint);
  }
});

test('a path that is no URI, and a reduction to a tensor, are told what to send', async () => {
  const { http } = await waiting();
  const { request } = files();
  const toUri = /^expected a URI such as "file:\/\/\/data\/logits\.npy" or "s3:\/\/bucket\/logits\.npy", got the text "/;
  const toDrive = /^expected a URI, got the text ".*C:\\\\x\.npy": as a URI it is "file:\/\/\/C:\/x\.npy", on the machine of the service$/;
  const toFiles = /; the divergence of each distribution goes to files: "output": \{"per_distribution": "file:\/\/\/…"\}$/;
  for (const [body, pointer, hint] of [
    [{ ...request, input: { uri: '/data/logits.npy' } }, '#/input/uri', toUri],
    [{ ...request, target: { uri: [request.target.uri, 'logits.npy'] } }, '#/target/uri/1', toUri],
    [{ ...request, output: { per_distribution: 'results/kl-' } }, '#/output/per_distribution', toUri],
    [{ ...request, input: { uri: 'C:\\x.npy' } }, '#/input/uri', toDrive],
    [{ ...request, input: { uri: 'c:/a b/x.npy' } }, '#/input/uri', /is "file:\/\/\/c:\/a%20b\/x\.npy", on /],
    [{ ...request, target: { uri: [request.target.uri, 'file:///C:\\x.npy'] } }, '#/target/uri/1', toDrive],
    [
      { ...request, output: { per_distribution: 'C:\\results\\kl-' } },
      '#/output/per_distribution',
      /is "file:\/\/\/C:\/results\/kl-", on /,
    ],
    [{ ...request, reduction: 'per_distribution' }, '#/reduction', toFiles],
    [{ ...request, reduction: ['sum', 'none'] }, '#/reduction/1', toFiles],
  ] as const) {
    const { body: problem } = await http.post(path).send(body).expect(422);
    const [{ pointer: at, code, detail }] = problem.errors;
    assert.deepEqual([at, code], [pointer, 'INVALID_VALUE']);
    assert.match(detail, hint);
  }
});

test('more pairs or files than a job may have are one fault, whatever is wrong with each', async () => {
  const { http } = await waiting();
  const numbers = (count: number) => Array<number>(count).fill(1);
  const pairs = (count: number, files: number) => ({ items: Array(count).fill({ input: { uri: numbers(files) }, target: null }) });
  for (const [body, pointer, detail] of [
    [{ items: numbers(10_001) }, '#/items', 'expected at most 10000 pairs'],
    [{ input: { uri: numbers(10_001) } }, '#/input/uri', 'expected at most 10000 URIs'],
    [{ items: [{}, { weights: { uri: numbers(10_001) } }] }, '#/items/1/weights/uri', 'expected at most 10000 URIs'],
    [pairs(10_000, 100), '#', 'expected at most 30000 URIs in all, got 1000000'],
    [pairs(101, 300), '#', 'expected at most 30000 URIs in all, got 30300'],
  ] as const) {
    const { body: problem } = await http.post(path).send(body).expect(422);
    assert.deepEqual([problem.error_count, problem.errors], [1, [{ pointer, code: 'INVALID_VALUE', detail }]]);
  }
  const { body: most } = await http.post(path).send(pairs(100, 300)).expect(422);
  assert.deepEqual([most.error_count, most.errors[0].pointer], [30_100, '#/items/0/input/uri/0']);
});

test('many pairs have an answer each, by their ids', async () => {
  const { http } = await computing();
  const { request } = files();
  const items = [{ id: 'same', input: request.target, target: request.target }, { id: 2, ...request }, request];
  const { body } = await http.post(path).set('prefer', 'wait=60').send({ items, reduction: 'sum' }).expect(200);
  const [same, two, unnamed] = body.result.items;
  assert.deepEqual([same.id, same.results.sum, two.id, 'id' in unnamed], ['same', 0, 2, false]);
  assert.ok(two.results.sum > 0);
  assert.deepEqual(two.results, unnamed.results);
});

test('an element that is NaN fails the job, with its place in the whole tensor', async () => {
  const { http } = await computing();
  const { request, folder } = files();
  const broken = logits(60, 50, 1);
  broken.data[41 * 50 + 7] = Number.NaN;
  writeFileSync(join(folder, 'input.safetensors'), Buffer.concat(writeSafetensors({ logits: broken }, {})));
  const { body } = await http.post(path).set('prefer', 'wait=60').send(request).expect(200);
  assert.equal(body.status, 'failed');
  assert.deepEqual([body.problem.code, body.problem.errors[0].pointer], ['NAN_ELEMENT', '#/input/41/7']);
});

test('jobs are listed by client, the newest first, by status and in pages; nobody sees those of others', async () => {
  const { http } = await sharedApp({ ...settings('listed'), JOB_WORKERS: '0', TRUSTED_PROXIES: '127.0.0.1' });
  const { request } = files();
  const as = (client: string) => ({ 'x-forwarded-for': client });
  const ids: string[] = [];
  for (let k = 0; k < 3; k++) ids.unshift((await http.post(path).set(as('10.0.0.1')).send(request).expect(202)).body.id);
  const idsOf = ({ body }: { body: { jobs: { id: string }[] } }) => body.jobs.map(({ id }) => id);
  const first = await http.get(`${path}?limit=2`).set(as('10.0.0.1')).expect(200);
  const second = await http.get(`${path}?limit=2&cursor=${first.body.cursor}`).set(as('10.0.0.1')).expect(200);
  assert.deepEqual([idsOf(first), idsOf(second), second.body.cursor], [ids.slice(0, 2), ids.slice(2), undefined]);
  await http.post(`${path}/${ids[0]}/cancel`).set(as('10.0.0.1')).expect(202);
  assert.deepEqual(idsOf(await http.get(`${path}?status=cancelled`).set(as('10.0.0.1'))), [ids[0]]);
  assert.deepEqual(idsOf(await http.get(path).set(as('10.0.0.2'))), []);
  await http.get(`${path}/${ids[0]}`).set(as('10.0.0.2')).expect(404);
  for (const query of ['status=done', 'limit=0', 'limit=201', 'limit=x', 'cursor=abc', 'cursor='])
    await http.get(`${path}?${query}`).expect(422);
  assert.equal((await http.get(`${path}?cursor=abc`)).body.errors[0].pointer, '#/cursor');
  for (const [query, pointer, detail] of [
    ['status=done', '#/status', /^expected one of queued, .*, got the text "done"$/],
    ['status=queued&status=failed', '#/status', /, got a list of 2$/],
    ['limit=x', '#/limit', /^expected an integer from 1 to 200, got the text "x"$/],
    ['cursor=a&cursor=b', '#/cursor', /, got a list of 2$/],
    ['a%2Fb=1', '#/a~1b', /^there is no parameter "a\/b"; the parameters are status, cursor, limit$/],
  ] as const) {
    const [fault] = (await http.get(`${path}?${query}`).expect(422)).body.errors;
    assert.equal(fault.pointer, pointer);
    assert.match(fault.detail, detail);
  }
  assert.equal((await http.get(`${path}?state=queued`).expect(422)).body.code, 'UNKNOWN_FIELD');
});

test('events tell the state of a job at once, and its end with the result; the id of the last one goes on from there', async () => {
  const { http, port } = await waiting();
  const { request } = files();
  const { body } = await http.post(path).send(request).expect(202);
  const events = `http://127.0.0.1:${port}${path}/${body.id}/events`;
  const stream = await fetch(events);
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
  const chunks = Readable.fromWeb(stream.body as never).setEncoding('utf8');
  const reader = chunks[Symbol.asyncIterator]();
  let text = '';
  const until = async (pattern: RegExp) => {
    while (!pattern.test(text)) {
      const { value, done } = await reader.next();
      if (done) break;
      text += value;
    }
    assert.match(text, pattern);
  };
  await until(/event: progress\ndata: .*"status":"queued".*\n\n/);
  await http.post(`${path}/${body.id}/cancel`).expect(202);
  await until(/event: done\ndata: .*"status":"cancelled".*\n\n/);
  assert.ok((await reader.next()).done);
  const [, lastId] = /id: (\S+)\nevent: done/.exec(text) ?? [];
  const again = await (await fetch(events, { headers: { 'last-event-id': lastId } })).text();
  assert.match(again, /event: done/);
});

test('the divergence of each distribution is written to output, as the same request has it', async () => {
  const { http } = await computing();
  const { request, uriOf, sides } = files();
  const output = { per_distribution: uriOf('kl-') };
  const { body } = await http
    .post(path)
    .set('prefer', 'wait=60')
    .send({ ...request, output })
    .expect(200);
  assert.equal(body.status, 'succeeded', JSON.stringify(body.problem));
  const tensors = { input: nested(sides.input), target: nested(sides.target) };
  const same = await http.post('/v1/kl-divergence').send({ ...tensors, reduction: 'per_distribution' });
  const written = { uri: uriOf('kl-00001-of-00001.safetensors') };
  const read = await http
    .post(path)
    .set('prefer', 'wait=60')
    .send({ input: written, target: written, input_kind: 'probs', target_kind: 'probs', dim: 0 });
  assert.deepEqual(read.body.result.shape, [same.body.results.per_distribution.length]);
});

test('the examples of the OpenAPI document are jobs that succeed', async () => {
  const { http } = await computing();
  const { folder, uriOf } = files();
  for (const [place, name] of ['quantised', 'original'].entries()) {
    const file = Buffer.concat(writeSafetensors({ logits: logits(6, 50, 1 + place / 100) }, {}));
    for (const part of ['00000', '00001']) writeFileSync(join(folder, `${name}-${part}.safetensors`), file);
  }
  const numpy = (shape: string, data: Float64Array) => {
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117);
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(`${header}\n`), new Uint8Array(data.buffer)]);
  };
  writeFileSync(join(folder, 'quantised.npy'), numpy('6, 50', logits(6, 50, 1).data));
  writeFileSync(join(folder, 'original.npy'), numpy('6, 50', logits(6, 50, 1.01).data));
  writeFileSync(join(folder, 'mask.npy'), numpy('6,', Float64Array.of(1, 1, 0, 1, 1, 0)));
  const parquet = new URL('../../fixtures/sources/columns-none.parquet', import.meta.url);
  for (const name of ['today', 'reference']) copyFileSync(parquet, join(folder, `${name}.parquet`));
  const shown = document.paths['/v1/jobs'].post.requestBody.content['application/json'].examples;
  assert.deepEqual(Object.keys(shown), Object.keys(jobExamples));
  for (const [name, { value }] of Object.entries(shown)) {
    const here = JSON.stringify(value)
      .replaceAll(/s3:\/\/(logits|results)\//g, `${uriOf('')}/`)
      .replaceAll(/"(age|amount)"}/g, '"uint8"}');
    const submitted = await http.post(path).send(JSON.parse(here)).expect(202);
    // its events end when it does
    await http.get(`${path}/${submitted.body.id}/events`).expect(200);
    const { body } = await http.get(`${path}/${submitted.body.id}`).expect(200);
    assert.equal(body.status, 'succeeded', `${name}: ${JSON.stringify(body.problem)}`);
  }
});

test('without JOB_SOURCES, or with JOBS=off, every route of jobs says that there are none', async (t) => {
  const off = await startedApp(t, { JOBS: 'off', JOB_SOURCES: 'file:///data/' });
  for (const { http } of [await sharedApp(), off]) {
    const answers = [
      http.post(path).send({}),
      http.get(path),
      http.get(`${path}/x`),
      http.delete(`${path}/x`),
      http.post(`${path}/x/cancel`),
      http.get(`${path}/x/events`),
    ];
    for (const answer of answers) {
      const { body } = await answer.expect(404);
      assert.equal(body.code, 'JOBS_DISABLED');
      assert.match(body.detail, /JOB_SOURCES is not set, or JOBS is off/);
    }
  }
});
