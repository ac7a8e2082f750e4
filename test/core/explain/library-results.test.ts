import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../../src/formats/json/read-request.ts';
import { parseRequest } from '../../../src/schema/parse-request.ts';
import { explain } from '../../../src/tasks/explain.ts';
import { solve } from '../../../src/tasks/solve.ts';
import golden from '../../golden/conventions.json' with { type: 'json' };
import { numbersOf } from '../../helper.ts';

// Keras's loss class computes in float32, and its torch backend rounds the bound of clip, 1e-7, to float32
const tolerances: Record<string, number> = { 'keras.losses.KLDivergence': 1e-6, 'keras.losses.kl_divergence': 2e-8 };

// conventions.json holds what the real libraries answered to these very expressions; see conventions.py
for (const { title, request, answers } of golden.cases) {
  test(`PyTorch, SciPy and Keras answer as explain says: ${title}`, () => {
    const { conventions } = explain(solve(requestOf(parseRequest(request), 1000)));
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
