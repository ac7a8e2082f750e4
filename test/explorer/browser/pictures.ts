import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { changing, chooseExample, equation, explored, settled, skip, write } from './explored.ts';

/** What the pictures show, and that they can be taken away. */
export function pictureTests(): void {
  test('the grid numbers the parts that the reduction under the pointer divides by, and then again those of the one that was chosen', {
    skip,
  }, async (t) => {
    const { page } = await explored(t);
    const numbers = () => page.locator('#terms .units text').allTextContents();
    assert.deepEqual(await numbers(), ['1', '2', '3', '4', '5']);
    await page.locator('[data-reduction="distribution_mean"]').hover();
    assert.deepEqual(await numbers(), ['1', '2']);
    await page.locator('[data-reduction="mean"]').hover();
    assert.equal((await numbers()).length, 10);
    await page.locator('h1').hover();
    assert.equal((await numbers()).length, 5);
    await page.locator('[data-reduction="distribution_mean"]').click();
    await page.locator('h1').hover();
    assert.deepEqual(await numbers(), ['1', '2']);
  });

  test('the distribution under the pointer is shown outcome by outcome, with P, Q and the terms of the service', { skip }, async (t) => {
    const { page } = await explored(t);
    const box = await page.locator('#terms svg').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.85);
    assert.match(await page.locator('.readout').innerText(), /^Element \[4, 1\] · distribution 2 · P = 0\.\d+ · Q = 0\.\d+ · term 2\.\d+$/);
    assert.match(await page.locator('.which').innerText(), /^Distribution \[1\], 2 of 2: 2\.7704$/);
    const texts = await page.locator('#distribution svg text').allTextContents();
    assert.ok(texts.some((text) => text.includes('P and Q')));
  });

  test('the largest divergences lead to their distributions', { skip }, async (t) => {
    const { page } = await explored(t);
    await chooseExample(page, 'notebook-10x6x4');
    const largest = page.locator('.largest button').first();
    const index = await largest.innerText();
    await largest.click();
    assert.ok((await page.locator('.which').innerText()).startsWith(`Distribution ${index}`));
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'distribution-heading');
  });

  test('the grid says what it shows, where the page began with jobs and where it gets narrower', { skip }, async (t) => {
    const { page, origin } = await explored(t);
    await page.goto('about:blank');
    await page.goto(`${origin}/#jobs`);
    await settled(page);
    await page.locator('#to-explorer').click();
    const says = (words: string) =>
      page.waitForFunction((part) => document.querySelector('#divisors figcaption')?.textContent?.includes(part), words);
    await says('Each cell is one term');
    const size = page.viewportSize() ?? { width: 1400, height: 1000 };
    const row = JSON.stringify([Array.from({ length: 50 }, (_, place) => Math.sin(place))]);
    await write(page, 'input', row);
    await write(page, 'target', row);
    await says('Each cell is one term');
    t.after(() => page.setViewportSize(size));
    await page.setViewportSize({ ...size, width: 300 });
    await says('each cell is the mean of 1 × 2');
  });

  test('a divergence is that of the last answer where no outcomes are drawn', { skip }, async (t) => {
    const { page } = await explored(t);
    const open = (last: number) => {
      const concentration = (first: number) => ({ concentration: [first, ...Array.from({ length: 10_000 }, () => last)] });
      const request = { input: concentration(1), target: concentration(2), input_kind: 'dirichlet' };
      const file = { name: 'request.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(request)) };
      return changing(page, () => page.locator('.operand.input input[type="file"]').setInputFiles(file));
    };
    const shown = () => page.locator('.which strong').innerText();
    await open(1);
    const first = await shown();
    await open(3);
    assert.notEqual(await shown(), first);
    assert.equal(await shown(), (await equation(page, 'distribution_mean')).split(' = ')[1]);
  });

  test('outcomes are sorted by their terms and drawn on a log scale on demand', { skip }, async (t) => {
    const { page } = await explored(t);
    const names = () => page.locator('#distribution [data-part="y-axis tick label"] text').allTextContents();
    assert.deepEqual(await names(), ['0', '1', '2', '3', '4']);
    await page.getByLabel('largest terms first').check();
    assert.equal((await names())[0], '4');
    await page.locator('#distribution').getByLabel('log scale').check();
    assert.ok((await page.locator('#distribution svg text').allTextContents()).some((text) => text.includes('log scale')));
  });

  test('every picture can be saved as SVG and PNG, and its numbers be copied', { skip }, async (t) => {
    const { page, complaints } = await explored(t);
    await chooseExample(page, 'quantised');
    for (const id of ['divisors', 'distribution', 'all', 'family']) {
      const figure = page.locator(`#${id} figure`);
      const saved = async (ending: string) => {
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          figure.getByRole('button', { name: ending, exact: true }).click(),
        ]);
        return readFileSync(await file.path());
      };
      const svg = (await saved('SVG')).toString();
      assert.match(svg, /^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      assert.doesNotMatch(svg, /var\(--|color-mix|color\(srgb/);
      // drawn by the browser from the same SVG
      if (id === 'divisors') assert.deepEqual([...(await saved('PNG')).subarray(1, 4)], [...Buffer.from('PNG')]);
      await figure.getByRole('button', { name: 'Copy numbers' }).click();
      await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'Numbers copied');
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.ok(copied.split('\n').length >= 8, id);
      assert.ok(copied.split('\n').every((line) => line.includes('\t')));
    }
    assert.deepEqual(complaints, []);
  });
}
