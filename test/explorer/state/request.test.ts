import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstSentence } from '../../../src/explorer/state/findings.ts';
import { bodyOf, firstLines, optionsOf } from '../../../src/explorer/state/request.ts';
import { emptyState } from '../../../src/explorer/state/state.ts';

const state = {
  ...emptyState,
  texts: { input: '[1,\n 2]', target: '1\n2', weights: '[1]' },
  options: { input_kind: 'counts', dim: '0,1', base: '2', reduction: 'sum,none' },
};

test('options become the values that the request has', () => {
  assert.deepEqual(optionsOf(state), { input_kind: 'counts', target_kind: 'counts', dim: [0, 1], base: 2, reduction: ['sum', 'none'] });
  assert.deepEqual(optionsOf({ ...state, options: { dim: '-1', base: 'e', bins: 'deciles', temperature: 'x', strict: ' ' } }), {
    dim: -1,
    base: 'e',
    bins: 'deciles',
    temperature: 'x',
  });
});

test('a body has each tensor as its editor has it, rows as JSON, and the first line of each is known', () => {
  const body = bodyOf(state, optionsOf(state));
  assert.deepEqual(JSON.parse(body), {
    input: [1, 2],
    target: [1, 2],
    weights: [1],
    input_kind: 'counts',
    target_kind: 'counts',
    dim: [0, 1],
    base: 2,
    reduction: ['sum', 'none'],
  });
  const lines = body.split('\n');
  for (const { name, line } of firstLines(state)) assert.equal(lines[line - 1].endsWith(`"${name}":`), true);
});

test('the first sentence of a message is kept for a place with little room', () => {
  assert.equal(firstSentence('mean divides by all 10 elements. Use another.'), 'mean divides by all 10 elements');
  assert.equal(firstSentence(`It is ${'very '.repeat(40)}long.`).length, 108);
});
