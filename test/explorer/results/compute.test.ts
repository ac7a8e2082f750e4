import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compute } from '../../../src/explorer/results/compute.ts';
import type { Info } from '../../../src/explorer/service/answers.ts';
import { Refusal } from '../../../src/explorer/service/client.ts';
import { emptyState } from '../../../src/explorer/state/state.ts';
import { answering, json } from '../service/answering.ts';

const info = { limits: { explained_elements_per_tensor: 100 }, kinds: [], divergences: [] } as unknown as Info;

const state = { ...emptyState, texts: { input: '[1, 2]', target: '[2, 1]', weights: '' } };

const answer = { results: { none: [0.1, 0.2], per_distribution: 0.3 }, shape: [2], dim: [0], distributions: 1, warnings: [] };

test('what is left to be asked for is not sent once the state is gone', async (t) => {
  const sent = answering(t, json(200, answer), json(200, {}), json(200, {}));
  const visitor = new AbortController();
  const { signal } = visitor;
  const onSeen = async () => visitor.abort(new Error('gone'));
  await assert.rejects(compute(state, info, { signal, onProgress: () => {}, onSeen }), /gone/);
  assert.equal(sent.length, 1);
});

test('divergences that were chosen are refused in sight, those of the page are not', async (t) => {
  const refusal = json(422, { status: 422, detail: 'there is no divergence "foo"', errors: [{ pointer: '#/divergences/0' }] });
  const { signal } = new AbortController();
  const computed = (options: Record<string, string>) =>
    compute({ ...state, options }, info, { signal, onProgress: () => {}, onSeen: async () => {} });
  answering(t, json(200, answer), refusal, refusal, json(200, answer), refusal, refusal);
  await assert.rejects(computed({ divergences: 'foo' }), /there is no divergence "foo"/);
  await computed({});
});

test('estimates from samples are asked for by the names that were chosen', async (t) => {
  const estimate = { results: { none: [0.1], per_distribution: 0.1 }, direction: '', base: 'e' };
  const family = json(200, { ...answer, divergences: { k3: estimate } });
  const sent = answering(t, family, family);
  const { signal } = new AbortController();
  const names: string[] = [];
  const bytes = new Uint8Array(16);
  const attached = {
    input: { file: 'a.npy', tensors: new Map([['a', { dtype: 'F64', shape: [2], bytes } as const]]), chosen: 'a', slice: '' },
  };
  for (const options of [{ divergences: 'k3' }, {}])
    await compute({ ...state, attached, options: { input_kind: 'sampled_log_probs', ...options } }, info, {
      signal,
      onProgress: () => {},
      onSeen: async ({ noun }) => {
        names.push(noun);
      },
    });
  assert.deepEqual(names, ['k3', 'k3']);
  assert.deepEqual(
    sent.map((line) => /divergences=k3/.test(line)),
    [true, false],
  );
});

test('only a refusal of our own reductions is asked again without them', async (t) => {
  const refusal = (pointer: string) => json(422, { status: 422, detail: 'no', errors: [{ pointer, code: '', detail: 'no' }] });
  const sent = answering(t, 'unreachable', refusal('#/input'), refusal('#/reduction'), refusal('#/reduction'));
  const { signal } = new AbortController();
  const computed = () =>
    compute({ ...state, options: { reduction: 'sum' } }, info, { signal, onProgress: () => {}, onSeen: async () => {} });
  await assert.rejects(computed(), Refusal);
  assert.equal(sent.length, 1);
  await assert.rejects(computed(), Refusal);
  assert.equal(sent.length, 2);
  await assert.rejects(computed(), Refusal);
  assert.equal(sent.length, 4);
});
