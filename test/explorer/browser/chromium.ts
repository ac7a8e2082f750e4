import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** The headless shell draws and runs pages as Chromium does, and takes half of its CPU time. */
const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

const executable = names.map((name) => `/usr/bin/${name}`).find(existsSync);

/** Why tests with Chromium are skipped, or false. */
export const skip = executable === undefined ? 'no Chromium is installed here; .ci/run installs it' : false;

const args = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // each page is of this service: a process for each visit would only cost time
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
  // Chromium's own sandbox does not start for root, who runs containers and CI
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: executable ?? '', args });
}
