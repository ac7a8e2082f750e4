import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOfProblem, findingsOfWarnings } from '../../../src/explorer/state/findings.ts';

const warning = { code: 'X', severity: 'warning', message: 'Words.' } as const;

test('a warning about a tensor is about the elements whose indices it lists, or about the whole', () => {
  const of = (pointer: string, details: Record<string, unknown>) =>
    findingsOfWarnings([{ ...warning, pointer, details: details as { indices?: number[][] } }]).map(({ field, ways }) => [field, ways]);
  assert.deepEqual(
    of('#/input', {
      indices: [
        [0, 1],
        [2, 3],
      ],
    }),
    [
      [
        'input',
        [
          ['0', '1'],
          ['2', '3'],
        ],
      ],
    ],
  );
  assert.deepEqual(of('#/target', {}), [['target', [[]]]]);
  assert.deepEqual(of('#/dim', { indices: [[0]] }), [['dim', [[]]]]);
  assert.deepEqual(of('#/input/scale/2', {}), [['input', [['scale', '2']]]]);
});

test('each fault of a problem is said where its pointer leads, and a problem without faults of the whole request', () => {
  const problem = { type: '', title: '', status: 422, code: 'RAGGED_TENSOR', detail: 'all in all', error_count: 2 };
  const errors = [
    { pointer: '#/input/1', code: 'RAGGED_TENSOR', detail: 'a row' },
    { pointer: '#/dim', code: 'INVALID_VALUE', detail: 'an axis' },
  ];
  assert.deepEqual(
    findingsOfProblem({ ...problem, errors }).map(({ field, ways, words }) => [field, ways, words]),
    [
      ['input', [['1']], 'a row'],
      ['dim', [[]], 'an axis'],
    ],
  );
  assert.deepEqual(
    findingsOfProblem({ ...problem, errors: [] }).map(({ field, code, severity }) => [field, code, severity]),
    [[undefined, 'RAGGED_TENSOR', 'error']],
  );
});
