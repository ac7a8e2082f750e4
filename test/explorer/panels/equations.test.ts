import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equationsOf } from '../../../src/explorer/panels/equations.ts';
import { isWeighted } from '../../../src/explorer/state/request.ts';
import { emptyState } from '../../../src/explorer/state/state.ts';
import { layoutOf } from '../../../src/explorer/tensors/layout.ts';

/** Weights of three distributions of two outcomes, the divisors that they make, and what these are said to count. */
const cases: readonly (readonly [string, number, number, string, string])[] = [
  ['', 3, 3, 'the 3 distributions: the mean divergence', 'all 6 elements, outcome by outcome'],
  ['[1, 1, 0]', 2, 2, 'the 2 distributions of weight 1: the mean divergence', 'the 4 elements that are read'],
  ['[0.5, 1, 0]', 1.5, 2, 'the sum of the weights: the weighted mean', 'the weight of all elements'],
  ['[0.5, 1, 1.5]', 3, 3, 'the sum of the weights: the weighted mean', 'the weight of all elements'],
  ['0.5 1.5 0', 2, 2, 'the sum of the weights: the weighted mean', 'the weight of all elements'],
];

test('weights that are not known are said to be possible, and to be there where a divisor tells', () => {
  const said = (sum: number, isWeighted?: true) => {
    const answer = {
      results: { mean: 1, batchmean: 1, distribution_mean: 1 },
      divisors: { mean: 2 * sum, batchmean: 3, distribution_mean: sum },
      dim: [1],
    };
    return equationsOf(answer, layoutOf([3, 2], [1]), { read: 2, isWeighted }).map(({ divides }) => divides);
  };
  const weighted = ['the weight of all elements', 'the 3 rows of axis 0', 'the sum of the weights: the weighted mean'];
  assert.deepEqual(said(3), [
    'all 6 elements, outcome by outcome, weighted if there are weights',
    'the 3 rows of axis 0',
    'the 3 distributions: the mean divergence, weighted if there are weights',
  ]);
  assert.deepEqual([said(2), said(1.5), said(3, true)], [weighted, weighted, weighted]);
});

for (const [weights, sum, read, ofDistributions, ofElements] of cases) {
  test(`weights ${weights || 'of none'} are said in what a reduction divides by`, () => {
    const answer = {
      results: { sum: 1, mean: 1, batchmean: 1, distribution_mean: 1 },
      divisors: { sum: 1, mean: 2 * sum, batchmean: 3, distribution_mean: sum },
      dim: [1],
    };
    const state = { ...emptyState, texts: { ...emptyState.texts, weights } };
    const equations = equationsOf(answer, layoutOf([3, 2], [1]), { read, isWeighted: isWeighted(state) });
    assert.deepEqual(
      equations.map(({ divides }) => divides),
      ['nothing: all terms together', ofElements, 'the 3 rows of axis 0', ofDistributions],
    );
  });
}
