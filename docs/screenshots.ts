import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';

type Shot = {
  readonly file: string;
  /** The example that is chosen; none for a job. */
  readonly example?: string;
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
  { file: 'explorer-jobs.png', width: 1400, height: 1040, colorScheme: 'light' },
];

const folder = fileURLToPath(new URL('./images/', import.meta.url));
mkdirSync(folder, { recursive: true });

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (executablePath === undefined) throw new Error('the pictures of the documentation are taken with Chromium, which is not installed');

// what the picture of a job shows of this machine
const models = join(tmpdir(), 'models');
mkdirSync(models, { recursive: true });
for (const [name, shift] of Object.entries({ reference: 0, quantised: 0.1 }))
  writeFileSync(join(models, `${name}.safetensors`), logits(shift));
const env = { JOB_SOURCES: pathToFileURL(models).href, JOBS_DIR: join(models, 'jobs'), JOB_WORKERS: '1' };

const { app } = await buildApp(readConfig(env), pino({ level: 'silent' }));
await app.listen({ port: 0, host: '127.0.0.1' });
const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
// Chromium's own sandbox does not start for root
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
for (const { file, example, width, height, colorScheme, part } of shots) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(`${origin}/${example === undefined ? `#jobs/${await submitJob()}` : ''}`);
  if (example === undefined) await page.locator('#job .badge[data-status="succeeded"]').waitFor();
  else await page.locator('body[data-state="settled"]').waitFor();
  if (example !== undefined && example !== 'notebook-5x2') {
    await page.locator(`[data-example="${example}"]`).click();
    await page.locator('body[data-settled="2"]').waitFor();
  }
  await (part === undefined ? page : page.locator(part)).screenshot({ path: `${folder}${file}` });
  await page.close();
}
await browser.close();
await app.close();
rmSync(models, { recursive: true });

/** Logits of some thousand tokens as safetensors: those of two shifts are nearly equal, a few tokens apart. */
function logits(shift: number): Buffer {
  const [tokens, vocabulary] = [4000, 64];
  const far = (token: number) => (token % 997 === 0 ? 12 : 1);
  const numbers = Float32Array.from({ length: tokens * vocabulary }, (_, at) => {
    const token = Math.floor(at / vocabulary);
    return 6 * Math.sin(at * 12.9898 + Math.cos(at)) ** 3 + shift * far(token) * Math.sin(token) * Math.cos(at * 1.3);
  });
  const header = JSON.stringify({ logits: { dtype: 'F32', shape: [tokens, vocabulary], data_offsets: [0, numbers.byteLength] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(numbers.buffer)]);
}

/** Submits a job over both files, and returns its id. */
async function submitJob(): Promise<string> {
  const [input, target] = ['quantised', 'reference'].map((name) => ({ uri: pathToFileURL(join(models, `${name}.safetensors`)).href }));
  const body = JSON.stringify({ input, target, statistics: true });
  const answer = await fetch(`${origin}/v1/jobs`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  return ((await answer.json()) as { id: string }).id;
}
