import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkElements } from '../../src/formats/operands.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { faultsOf } from '../helper.ts';

const options = { input_kind: 'logits', target_kind: 'probs', temperature: 1, dim: 1 } as const;
const axes = distributionAxes([3, 2], 1);

const codesOf = (run: () => void) => faultsOf(run).map(({ code }) => code);

function operandsOf(input: readonly number[], target: readonly number[]) {
  const tensor = (numbers: readonly number[]) => ({ shape: [3, 2], data: Float64Array.from(numbers), form: 'flat' as const });
  return {
    input: { kind: 'logits', tensor: tensor(input) },
    target: { kind: 'probs', tensor: tensor(target) },
    weights: undefined,
  } as const;
}

test('only the distributions that the kernel does not trust are checked, of both sides', () => {
  const sides = operandsOf([Number.NaN, 1, 2, Number.NEGATIVE_INFINITY, 3, 4], [-1, 0, 0.5, 0.5, 1, 0]);
  checkElements(sides, options, { axes, trusted: Uint8Array.of(1, 0, 2) });
  assert.deepEqual(
    codesOf(() => checkElements(sides, options, { axes, trusted: Uint8Array.of(0, 1, 1) })),
    ['NAN_ELEMENT', 'NEGATIVE_MASS'],
  );
});

test('where a distribution is at fault, all faults are told as if none had been trusted', () => {
  const sides = operandsOf([Number.NaN, 1, 2, Number.NaN, 3, 4], [1, 0, 0.5, 0.5, 1, -1]);
  const all = codesOf(() => checkElements(sides, options));
  assert.deepEqual(all, ['NAN_ELEMENT', 'NAN_ELEMENT', 'NEGATIVE_MASS']);
  assert.deepEqual(
    codesOf(() => checkElements(sides, options, { axes, trusted: Uint8Array.of(1, 0, 1) })),
    all,
  );
});
