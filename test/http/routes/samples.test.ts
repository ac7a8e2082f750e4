import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedApp, startedApp } from '../../helper.ts';

const samples = { input_kind: 'samples', target_kind: 'samples', bins: [0, 2, 4], reduction: 'sum', sampling: false };
const target = [1, 1, 3];
const counts = (input: number[]) => ({ edges: samples.bins, counts: { input, target: [2, 1] } });

test('the items of a batch share the samples of its defaults, and each has its own where it brings them', async () => {
  const { http } = await sharedApp();
  const items = [{ input: [1, 3] }, { input: [3, 3, 3] }, { input: [0], target: [3] }, { input: [1, 'x'] }];
  const { body } = await http
    .post('/v1/kl-divergence/batch')
    .send({ defaults: { ...samples, target }, items })
    .expect(200);
  assert.deepEqual(body.items[0].bins, counts([1, 1]));
  assert.deepEqual(body.items[1].bins, counts([0, 3]));
  assert.deepEqual(body.items[2].bins.counts, { input: [1, 0], target: [0, 1] });
  assert.deepEqual(body.items[3].problem.errors[0].pointer, '#/input/1');
});

test('what is wrong with shared samples is told of every item that uses them, unless their row has the weight 0', async () => {
  const { http } = await sharedApp();
  const input = [[1], [2]];
  const items = [{ input }, { input, weights: [1, 0] }, { input: [[1], [null]], weights: [1, 0] }];
  const defaults = { ...samples, target: [[1], [null]] };
  const { body } = await http.post('/v1/kl-divergence/batch').send({ defaults, items }).expect(200);
  assert.deepEqual(body.items[0].problem.errors[0].pointer, '#/defaults/target/1/0');
  for (const { bins } of body.items.slice(1))
    assert.deepEqual(bins.counts.target, [
      [1, 0],
      [0, 0],
    ]);
});

test('a row of shared samples that an item does not read has no part in its bins', async () => {
  const { http } = await sharedApp();
  const defaults = { ...samples, bins: 2, target: [[0, 2], [100]] };
  const items = [{ input: [[2], [0]] }, { input: [[2], [0]], weights: [1, 0] }];
  const { body } = await http.post('/v1/kl-divergence/batch').send({ defaults, items }).expect(200);
  assert.deepEqual(
    [body.items[0].bins.edges, body.items[1].bins.edges],
    [
      [0, 50, 100],
      [0, 1, 2],
    ],
  );
});

test('all uses of shared samples together are bounded, as those of shared tensors are', async () => {
  const { http } = await sharedApp({ MAX_ELEMENTS: '7' });
  const items = Array(3).fill({ input: [1] });
  const { body } = await http
    .post('/v1/kl-divergence/batch')
    .send({ defaults: { ...samples, target }, items })
    .expect(200);
  assert.deepEqual(
    body.items.map(({ problem }: { problem?: { code: string } }) => problem?.code),
    [undefined, undefined, 'TOO_MANY_ELEMENTS'],
  );
});

test('the quota and the log count observations', async (t) => {
  const { http, lines } = await startedApp(t, { LOG_LEVEL: 'info' });
  await http
    .post('/v1/kl-divergence')
    .send({ ...samples, input: [1, 2, 3, 0, 1], target })
    .expect(200);
  assert.ok(
    lines.some((line) => JSON.stringify(line).includes('"elements":5')),
    JSON.stringify(lines),
  );
});
