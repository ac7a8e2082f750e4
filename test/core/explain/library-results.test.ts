import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../../src/formats/json/read-request.ts';
import { parseRequest } from '../../../src/schema/parse-request.ts';
import { explain } from '../../../src/tasks/explain.ts';
import { solve } from '../../../src/tasks/solve/solve.ts';
import golden from '../../golden/conventions.json' with { type: 'json' };
import { numbersOf } from '../../helper.ts';

// Keras's loss class computes in float32, and its torch backend rounds the bound of clip, 1e-7, to float32
const tolerances: Record<string, number> = { 'keras.losses.KLDivergence': 1e-6, 'keras.losses.kl_divergence': 2e-8 };

// conventions.json holds what the real libraries answered to these very expressions; see conventions.py
for (const { title, request, answers } of golden.cases) {
  test(`PyTorch, SciPy and Keras answer as explain says: ${title}`, () => {
    const conventions = conventionsOf(request).filter(({ library }) => library !== 'TRL' && library !== 'llama.cpp');
    assert.deepEqual(
      conventions.map(({ library, expression }) => ({ library, expression })),
      answers.map(({ library, expression }) => ({ library, expression })),
    );
    for (const [row, { expression, value }] of conventions.entries()) {
      const relative = tolerances[expression.split('(', 1)[0]] ?? 1e-12;
      const actual = numbersOf(value);
      const real = numbersOf(answers[row].value);
      assert.equal(actual.length, real.length, expression);
      for (const [position, number] of actual.entries()) {
        // a distribution of weight 0 was not read
        if ('weights' in request && actual.length > 1 && Number.isNaN(number)) continue;
        const same = Object.is(number, real[position]) || Math.abs(number - real[position]) <= relative * (Math.abs(real[position]) + 1e-3);
        assert.ok(same, `${expression}: ${number} where the library has ${real[position]}`);
      }
    }
  });
}

const conventionsOf = (request: Record<string, unknown>) => explain(solve(requestOf(parseRequest(request), 1000))).conventions;

const answerOf = (request: Record<string, unknown>, part: string) => {
  const row = conventionsOf(request).find(({ expression }) => expression.includes(part));
  return row?.value;
};

const zeros = { input: [[0.25, 0.75, 0]], target: [[0.5, 0.5, 0]], input_kind: 'probs', target_kind: 'probs' };

test('where both are 0, PyTorch answers NaN and SciPy leaves the term out', () => {
  assert.equal(answerOf(zeros, '"sum"'), 'NaN');
  assert.ok(numbersOf(answerOf(zeros, 'entropy(')).every(Number.isFinite));
});

test('where only input is 0, PyTorch and SciPy are infinite and Keras is not', () => {
  const request = { ...zeros, target: [[0.5, 0.25, 0.25]] };
  assert.equal(answerOf(request, '"sum"'), 'Infinity');
  assert.deepEqual(answerOf(request, 'entropy('), ['Infinity']);
  assert.ok(numbersOf(answerOf(request, 'KLDivergence')).every(Number.isFinite));
});

const tokens = {
  input: [
    [2, 1, 0.1],
    [0, 1, 2],
    [0.5, 0, 0],
  ],
  target: [
    [1.5, 1.2, 0.2],
    [2, 0.5, 0],
    [0, 0.25, 3],
  ],
};

const shownIn = (request: Record<string, unknown>, part: string) => numbersOf(answerOf(request, part))[0];
const near = (actual: number, expected: number, relative = 1e-13) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

test('at beta 0 and 1 TRL has the divergence and its reverse, divided by size(0), or by the labels of a mask', () => {
  const sumOf = (request: Record<string, unknown>) => numbersOf(solve(requestOf(parseRequest(request), 1000)).divergence.sum)[0];
  const reverse = { ...tokens, input: tokens.target, target: tokens.input };
  for (const options of [{}, { temperature: 2 }, { base: 2 }]) {
    near(shownIn({ ...tokens, ...options }, 'beta=0'), sumOf({ ...tokens, ...options }) / 3);
    near(shownIn({ ...tokens, ...options }, 'beta=1'), sumOf({ ...reverse, ...options }) / 3);
  }
  const mask = { weights: [true, false, true] };
  near(shownIn({ ...tokens, ...mask }, 'beta=1'), sumOf({ ...reverse, ...mask }) / 2);
  const [row] = conventionsOf({ ...tokens, ...mask, temperature: 2 }).filter(({ library }) => library === 'TRL');
  assert.equal(
    row.expression,
    'GKDTrainer.generalized_jsd_loss(input, target, labels=torch.where(weights > 0, 0, -100), beta=0, temperature=2)',
  );
});

test('llama.cpp has the mean, the largest and the median of tokens, and the share of equal choices, off by its 16 bits', () => {
  const divergences = [...solve(requestOf(parseRequest(tokens), 1000)).divergence.perDistribution].sort((a, b) => a - b);
  near(shownIn(tokens, 'Mean KLD'), divergences.reduce((a, b) => a + b) / 3, 1e-3);
  near(shownIn(tokens, 'Median KLD'), divergences[1], 1e-3);
  near(shownIn(tokens, 'Maximum KLD'), divergences[2], 1e-3);
  near(shownIn(tokens, 'Same top p'), 1 / 3);
  assert.notEqual(shownIn(tokens, 'Maximum KLD'), divergences[2]);
});

test('llama.cpp leaves out outcomes with log P of -16 or less, so an infinite divergence may be finite there', () => {
  const request = { input: [[0, '-Infinity', 1]], target: [[0, -30, 1]] };
  assert.ok(Number.isFinite(shownIn(request, 'Mean KLD')));
  assert.equal(shownIn({ ...request, target: [[0, -3, 1]] }, 'Mean KLD'), Number.POSITIVE_INFINITY);
});

test('TRL and llama.cpp are named where they have a word: for logits along the last axis, weights of 0 and 1, and llama.cpp without a temperature', () => {
  const named = (request: Record<string, unknown>) =>
    [...new Set(conventionsOf({ ...tokens, ...request }).map(({ library }) => library))].filter(
      (name) => name === 'TRL' || name === 'llama.cpp',
    );
  assert.deepEqual(named({}), ['TRL', 'llama.cpp']);
  assert.deepEqual(named({ weights: [1, 0, 1] }), ['TRL', 'llama.cpp']);
  assert.deepEqual(named({ temperature: 2 }), ['TRL']);
  for (const other of [{ weights: [1, 0, 2] }, { dim: 0 }, { input_kind: 'counts' }, { dim: [0, 1] }]) assert.deepEqual(named(other), []);
});
