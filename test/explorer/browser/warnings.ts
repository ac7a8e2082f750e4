import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyNth } from '../../cases.ts';
import { cases } from '../../warnings/warning-cases.ts';
import { changing, explored, skip } from './explored.ts';

/** Each warning of the catalogue, by the first request that raises it. */
export function warningTests(): void {
  test('each warning of the catalogue is said on the page, beside what it is about', { skip }, async (t) => {
    const { page } = await explored(t);
    for (const [code, { raises }] of everyNth(t, Object.entries(cases), 8)) {
      const file = { name: 'request.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(raises[0])) };
      await changing(page, () => page.locator('.operand.input input[type="file"]').setInputFiles(file));
      const notes = page.locator(`.note[data-code="${code}"]`);
      assert.ok((await notes.count()) > 0, `${code} is not said: ${await page.locator('#status').innerText()}`);
    }
  });
}
