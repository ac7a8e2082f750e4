import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reductionNames } from '../../../src/core/reductions.ts';
import notebook from '../../../src/http/openapi/notebook.json' with { type: 'json' };
import { numbersOf, sharedApp } from '../../helper.ts';

const path = '/v1/kl-divergence/explain';

test('the steps lead from the tensors to the divergences', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ ...notebook['5x2'], dim: 0 })
    .expect(200);
  const { input_log_probs, target_log_probs, target_probs, terms, per_distribution } = body.steps;
  for (let outcome = 0; outcome < 5; outcome++) {
    for (let d = 0; d < 2; d++) {
      const p = target_probs.value[outcome][d];
      assert.ok(Math.abs(p - Math.exp(target_log_probs.value[outcome][d])) < 1e-15);
      assert.equal(terms.value[outcome][d], p * (target_log_probs.value[outcome][d] - input_log_probs.value[outcome][d]));
    }
  }
  assert.deepEqual(
    per_distribution.value.map((value: number) => value.toFixed(4)),
    ['1.6104', '2.7704'],
  );
  assert.equal(input_log_probs.formula, 'log Q = input − log Σ exp(input) along dim 0');
});

test('each reduction stands by hand beside the core, and they agree to the last digits', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ ...notebook['10x6x4'], dim: 0, reduction: 'all' })
    .expect(200);
  assert.deepEqual(Object.keys(body.reductions), reductionNames);
  assert.equal(body.reductions.mean.divisor, 240);
  assert.equal(body.reductions.none.divisor, undefined);
  for (const { by_hand, core, difference } of Object.values<Record<string, unknown>>(body.reductions)) {
    assert.deepEqual(
      numbersOf(by_hand).map((value) => value.toFixed(9)),
      numbersOf(core).map((value) => value.toFixed(9)),
    );
    assert.ok(Number(difference) < 1e-12);
  }
});

test('by hand, near-identical logits lose the digits that the core keeps, and the difference shows it', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ input: [[0.1, 0.2, 0.3]], target: [[0.1, 0.2, 0.3 + 1e-9]], reduction: 'sum' })
    .expect(200);
  const { by_hand, core, difference } = body.reductions.sum;
  assert.ok(core > 0 && Math.abs(core - 1.2e-19) < 0.2e-19, `${core}`);
  assert.equal(difference, Math.abs(by_hand - core));
  assert.ok(difference > core);
});

test('the derivation divides logits by the temperature, in its steps and in what one types elsewhere', async () => {
  const { http } = await sharedApp();
  const tensors = { input: [[2, 1, 0.1]], target: [[1.5, 1.2, 0.2]], dim: 1, reduction: 'sum' };
  const { body } = await http
    .post(path)
    .send({ ...tensors, temperature: 2 })
    .expect(200);
  assert.equal(body.temperature, 2);
  assert.equal(body.steps.target_probs.formula, 'P = exp(target / 2 − log Σ exp(target / 2) along dim 1)');
  for (const { by_hand, core } of Object.values<Record<string, number>>(body.reductions)) {
    assert.ok(Math.abs(core - 0.013676952031835546) < 1e-15);
    assert.ok(Math.abs(by_hand - core) < 1e-15);
  }
  const { expression, value } = body.conventions.find(({ note }: { note: string }) => note === 'the sum of all terms');
  assert.equal(expression, 'F.kl_div((input / 2).log_softmax(1), (target / 2).softmax(1), reduction="sum")');
  assert.ok(Math.abs(value - 0.013676952031835546) < 1e-15);
  const { body: plain } = await http.post(path).send(tensors).expect(200);
  assert.equal('temperature' in plain, false);
});

test('the derivation adds the pseudocount to counts, in its steps and in what one types elsewhere', async () => {
  const { http } = await sharedApp();
  const kinds = { input_kind: 'counts', target_kind: 'counts' };
  const tensors = { input: [[40, 30, 25, 5]], target: [[50, 30, 20, 0]], dim: 1, reduction: 'sum', ...kinds };
  const { body } = await http
    .post(path)
    .send({ ...tensors, pseudocount: 0.5 })
    .expect(200);
  assert.equal(body.pseudocount, 0.5);
  assert.equal(body.steps.target_probs.formula, 'P = (target + 0.5) / Σ (target + 0.5) along dim 1');
  assert.equal(body.steps.input_log_probs.formula, 'log Q = log((input + 0.5) / Σ (input + 0.5) along dim 1)');
  for (const { by_hand, core } of Object.values<Record<string, number>>(body.reductions)) {
    assert.ok(Math.abs(core - 0.05363488284035187) < 1e-15);
    assert.ok(Math.abs(by_hand - core) < 1e-15);
  }
  const expressions = body.conventions.map(({ expression }: { expression: string }) => expression);
  const typed = (name: string) => `(${name} + 0.5) / (${name} + 0.5).sum(axis=1, keepdims=True)`;
  assert.ok(expressions.includes(`entropy(${typed('target')}, ${typed('input')}, axis=1)`), expressions.join('\n'));
  const torch = (name: string) => `(${name} + 0.5) / (${name} + 0.5).sum(1, keepdim=True)`;
  assert.ok(expressions.includes(`F.kl_div((${torch('input')}).log(), ${torch('target')}, reduction="sum")`));
  const { body: plain } = await http.post(path).send(tensors).expect(200);
  assert.equal('pseudocount' in plain, false);
});

