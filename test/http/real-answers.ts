import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { keysFolder } from '../auth/keys-folder.ts';
import { startedApp } from '../helper.ts';

/** An answer of the service: to which method and path, as the OpenAPI document has them, its status, and the names of its headers. */
export type RealAnswer = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: readonly string[];
};

type Sent = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

const pair = { input: [1, 2], target: [2, 1] };
const json = 'application/json';
const large = { input: Array(24_000).fill(1), target: Array(24_000).fill(1) };
const sides = ({ input, target }: typeof large) =>
  Object.entries({ input, target }).map(([name, data]) => ({ name, shape: [data.length], datatype: 'FP64', data }));

/** What every route that computes refuses, each for another reason. */
const refused: readonly Sent[] = [
  { body: '{' },
  { body: {} },
  { body: 'x'.repeat(200_001) },
  { body: 'a', headers: { 'content-type': 'text/plain' } },
  { body: pair, headers: { 'x-request-timeout': '0.001' } },
];

/** Requests by the path of the document, the first of them in order. */
const computed: Readonly<Record<string, readonly Sent[]>> = {
  '/v1/kl-divergence': [{ body: pair }, { body: large }],
  '/v1/kl-divergence/explain': [{ body: pair }, { body: large }],
  '/v1/kl-divergence/batch': [{ body: { items: [pair] } }, { body: { items: [large, large] } }, lines(pair)],
  '/v1/divergences': [{ body: pair }, { body: large }],
  '/v1/divergences/batch': [{ body: { items: [pair] } }, { body: { items: [large, large] } }, lines(pair)],
  '/v2/models/{model}/infer': [
    { body: { inputs: sides(pair) } },
    { body: { inputs: sides(large) } },
    { body: { inputs: sides(pair), outputs: [{ name: 'sum', parameters: { binary_data: true } }] } },
    { body: { inputs: sides(pair), parameters: { timeout: 1 } } },
  ],
};

const read = [
  '/v1/info',
  '/v2',
  '/v2/models/{model}',
  '/v2/models/{model}/ready',
  '/v2/health/live',
  '/v2/health/ready',
  '/livez',
  '/readyz',
];

function lines(request: object): Sent {
  return { body: `${JSON.stringify(request)}\n`, headers: { 'content-type': 'application/x-ndjson' } };
}

/** Answers of every operation, with authentication, quotas and jobs: to requests in order, and to those that are refused. */
export async function realAnswers(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<RealAnswer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'answers-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { keys, env: keyring } = keysFolder(t, 'a', 'poor');
  const data = Float64Array.of(1, 2, 3, 4);
  writeFileSync(join(folder, 'x.safetensors'), Buffer.concat(writeSafetensors({ logits: { shape: [2, 2], data } }, {})));
  const stored = { uri: pathToFileURL(join(folder, 'x.safetensors')).href };
  const { http, drain } = await startedApp(t, {
    ...keyring,
    JOB_SOURCES: `${pathToFileURL(folder).href}/`,
    JOBS_DIR: join(folder, 'queue'),
    JOB_WORKERS: '0',
    MAX_ELEMENTS: '100',
    BODY_LIMIT_BYTES: '200000',
    QUOTA_ELEMENTS: '1000000',
    ...env,
  });
  const answers: RealAnswer[] = [];

  async function send(method: 'get' | 'post' | 'put' | 'delete', path: string, { body, headers = {} }: Sent = {}, id = '') {
    const request = http[method](path.replace('{model}', 'kl_div').replace('{id}', id)).set({
      authorization: `Bearer ${keys[0]}`,
      ...headers,
    });
    if (body !== undefined && headers['content-type'] === undefined) request.type(json);
    const answer = await (body === undefined ? request : request.send(typeof body === 'string' ? body : JSON.stringify(body)));
    answers.push({ method, path, status: answer.status, headers: Object.keys(answer.headers) });
    return answer;
  }

  const stranger = { authorization: 'Bearer nobody' };
  for (const [path, requests] of Object.entries(computed)) {
    for (const request of [...requests, ...refused, { ...requests[0], headers: stranger }]) await send('post', path, request);
    await send('put', path);
  }
  for (const path of read) {
    for (const headers of [{}, stranger]) await send('get', path, { headers });
    await send('put', path);
  }
  const job = { body: { input: stored, target: stored }, headers: { 'idempotency-key': 'a', prefer: 'wait=1' } };
  const { body: view } = await send('post', '/v1/jobs', job);
  await send('get', '/v1/jobs');
  await send('get', '/v1/jobs', { headers: stranger });
  await send('get', '/v1/jobs/{id}', {}, view.id);
  await send('delete', '/v1/jobs/{id}', {}, view.id);
  await send('post', '/v1/jobs/{id}/cancel', {}, view.id);
  // over, and asked for again
  await send('post', '/v1/jobs', job);
  await send('get', '/v1/jobs/{id}', {}, view.id);
  await send('get', '/v1/jobs/{id}/events', {}, view.id);
  await send('delete', '/v1/jobs/{id}', {}, view.id);
  for (const body of ['{', {}, 'x'.repeat(2 ** 22 + 1)]) await send('post', '/v1/jobs', { body });
  for (const method of ['get', 'delete'] as const) await send(method, '/v1/jobs/{id}', {}, view.id);
  await send('post', '/v1/jobs/{id}/cancel', {}, view.id);
  await send('get', '/v1/jobs/{id}/events', {}, view.id);

  const poor = { authorization: `Bearer ${keys[1]}` };
  const spend = await startedApp(t, { ...keyring, QUOTA_ELEMENTS: '1', ...env });
  await spend.http.get('/v1/info').set(poor).expect(200);
  const spent = await spend.http.get('/v1/info').set(poor).expect(429);
  answers.push({ method: 'get', path: '/v1/info', status: 429, headers: Object.keys(spent.headers) });

  drain.start();
  for (const path of ['/readyz', '/v2/health/ready', '/livez']) await send('get', path);
  return answers;
}
