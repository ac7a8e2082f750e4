import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { examples } from '../../../src/explorer/state/examples.ts';
import { everyNth, leftOut } from '../../cases.ts';
import { changing, chooseExample, equation, explored, skip, violations, write } from './explored.ts';

type States = Readonly<Record<string, (page: Page) => Promise<unknown>>>;

/** The examples, each of which has pictures that others lack. */
const gallery: States = {
  ...Object.fromEntries(
    examples.map(({ name }) => [
      name,
      async (page: Page) => (await page.locator(`[data-example="${name}"]`).count()) > 0 && chooseExample(page, name),
    ]),
  ),
};

/** What a visitor makes of the page. */
const own: States = {
  'a fault': (page) => write(page, 'input', '[[1, 2], ["x", 4]]'),
  'another reduction, and a cell': async (page) => {
    await chooseExample(page, 'notebook-5x2');
    await page.locator('[data-reduction="mean"]').click();
    await page.locator('#terms').focus();
    await page.keyboard.press('ArrowDown');
  },
  'outcomes sorted, on a log scale': async (page) => {
    await page.getByLabel('largest terms first').check();
    await page.locator('#distribution').getByLabel('log scale').check();
  },
  'code in each language': async (page) => {
    for (const language of ['Python requests', 'TypeScript', 'PyTorch']) await page.getByLabel(language).check();
  },
  'a file that stays outside of the editor': (page) =>
    changing(page, () =>
      page
        .locator('.operand.input input[type="file"]')
        .setInputFiles(fileURLToPath(new URL('../../fixtures/numpy/compressed.npz', import.meta.url))),
    ),
  'everything open': async (page) => {
    await chooseExample(page, 'quantised');
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
  },
  'the field for a key': (page) => page.locator('#key summary').click(),
  'a service that does not answer': async (page) => {
    await page.route('**/v1/**', (route) => route.abort());
    await changing(page, () => page.locator('#option-dim').fill('1'));
    await page.unroute('**/v1/**');
  },
  'a request under way': async (page) => {
    await page.route('**/v1/**', () => {});
    await page.locator('#option-dim').fill('0');
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
  },
};

export function everybodyTests(): void {
  for (const colorScheme of ['light', 'dark'] as const) {
    const skipped = skip || (colorScheme === 'dark' && leftOut);
    test(`axe-core finds nothing in any state, in ${colorScheme} colours`, { skip: skipped }, async (t) => {
      const states: States = { ...gallery, ...own };
      // everything open; those on a phone are others
      const looked = everyNth(t, Object.keys(states), 17, 13);
      const { page } = await explored(t, { context: { colorScheme } });
      for (const name of looked) {
        await states[name](page);
        assert.deepEqual(await violations(page), [], name);
      }
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    const skipped = skip || (colorScheme === 'light' && leftOut);
    const title = `on a phone nothing is wider than the screen, and axe-core finds nothing, in ${colorScheme} colours`;
    test(title, { skip: skipped }, async (t) => {
      const states: States = { 'the first example': async () => {}, ...gallery, 'a fault': own['a fault'] };
      // the fault
      const looked = everyNth(t, Object.keys(states), 10, 9);
      const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme };
      const { page } = await explored(t, { context: phone });
      for (const name of looked) {
        await states[name](page);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, name);
        assert.deepEqual(await violations(page), [], name);
      }
    });
  }

  test('the keyboard alone reaches the examples, the reductions, the cells and the code', { skip }, async (t) => {
    const { page } = await explored(t);
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement?.getAttribute('data-example') ??
          document.activeElement?.getAttribute('data-reduction') ??
          document.activeElement?.id ??
          '',
      );
    const tabTo = async (goal: string) => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press('Tab');
        if ((await focused()) === goal) return;
      }
      assert.fail(`Tab does not reach ${goal}`);
    };
    await tabTo('notebook-10x6x4');
    await changing(page, () => page.keyboard.press('Enter'));
    assert.equal(await equation(page, 'batchmean'), '90.7882 ÷ 10 = 9.0788');
    await tabTo('terms');
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    assert.match(await page.locator('.readout').innerText(), /^Element \[1, 0, 2\] · distribution 3/);
    assert.match(await page.locator('.which').innerText(), /3 of 24/);
    await tabTo('distribution_mean');
    assert.equal(await page.locator('#terms .units rect').count(), 24);
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('[data-reduction="distribution_mean"]').getAttribute('aria-pressed'), 'true');
    await page.locator('#key summary').focus();
    for (const key of ['Enter', 'Tab', 'Escape']) await page.keyboard.press(key);
    assert.equal(await page.locator('#key-field').isVisible(), false);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'API key');
    await tabTo('copy-code');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'Code copied');
  });

  test('nothing moves for those who want no motion', { skip }, async (t) => {
    const { page } = await explored(t);
    t.after(() => page.emulateMedia({ reducedMotion: null }));
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter(
          (one) => Number.parseFloat(getComputedStyle(one).transitionDuration) > 0 || getComputedStyle(one).scrollBehavior === 'smooth',
        ).length,
    );
    assert.equal(moving, 0);
  });

  test('on paper there are the pictures and numbers, and nothing to click', { skip }, async (t) => {
    const { page } = await explored(t);
    t.after(() => page.emulateMedia({ media: null }));
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('#gallery').isVisible(), false);
    assert.equal(await page.locator('.actions').first().isVisible(), false);
    assert.ok(await page.locator('#terms svg').isVisible());
    assert.ok((await page.pdf({ format: 'A4' })).length > 10_000);
  });
}
