import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getInfo, hasKey, post, Refusal, useKey } from '../../../src/explorer/service/client.ts';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { answering, json } from './answering.ts';

const sending = (body: string | Blob) => ({ body, signal: new AbortController().signal });

test('JSON is sent as JSON and bytes as safetensors, with the key that was entered, and tensors come back among the results', async (t) => {
  const bytes = Buffer.concat(
    writeSafetensors({ none: { shape: [2], data: Float64Array.of(1, 2) } }, { results: '{"sum":3}', dim: '[0]' }),
  );
  const binary = { status: 200, type: 'application/vnd.safetensors', body: bytes };
  const sent = answering(t, json(200, { name: 'kl' }), json(200, { results: {} }), binary);
  useKey('secret');
  t.after(() => useKey(''));
  assert.ok(hasKey());
  assert.deepEqual(await getInfo(), { name: 'kl' });
  const shares: number[] = [];
  await post('/v1/kl-divergence', { ...sending('{}'), onProgress: (share) => shares.push(share) });
  assert.deepEqual(shares, [0.5, 1]);
  const answer = await post<{ results: { sum: number; none: { shape: number[]; data: ArrayLike<number> } }; dim: number[] }>(
    '/x',
    sending(new Blob([new Uint8Array(1)])),
  );
  assert.deepEqual(
    [answer.results.sum, answer.results.none.shape, [...Array.from(answer.results.none.data)], answer.dim],
    [3, [2], [1, 2], [0]],
  );
  assert.deepEqual(sent, [
    'GET /v1/info, X-API-Key: secret',
    'POST /v1/kl-divergence, X-API-Key: secret, Content-Type: application/json',
    'POST /x, X-API-Key: secret, Content-Type: application/vnd.safetensors, Accept: application/vnd.safetensors',
  ]);
});

test('a service without room is asked again when it says; other refusals, and no answer, are told', async (t) => {
  const full = json(503, { status: 503, detail: 'full' }, '0');
  const sent = answering(
    t,
    full,
    json(200, { results: {} }),
    json(422, { status: 422, detail: 'wrong' }),
    'unreachable',
    full,
    full,
    full,
    full,
    full,
  );
  await post('/x', sending('{}'));
  assert.equal(sent.length, 2);
  await assert.rejects(post('/x', sending('{}')), (error) => error instanceof Refusal && error.problem.status === 422);
  await assert.rejects(post('/x', sending('{}')), (error) => error instanceof Refusal && error.problem.code === 'UNREACHABLE');
  await assert.rejects(post('/x', sending('{}')), /full/);
  assert.equal(sent.length, 9);
});

test('a request whose signal is aborted is not sent, and one that waits to be sent again ends at once', async (t) => {
  const sent = answering(t, json(503, { status: 503, detail: 'full' }, '5'), json(200, { results: {} }));
  await assert.rejects(post('/x', { body: '{}', signal: AbortSignal.abort(new Error('gone')) }), /gone/);
  assert.equal(sent.length, 0);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const visitor = new AbortController();
  const answer = post('/x', { body: '{}', signal: visitor.signal });
  setImmediate(() => visitor.abort(new Error('gone')));
  await assert.rejects(answer, /gone/);
  assert.equal(sent.length, 1);
});

test('an answer that is no problem of the service is refused by its status', async (t) => {
  const page = { status: 502, type: 'text/html', body: new TextEncoder().encode('<h1>Bad Gateway</h1>') };
  answering(t, page, json(413, 'too large'));
  await assert.rejects(
    post('/x', sending('{}')),
    (error) => error instanceof Refusal && error.problem.status === 502 && /502/.test(error.message),
  );
  await assert.rejects(post('/x', sending('{}')), (error) => error instanceof Refusal && error.problem.status === 413);
});
