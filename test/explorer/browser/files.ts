import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { writeSafetensors } from '../../../src/explorer/files/safetensors.ts';
import { leftOut } from '../../cases.ts';
import { changing, equation, explored, settled, skip } from './explored.ts';

/** What the tests of `src/explorer/files` and `results` hold, but for the page around it. */
const skipHeld = skip || leftOut;

const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));

type Chosen = string | { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

const choose = (page: Page, side: string, files: Chosen | readonly Chosen[]) =>
  changing(page, () => page.locator(`.operand.${side} input[type="file"]`).setInputFiles([files].flat() as string[]));

const named = (name: string, text: string): Chosen => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

/** A file with two tensors of so many numbers as float32, which are nearly equal, as the logits of two models are. */
function largeFile(t: TestContext, rows: number, columns: number): string {
  const side = (shift: number) => {
    const numbers = Float32Array.from({ length: rows * columns }, (_, place) => Math.sin(place * 0.7) * 3 + shift * Math.cos(place * 1.3));
    return { dtype: 'F32' as const, shape: [rows, columns], bytes: new Uint8Array(numbers.buffer) };
  };
  const folder = mkdtempSync(join(tmpdir(), 'explorer-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'logits.safetensors');
  // a file on disk: what the driver hands over itself keeps the page busy
  writeFileSync(path, Buffer.concat(writeSafetensors({ input: side(0), target: side(0.1) })));
  return path;
}

/** Notes the tasks that keep the page busy, in ms. Frames would not do: a browser draws one a second of a page that is behind another. */
const watchTasks = (page: Page) =>
  page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    Object.assign(window, { tasks });
  });

const longestTask = (page: Page) => page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: number[] }).tasks));

