import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Info } from '../../../src/explorer/service/answers.ts';
import { divergenceKeys, options } from '../../../src/explorer/state/options.ts';
import { optionsOf } from '../../../src/explorer/state/request.ts';
import { createStore, emptyState } from '../../../src/explorer/state/state.ts';
import { takeFiles } from '../../../src/explorer/state/take-files.ts';
import { divergencesOptionFields } from '../../../src/schema/divergences.ts';
import { optionFields } from '../../../src/schema/request.ts';
import { startedApp } from '../../helper.ts';

test('every option of the page is a field of the request, and chooses from what the service knows', async (t) => {
  const { http } = await startedApp(t);
  const info: Info = (await http.get('/v1/info')).body;
  for (const { name, choices, isKnown } of options) {
    assert.ok([...optionFields, ...divergencesOptionFields].includes(name), name);
    if (choices !== undefined) assert.ok(choices(info).length > 1 || name === 'missing', name);
    assert.notEqual(isKnown?.(info), false, name);
  }
});

test('an option is shown for the kinds that it is about', () => {
  const shownFor = (kind: string) => options.filter(({ appliesTo }) => appliesTo?.(kind) ?? true).map(({ name }) => name);
  const always = ['input_kind', 'target_kind', 'base', 'reduction', 'divergences'];
  assert.deepEqual(
    [shownFor('logits'), shownFor('samples'), shownFor('normal')].map((names) => names.filter((name) => !always.includes(name))),
    [['dim', 'temperature', 'rest'], ['pseudocount', 'estimator', 'k', 'bins', 'missing'], ['dim']],
  );
  const ofEstimates = shownFor('sampled_log_probs');
  assert.deepEqual([ofEstimates.includes('sampled_from'), ofEstimates.includes('divergences')], [true, false]);
});

test('every divergence can be asked for, those without a default at two orders', async (t) => {
  const { http } = await startedApp(t);
  const info: Info = (await http.get('/v1/info')).body;
  const divergences = divergenceKeys(info.divergences);
  assert.ok(divergences.includes('renyi:0.5') && divergences.includes('jensen_shannon') && !divergences.includes('k1'));
  const answer = await http.post('/v1/divergences').send({ input: [1, 2], target: [2, 1], reduction: 'sum', divergences });
  assert.deepEqual(Object.keys(answer.body.divergences), divergences);
});

test('who subscribes to the state is told each change, with what was before', () => {
  const store = createStore(emptyState);
  const told: number[][] = [];
  store.subscribe((state, before) => told.push([before.distribution, state.distribution]));
  store.change({ distribution: 1 });
  store.change({ distribution: 2 });
  assert.deepEqual(told, [
    [0, 1],
    [1, 2],
  ]);
  assert.equal(store.state().distribution, 2);
});

const values: readonly (readonly [string, unknown])[] = [
  ['reduction', 'all'],
  ['reduction', ['sum']],
  ['divergences', ['kl', 'renyi:3']],
  ['dim', [0, 2]],
  ['base', 2],
  ['bins', 'doane'],
  ['statistics', [0.5]],
  ['statistics', { quantiles: [0.5] }],
  ['bins', { count: 4, from: 0 }],
  ['bins', []],
  ['dim', [[0, 1], 2]],
  ['divergences', [{ name: 'renyi', order: 2 }]],
  ['reduction', { sum: true }],
  ['strict', true],
  ['seed', 7],
];

for (const [name, value] of values) {
  test(`"${name}": ${JSON.stringify(value)} of a file is sent as it is`, async () => {
    const file = new File([JSON.stringify({ input: [1], target: [1], [name]: value })], 'request.json');
    const { options: taken } = await takeFiles([file], 'input', emptyState);
    assert.deepEqual(optionsOf({ ...emptyState, options: taken ?? {} }), { [name]: value });
  });
}
