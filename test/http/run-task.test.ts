import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCodel } from '../../src/pool/codel.ts';
import { postBytes, spend, startedApp } from '../helper.ts';
import { seriesOf } from './exposition.ts';

const path = '/v1/kl-divergence';
const row = Array.from({ length: 50 }, (_, k) => k / 7);
const rows = Array(400).fill(row);
const bodies = {
  small: JSON.stringify({ input: [1, 2], target: [2, 1] }),
  large: JSON.stringify({ input: rows, target: rows, input_kind: 'logits', target_kind: 'logits', reduction: 'all' }),
};

for (const [what, body] of Object.entries(bodies)) {
  test(`what fails when the result of a ${what} request is there is answered with 500, and leaves nothing behind`, async (t) => {
    const { http, workers } = await startedApp(t, {}, (app) => {
      app.addHook('preHandler', async (request) => {
        const charge = () => {
          throw new Error('the account failed');
        };
        Object.assign(request, { account: { charge } });
      });
    });
    const answer = await postBytes(http, path, body).timeout(5000).expect(500);
    assert.equal(answer.body.code, 'INTERNAL');
    // what a body took is free a moment after its answer
    await http.get('/livez').expect(200);
    const { lanes, bytes, elements } = workers.load();
    const inside = Object.values(lanes).map(({ running, waiting }) => running + waiting);
    assert.deepEqual([bytes, elements, ...inside], [0, 0, 0, 0, 0]);
  });
}

/** A request whose answer says each element under 32 axes: 31 kB of it become half a megabyte. */
const deep = (elements: number) => {
  const tensor = { shape: [elements, ...Array(31).fill(1)], dtype: 'F16' };
  const entry = (from: number) => ({ ...tensor, data_offsets: [from, from + 2 * elements] });
  const header = Buffer.from(JSON.stringify({ input: entry(0), target: entry(2 * elements) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(4 * elements, 0x3c)]);
};

/** The lanes in which an app has computed so far, each as often as it has. */
async function lanesOf(http: Awaited<ReturnType<typeof startedApp>>['http']): Promise<Record<string, number>> {
  const series = seriesOf((await http.get('/metrics').expect(200)).text);
  return Object.fromEntries(['inline', 'small'].map((lane) => [lane, series.get(`kl_queue_wait_seconds_count{lane="${lane}"}`) ?? 0]));
}

const postDeep = (http: Awaited<ReturnType<typeof startedApp>>['http'], elements: number) =>
  postBytes(http, `${path}?reduction=none&dim=-1`, deep(elements)).set('content-type', 'application/vnd.safetensors');

test('a small body that asks for much work is computed by a worker, and one that asks for little on the event loop', async (t) => {
  const { http } = await startedApp(t);
  await postDeep(http, 50).expect(200);
  assert.deepEqual(await lanesOf(http), { inline: 1, small: 0 });
  const { body } = await postDeep(http, 7000).expect(200);
  assert.deepEqual(body.shape, [7000, ...Array(31).fill(1)]);
  assert.deepEqual(await lanesOf(http), { inline: 1, small: 1 });
});

test('a derivation of some hundred elements is computed by a worker', async (t) => {
  const { http } = await startedApp(t);
  const row = Array.from({ length: 600 }, (_, k) => k % 7);
  await http.post(`${path}/explain`).send({ input: row, target: row, reduction: 'all' }).expect(200);
  assert.deepEqual(await lanesOf(http), { inline: 0, small: 1 });
});

test('a request in the Open Inference Protocol that turns out to be too much work is answered all the same, wherever its bytes begin', async (t) => {
  const { http } = await startedApp(t, { INLINE_LIMIT_BYTES: '200000' });
  const elements = 40_000;
  const sums = [];
  for (const space of ['', ' ', '   ']) {
    const input = (name: string) => ({ name, shape: [elements], datatype: 'UINT8', parameters: { binary_data_size: elements } });
    const header = JSON.stringify({ inputs: [input('input'), input('target')], outputs: [{ name: 'sum' }] }) + space;
    const bytes = Buffer.concat([Buffer.from(header), Buffer.from(Array.from({ length: 2 * elements }, (_, k) => (k * k) % 251))]);
    const answer = postBytes(http, '/v2/models/kl_div/infer', bytes).set('inference-header-content-length', String(header.length));
    sums.push((await answer.expect(200)).body.outputs[0].data[0]);
  }
  assert.ok(sums[0] > 0);
  assert.deepEqual(sums, Array(3).fill(sums[0]));
  assert.deepEqual(await lanesOf(http), { inline: 0, small: 3 });
});

test('a small body that is too much work is refused with OVERLOADED where no more bodies may wait for a worker', async (t) => {
  const { http } = await startedApp(t, { SMALL_QUEUE: '0' });
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => postDeep(http, 7000)));
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.includes(200) && statuses.includes(503), String(statuses));
  assert.ok(answers.every(({ status, body }) => status === 200 || body.code === 'OVERLOADED'));
  await postDeep(http, 50).expect(200);
});

test('requests are refused while the event loop is kept busy by what is no request, and whether it is alive is told all the same', async (t) => {
  const { http, app } = await startedApp(t, {}, undefined, { codel: createCodel() });
  await app.listen({ port: 0, host: '127.0.0.1' });
  await postBytes(http, path, bodies.small).expect(200);
  const busy = setInterval(() => spend(60), 1);
  t.after(() => clearInterval(busy));
  await new Promise((resolve) => setTimeout(resolve, 300));
  // on a busy machine a request may come in an iteration without work, and is read in time
  const codes: unknown[] = [];
  for (let tries = 0; tries < 20 && !codes.includes('OVERLOADED'); tries++)
    codes.push((await postBytes(http, path, bodies.small)).body.code);
  assert.ok(codes.includes('OVERLOADED'));
  await http.get('/livez').expect(200);
  clearInterval(busy);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await postBytes(http, path, bodies.small).expect(200);
});
