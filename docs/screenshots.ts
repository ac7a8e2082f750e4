import { existsSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';

type Shot = {
  readonly file: string;
  readonly example: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** The part of the page that is taken, if not what fits the window. */
  readonly part?: string;
};

/** The pictures of the explorer in the documentation. */
const shots: readonly Shot[] = [
  { file: 'explorer.png', example: 'notebook-5x2', width: 1400, height: 920, colorScheme: 'light' },
  { file: 'explorer-dark.png', example: 'drift', width: 1240, height: 900, colorScheme: 'dark', part: '#samples' },
  { file: 'explorer-phone.png', example: 'notebook-10x6x4', width: 390, height: 844, colorScheme: 'light' },
];

const folder = fileURLToPath(new URL('./images/', import.meta.url));
mkdirSync(folder, { recursive: true });

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (executablePath === undefined) throw new Error('the pictures of the documentation are taken with Chromium, which is not installed');

const { app } = await buildApp(readConfig({}), pino({ level: 'silent' }));
await app.listen({ port: 0, host: '127.0.0.1' });
// Chromium's own sandbox does not start for root
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
for (const { file, example, width, height, colorScheme, part } of shots) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`);
  await page.locator('body[data-state="settled"]').waitFor();
  if (example !== 'notebook-5x2') {
    await page.locator(`[data-example="${example}"]`).click();
    await page.locator('body[data-settled="2"]').waitFor();
  }
  await (part === undefined ? page : page.locator(part)).screenshot({ path: `${folder}${file}` });
  await page.close();
}
await browser.close();
await app.close();
