import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parametricKindNames } from '../../../src/core/closed-forms/parametric-kinds.ts';
import { ask, numbersOf } from '../../helper.ts';

type Case = {
  readonly title: string;
  readonly kind: string;
  readonly target: object;
  readonly input: object;
  readonly kl: readonly string[];
  readonly torch: readonly unknown[];
};

const { cases } = JSON.parse(readFileSync(new URL('../../golden/closed-forms.json', import.meta.url), 'utf8')) as { cases: Case[] };

/** Where two values have this many digits in common, differences of rounding aside. */
const digits = 1e-12;

for (const { title, kind, target, input, kl } of cases) {
  test(`KL has 12 digits of its closed form: ${title}`, () => {
    const { results } = ask({ target, input, target_kind: kind, input_kind: kind, reduction: 'all' });
    const found = numbersOf(results.none ?? results.per_distribution);
    assert.equal(found.length, kl.length);
    for (const [at, text] of kl.entries()) {
      const expected = Number(text);
      const isSame = found[at] === expected || Math.abs(found[at] - expected) <= digits * expected;
      assert.ok(isSame, `element ${at} is ${found[at]}, not ${expected}`);
    }
  });
}

test('the table has cases of every kind', () => {
  assert.deepEqual(new Set(cases.map(({ kind }) => kind)), new Set(parametricKindNames));
});

test('torch.distributions agrees to 6 digits wherever its own arithmetic has them', () => {
  for (const { title, kl, torch } of cases.filter(({ title }) => !/apart|extreme|large/.test(title))) {
    for (const [at, text] of kl.entries()) {
      const expected = Number(text);
      assert.ok(Math.abs(Number(torch[at]) - expected) <= 1e-6 * expected, `${title}: ${torch[at]} against ${expected}`);
    }
  }
});
