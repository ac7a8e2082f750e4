import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import golden from '../golden/kl-divergence.json' with { type: 'json' };
import { ask, numbersOf } from '../helper.ts';

// 60-digit arithmetic on the exact doubles; tolerances stand beside each case
const ways = { definition: undefined, kernel: loadKernel() };

for (const [way, kernel] of Object.entries(ways)) {
  for (const { id, title, request, expect, tolerance } of golden.cases) {
    test(`golden ${id}, by the ${way}: ${title}`, () => {
      const answered = ask(request as Record<string, unknown>, kernel);
      assert.deepEqual(answered.shape, expect.shape);
      assert.equal(answered.distributions, expect.distributions);
      assert.equal(answered.support_size, expect.support_size);
      assert.deepEqual(Object.keys(answered.results), Object.keys(expect.results));
      for (const [name, expected] of Object.entries(expect.results)) {
        const actual = numbersOf(answered.results[name]);
        const exact = numbersOf(expected);
        assert.equal(actual.length, exact.length, name);
        for (const [position, value] of actual.entries()) {
          const allowed = name === 'none' ? tolerance.none_absolute : tolerance.relative * Math.abs(exact[position]) + tolerance.absolute;
          const off = value === exact[position] ? 0 : Math.abs(value - exact[position]);
          assert.ok(off <= allowed, `${name}[${position}] is ${value}, expected ${exact[position]} ± ${allowed}`);
        }
      }
    });
  }
}

test('the golden file holds every kind on both sides and the notebook', () => {
  const kindsOf = (side: 'input_kind' | 'target_kind') => new Set(golden.cases.map(({ request }) => request[side]));
  assert.deepEqual([...kindsOf('input_kind')].sort(), ['counts', 'log_probs', 'logits', 'probs']);
  assert.deepEqual([...kindsOf('target_kind')].sort(), ['counts', 'log_probs', 'logits', 'probs']);
  assert.equal(golden.cases.filter(({ id }) => id.startsWith('notebook')).length, 5);
});
