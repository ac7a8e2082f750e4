import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examples } from '../../../src/explorer/state/examples.ts';
import { everyNth } from '../../cases.ts';
import { chooseExample, equation, explored, skip } from './explored.ts';

/** What each example is there to show. */
const shown: Readonly<Record<string, { readonly equations: Readonly<Record<string, string>>; readonly codes: readonly string[] }>> = {
  'notebook-5x2': {
    equations: {
      sum: '4.3808 ÷ 1 = 4.3808',
      mean: '4.3808 ÷ 10 = 0.4381',
      batchmean: '4.3808 ÷ 5 = 0.8762',
      distribution_mean: '4.3808 ÷ 2 = 2.1904',
    },
    codes: ['MEAN_DIVIDES_BY_SUPPORT', 'BATCHMEAN_NOT_PER_DISTRIBUTION'],
  },
  'notebook-10x6x4': {
    equations: {
      sum: '90.7882 ÷ 1 = 90.7882',
      mean: '90.7882 ÷ 240 = 0.3783',
      batchmean: '90.7882 ÷ 10 = 9.0788',
      distribution_mean: '90.7882 ÷ 24 = 3.7828',
    },
    codes: ['MEAN_DIVIDES_BY_SUPPORT', 'BATCHMEAN_NOT_PER_DISTRIBUTION'],
  },
  'double-softmax': { equations: {}, codes: ['KIND_MISMATCH'] },
  'padded-batch': { equations: {}, codes: ['BATCHMEAN_NOT_PER_DISTRIBUTION'] },
  'top-k': { equations: {}, codes: ['LOWER_BOUND'] },
  drift: { equations: {}, codes: [] },
  vae: { equations: {}, codes: [] },
  quantised: { equations: {}, codes: [] },
};

/** Each example end to end: its values are those that the service answers to the request that the page shows as code. */
export function galleryTests(): void {
  test('the examples, one after the other on one page', { skip }, async (t) => {
    const { page, origin, complaints } = await explored(t);
    for (const { name } of everyNth(t, examples, 4)) {
      await t.test(`the example ${name} shows the values and warnings that the service answers`, async () => {
        await chooseExample(page, name);
        assert.ok((await page.locator('#sentence').innerText()).length > 40);
        const code = (await page.locator('#code pre').textContent()) ?? '';
        const body = code.slice(code.indexOf("-d '") + 4, code.lastIndexOf("'")).replaceAll("'\\''", "'");
        const response = await fetch(`${origin}/v1/kl-divergence`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        const { results, divisors } = (await response.json()) as { results: Record<string, number>; divisors: Record<string, number> };
        for (const [reduction, value] of Object.entries(results)) {
          const words = (await equation(page, reduction)).split(/ ÷ | = /).map((part) => Number(part.replace('−', '-')));
          const [sum, divisor, shownValue] = words;
          assert.ok(Math.abs(shownValue - value) <= 1e-3 * Math.abs(value) + 5e-5, `${reduction}: ${words} and ${value}`);
          assert.ok(Math.abs(sum - results.sum) <= 1e-3 * Math.abs(results.sum) + 5e-5);
          assert.ok(Math.abs(divisor - divisors[reduction]) < 1e-3);
        }
        const { equations, codes } = shown[name];
        for (const [reduction, words] of Object.entries(equations)) assert.equal(await equation(page, reduction), words);
        for (const warning of codes) assert.ok((await page.locator(`.note[data-code="${warning}"]`).count()) > 0, warning);
        assert.ok((await page.locator('#terms svg rect').count()) > 4);
        assert.deepEqual(complaints, []);
      });
    }
  });
}
