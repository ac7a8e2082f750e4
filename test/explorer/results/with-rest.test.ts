import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRest } from '../../../src/explorer/results/with-rest.ts';
import { ask } from '../../helper.ts';

const input = [0.3, -1.2, 2.5, 0.1, 0.9, -0.4];
const target = [1.1, 0.2, -0.3, 0.8, 0.4, -2];
const own = [0, 2];

const softmax = (numbers: readonly number[]) => {
  const masses = numbers.map(Math.exp);
  const sum = masses.reduce((a, b) => a + b);
  return masses.map((mass) => mass / sum);
};

/** Both sides as each kind has them. */
const sides: Readonly<Record<string, readonly [input: number[], target: number[], options: Readonly<Record<string, number>>]>> = {
  logits: [input, target, {}],
  'logits with a temperature': [input, target, { temperature: 2.5 }],
  log_probs: [softmax(input).map(Math.log), softmax(target).map(Math.log), {}],
  probs: [softmax(input), softmax(target), {}],
  counts: [[3, 1, 0, 4, 1, 5], [2, 7, 1, 8, 2, 8], { pseudocount: 0.5 }],
};

for (const [title, [q, p, options]] of Object.entries(sides)) {
  test(`outcomes with rows of their own keep their terms where all others become one: ${title}`, () => {
    const [kind] = title.split(' ');
    const termsOf = (input: number[], target: number[]) =>
      ask({ input, target, input_kind: kind, target_kind: kind, ...options, reduction: 'none' }).results.none as number[];
    const all = termsOf(q, p);
    // a pseudocount is added to the outcome that the others became too
    const few = termsOf(withRest(q, own, kind, options), withRest(p, own, kind, options));
    assert.equal(few.length, 3);
    for (const [row, place] of own.entries()) assert.ok(Math.abs(few[row] - all[place]) < 1e-14, `${few[row]}, not ${all[place]}`);
  });
}

test('where no other outcome has mass, the rest has none', () => {
  const never = Number.NEGATIVE_INFINITY;
  assert.deepEqual(withRest([1, never, never], [0], 'logits', {}), [1, never]);
  assert.deepEqual(withRest([1, 0, 0], [0], 'probs', {}), [1, 0]);
});