export function fileTests(): void {
  test('a .npy file on each side is computed, and small ones can be edited', { skip }, async (t) => {
    const { page, complaints } = await explored(t);
    await choose(page, 'input', fixture('numpy/fortran.npy'));
    await choose(page, 'target', fixture('numpy/int64.npy'));
    assert.match(await page.locator('.operand.target .cm-content').innerText(), /-12, ?-11|-12,-11/);
    assert.match(await page.locator('#divisors figcaption').innerText(), /of 2 outcomes each|distributions along dim 0/);
    assert.equal(complaints.filter((words) => !words.includes('422')).length, 0);
  });

  test('a .npz file whose arrays are input and target is both sides', { skip: skipHeld }, async (t) => {
    const { page } = await explored(t);
    await choose(page, 'input', fixture('numpy/stored.npz'));
    assert.match(await page.locator('.operand.target .cm-content').innerText(), /0\.001/);
    assert.match(await page.locator('.operand.input .cm-content').innerText(), /0\.1/);
  });

  test('of a file with several tensors one is chosen, and a slice of it', { skip }, async (t) => {
    const { page } = await explored(t);
    await choose(page, 'input', fixture('numpy/compressed.npz'));
    await choose(page, 'target', fixture('numpy/compressed.npz'));
    const card = (side: string) => page.locator(`.operand.${side} .card`);
    await changing(page, () => card('input').locator('select').selectOption('student'));
    await changing(page, () => card('target').locator('select').selectOption('teacher'));
    for (const side of ['input', 'target'])
      await changing(page, () =>
        card(side)
          .locator('input')
          .fill('1, :2')
          .then(() => page.keyboard.press('Tab')),
      );
    assert.match(await card('input').innerText(), /\(2, 4\), 8 numbers/);
    const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value);
    await changing(page, () =>
      card('input')
        .locator('input')
        .press('Control+A')
        .then(() => page.keyboard.type('0'))
        .then(() => page.keyboard.press('Enter')),
    );
    assert.equal(await focused(), '0');
    await changing(page, () => page.keyboard.type('-1').then(() => page.keyboard.press('Enter')));
    await card('input').locator('select').focus();
    await changing(page, () => page.keyboard.press('ArrowUp'));
    assert.equal(await focused(), 'teacher');
    await changing(page, () => page.keyboard.press('ArrowDown'));
    assert.equal(await focused(), 'student');
    await changing(page, () =>
      card('input')
        .locator('input')
        .fill('1, :2')
        .then(() => page.keyboard.press('Tab')),
    );
    await changing(page, () => page.locator('#option-dim').fill('1'));
    // softmax over 12 … 15 and 16 … 19 is that of 0 … 3; half of them is the softmax of 0, ½, 1, 1½
    const softmax = (values: number[]) => values.map((value) => Math.exp(value) / values.reduce((sum, one) => sum + Math.exp(one), 0));
    const [p, q] = [softmax([0, 1, 2, 3]), softmax([0, 0.5, 1, 1.5])];
    const divergence = p.reduce((sum, mass, place) => sum + mass * Math.log(mass / q[place]), 0);
    assert.equal((await equation(page, 'distribution_mean')).split(' = ')[1], divergence.toPrecision(4));
    await changing(page, () => card('input').getByRole('button', { name: 'Remove the file' }).click());
    assert.ok(await page.locator('.operand.input .editor').isVisible());
  });

  test('a safetensors file with input and target is both sides', { skip }, async (t) => {
    const { page } = await explored(t);
    await choose(page, 'target', fixture('safetensors/transposed.safetensors'));
    assert.match(await page.locator('.operand.target .cm-content').innerText(), /-Infinity/);
  });

  test('a .csv file is rows, and a .json file may be a tensor or a whole request', { skip: skipHeld }, async (t) => {
    const { page } = await explored(t);
    await choose(page, 'input', named('this-week.csv', 'a,b,c\n5,3,2\n'));
    await choose(page, 'target', named('last-week.json', '[4, 4, 2]'));
    await changing(page, () => page.locator('#option-input_kind').selectOption('counts'));
    assert.equal(await equation(page, 'sum'), '0.02582 ÷ 1 = 0.02582');
    const request = { input: [[1, 2]], target: [[2, 1]], base: 2, reduction: ['sum'], dim: 1 };
    await choose(page, 'input', named('request.json', JSON.stringify(request)));
    assert.equal(await page.locator('#option-base').inputValue(), '2');
    assert.equal(await page.locator('[data-reduction]').count(), 1);
  });

  test('a file is dropped on a side', { skip }, async (t) => {
    const { page } = await explored(t);
    await changing(page, () =>
      page.locator('.operand.input').evaluate((target) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['[[1, 2], [3, 4]]'], 'a.json'));
        transfer.items.add(new File(['1,2\n4,3'], 'b.csv'));
        target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }),
    );
    assert.match(await page.locator('.operand.target .cm-content').innerText(), /4,3/);
    assert.match(await equation(page, 'mean'), /÷ 4 =/);
  });

  test('what cannot be read is said, and changes nothing', { skip }, async (t) => {
    const { page } = await explored(t);
    await page.locator('.operand.input input[type="file"]').setInputFiles([named('model.npy', 'no array') as never]);
    await page.waitForFunction(() => document.querySelector('#said')?.textContent?.includes('model.npy cannot be read'));
    assert.equal(await equation(page, 'batchmean'), '4.3808 ÷ 5 = 0.8762');
  });

  test('a million numbers are sent as bytes, drawn as means, and one distribution is derived alone', { skip }, async (t) => {
    const { page, complaints } = await explored(t);
    const sent: string[] = [];
    page.on(
      'request',
      (request) => request.method() === 'POST' && sent.push(`${request.headers()['content-type']} ${new URL(request.url()).pathname}`),
    );
    await watchTasks(page);
    await choose(page, 'input', largeFile(t, 1000, 1000));
    await page.waitForFunction(() => document.querySelector('.which')?.textContent?.includes('of 1000'));
    assert.match(await page.locator('.operand.input .card').innerText(), /\(1000, 1000\), 1 000 000 numbers, 3907 KiB/);
    assert.match(await page.locator('#divisors figcaption').innerText(), /each cell is the mean of 21 × \d+ of them/);
    assert.match(await equation(page, 'mean'), /÷ 1000000 =/);
    assert.ok(sent[0].startsWith('application/vnd.safetensors /v1/kl-divergence'), sent[0]);
    const derived = 'The 40 outcomes with the largest terms, of 1000. The other 960 together: P = ';
    await page.waitForFunction((words) => document.querySelector('#distribution figcaption')?.textContent?.startsWith(words), derived);
    assert.ok((await page.locator('.largest li').count()) === 10);
    t.diagnostic(`longest task: ${Math.round(await longestTask(page))} ms`);
    // a service without room says so, and is asked again
    assert.deepEqual(
      complaints.filter((words) => !words.includes('503')),
      [],
    );
  });

  test('of more outcomes than the service derives, those with the largest terms are drawn, and what all others have is said', {
    skip: skipHeld,
  }, async (t) => {
    const { page, complaints } = await explored(t);
    await choose(page, 'input', largeFile(t, 2, 30_000));
    await changing(page, () => page.locator('#option-dim').fill('1'));
    const words = () => page.locator('#distribution figcaption').innerText();
    await page.waitForFunction(() => document.querySelector('#distribution figcaption')?.textContent?.includes('of 30000'));
    assert.match(
      await words(),
      /^The 40 outcomes with the largest terms, of 30000\. The other 29960 together: P = 0\.9\d+, Q = 0\.9\d+, term /,
    );
    assert.equal(await page.locator('#distribution [data-part="y-axis tick label"] text').count(), 40);
    assert.deepEqual(complaints, []);
  });

  test('a large request shows its progress, and is cancelled', { skip }, async (t) => {
    const { page } = await explored(t);
    // the service gets the request, but its answer does not come
    await page.route('**/v1/kl-divergence?*', () => {});
    await page.locator('.operand.input input[type="file"]').setInputFiles(largeFile(t, 100, 1000));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)));
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await cancel.click();
    await settled(page);
    assert.match(await page.locator('#status .problem').innerText(), /Cancelled/);
    await page.unroute('**/v1/kl-divergence?*');
  });
}
