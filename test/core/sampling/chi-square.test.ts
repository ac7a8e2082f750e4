import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquareExceededBy, chiSquareSurvival, meanOfChi } from '../../../src/core/sampling/chi-square.ts';
import { testHomogeneity } from '../../../src/core/sampling/homogeneity.ts';
import { seededRandom } from '../../kernels/rows.ts';
import { golden } from '../samples/golden.ts';

const isNear = (actual: number, expected: number, message: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-10 * Math.abs(expected), `${actual}, expected ${expected}: ${message}`);

for (const { degrees, survival, mean_of_root: mean, 'exceeded_by_0.05': exceeded } of golden.chi_square) {
  test(`the chi-square distribution with ${degrees} degrees of freedom is SciPy's`, () => {
    for (const [x, probability] of survival) isNear(chiSquareSurvival(x, degrees), probability, `survival at ${x}`);
    isNear(chiSquareExceededBy(0.05, degrees), exceeded, 'exceeded by 5 %');
    isNear(meanOfChi(degrees), mean, 'mean of the root');
  });
}

test('of a hundred thousand degrees of freedom and more, too, one in twenty exceed what SciPy or a search with 30 digits say', () => {
  isNear(chiSquareExceededBy(0.05, 200_000), 201041.4325631318, 'where cephes stops');
  isNear(chiSquareExceededBy(0.05, 876_509), 878687.9487270362, 'where it threw');
  isNear(chiSquareExceededBy(0.05, 5_000_000), 5005202.620659505, 'far beyond');
  const random = seededRandom(9);
  for (let n = 0; n < 200; n++) {
    const degrees = Math.floor(200_000 + 8e6 * random());
    const share = chiSquareSurvival(chiSquareExceededBy(0.05, degrees), degrees);
    assert.ok(Math.abs(share - 0.05) < 1e-7, `${share} with ${degrees}`);
  }
});

test('the mean of the root keeps its digits with many degrees of freedom', () => {
  // mpmath 1.3, mp.dps = 40
  for (const [degrees, mean] of [
    [999, 31.599052599527585],
    [1000, 31.61487189698008],
    [876_509, 936.2203266326483],
    [8_388_607, 2896.3091167898524],
  ])
    isNear(meanOfChi(degrees), mean, `of ${degrees}`);
});

test('without degrees of freedom nothing is ever exceeded', () => {
  assert.deepEqual([chiSquareSurvival(0, 0), chiSquareExceededBy(0.05, 0), meanOfChi(0)], [1, 0, 0]);
});

for (const { input, target, degrees, p_value: pValue } of golden.g_tests) {
  test(`the G-test of [${input}] against [${target}] is SciPy's`, () => {
    const found = testHomogeneity({ input, target });
    assert.equal(found.degrees, degrees);
    isNear(found.pValue, pValue, 'p-value');
    assert.deepEqual(found.sizes, { input: input.reduce((a, b) => a + b), target: target.reduce((a, b) => a + b) });
  });
}

test('equal shares have a p-value of 1', () => {
  assert.equal(testHomogeneity({ input: [10, 20, 30], target: [20, 40, 60] }).pValue, 1);
});

test('a single outcome that was observed tells nothing', () => {
  const { degrees, pValue } = testHomogeneity({ input: [0, 7, 0], target: [0, 3, 0] });
  assert.deepEqual([degrees, pValue], [0, 1]);
});

test("counts are small by Cochran's rule: one cell that expects less than 1, or more than a fifth of them less than 5", () => {
  const isSmall = (...input: number[]) => testHomogeneity({ input, target: input }).isSmall;
  assert.deepEqual(
    [isSmall(5, 5, 5, 5, 5), isSmall(4, 5, 5, 5, 5), isSmall(4, 4, 5, 5, 5), isSmall(0, 0, 5, 5, 5)],
    [false, false, true, false],
  );
  assert.equal(testHomogeneity({ input: [1, 99], target: [0, 100] }).isSmall, true);
});