test('the derivation shows the weights, weighs by hand as the core does, and reads nothing of a distribution of weight 0', async () => {
  const { http } = await sharedApp();
  const tensors = {
    input: [
      [2, 1],
      [null, 'NaN'],
      [0, 1],
    ],
    target: [
      [1, 2],
      [null, 7],
      [0.5, 0],
    ],
  };
  const { body } = await http
    .post(path)
    .send({ ...tensors, weights: [0.5, false, true], reduction: 'all' })
    .expect(200);
  assert.deepEqual(body.weights, [0.5, 0, 1]);
  for (const { value } of Object.values<{ value: unknown[] }>(body.steps)) assert.ok([value[1]].flat().every((number) => number === 'NaN'));
  const { sum, mean, distribution_mean, none } = body.reductions;
  assert.deepEqual([sum.formula, mean.formula, distribution_mean.formula], ['S = Σ w·D', 'S / (Σ w · support size)', 'S / Σ w']);
  assert.deepEqual([mean.divisor, distribution_mean.divisor], [3, 1.5]);
  assert.deepEqual(none.core[1], ['NaN', 'NaN']);
  for (const { difference } of Object.values<Record<string, number>>(body.reductions)) assert.ok(difference < 1e-15, `${difference}`);
  const weighted = body.conventions.find(({ note }: { note: string }) => note.startsWith('the weighted mean'));
  assert.equal(
    weighted.expression,
    '(F.kl_div(input.log_softmax(1), target.softmax(1), reduction="none").sum(1) * weights)[weights > 0].sum() / weights.sum()',
  );
  assert.ok(Math.abs(weighted.value - distribution_mean.core) < 1e-15);
  const unread = (note: string) => note.endsWith('; NaN stands for distributions of weight 0, which the library would compute');
  for (const { note, value, expression } of body.conventions) assert.equal(unread(note), Array.isArray(value), expression);
  const { body: plain } = await http
    .post(path)
    .send({ input: [[1, 2]], target: [[2, 1]] })
    .expect(200);
  assert.equal('weights' in plain, false);
});

test('infinite by hand and infinite in the core differ by 0', async () => {
  const { http } = await sharedApp();
  const request = { input: [1, 0], target: [0.5, 0.5], input_kind: 'probs', target_kind: 'probs', reduction: 'all' };
  const { body } = await http.post(path).send(request).expect(200);
  for (const { difference } of Object.values<Record<string, unknown>>(body.reductions)) assert.equal(difference, 0);
});

test('tensors of the derivation come in the form of input', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ input: { shape: [1, 2], data: [1, 2] }, target: [[2, 1]] })
    .expect(200);
  assert.deepEqual(body.steps.terms.value.shape, [1, 2]);
  assert.deepEqual(body.conventions[0].value.shape, [1, 2]);
});

test('the conventions name the expression that one would type', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ ...notebook['5x2'], dim: 0 })
    .expect(200);
  const batchmean = body.conventions.find(({ expression }: { expression: string }) => expression.includes('batchmean'));
  assert.equal(batchmean.library, 'PyTorch');
  assert.equal(batchmean.expression, 'F.kl_div(input.log_softmax(0), target.softmax(0), reduction="batchmean")');
  assert.equal(batchmean.value.toFixed(4), '0.8762');
});

test('10 000 elements are explained, and more are not', async () => {
  const { http } = await sharedApp();
  const zeros = (count: number) => Array(count).fill(0);
  await http
    .post(path)
    .send({ input: zeros(10_000), target: zeros(10_000) })
    .expect(200);
  const { body } = await http
    .post(path)
    .send({ input: zeros(10_001), target: zeros(10_001) })
    .expect(413);
  assert.equal(body.code, 'TOO_MANY_ELEMENTS');
});
