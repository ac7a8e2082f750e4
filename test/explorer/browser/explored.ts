import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import axe from 'axe-core';
import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startedApp } from '../../helper.ts';
import { startChromium } from './chromium.ts';

export { skip } from './chromium.ts';

/** A browser, a service and a page that all tests use after one another: each of them takes a second to start. */
type Shared = {
  readonly browser: Browser;
  readonly page: Page;
  /** The origin of the service that is so prepared. */
  readonly originOf: (prepare: Given['prepare']) => Promise<string>;
  readonly complaints: string[];
  readonly close: () => Promise<unknown>;
};

let shared: Promise<Shared> | undefined;

async function start(): Promise<Shared> {
  const browser = await startChromium();
  const ends: (() => unknown)[] = [];
  const origins = new Map<Given['prepare'], Promise<string>>();
  function originOf(prepare: Given['prepare']): Promise<string> {
    const origin = origins.get(prepare) ?? listening({ after: (end: () => unknown) => ends.push(end) }, { prepare });
    origins.set(prepare, origin);
    return origin;
  }
  const opened = await opening(browser, {});
  const close = async () => {
    await browser.close();
    for (const end of ends) await end();
  };
  return { browser, originOf, ...opened, close };
}

export async function closeShared(): Promise<void> {
  await (await shared)?.close();
}

/** Starts a service and returns its origin. */
async function listening(
  t: { readonly after: (end: () => unknown) => unknown },
  { env = {}, prepare }: Pick<Given, 'env' | 'prepare'>,
): Promise<string> {
  const { app } = await startedApp(t as TestContext, { LOG_LEVEL: 'fatal', ...env }, prepare);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function opening(browser: Browser, context: BrowserContextOptions) {
  const opened = await browser.newContext({
    viewport: { width: 1400, height: 1000 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...context,
  });
  const page = await opened.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

/** The explorer in a page, and what the browser complains about. */
export type Explored = { readonly page: Page; readonly origin: string; readonly complaints: readonly string[] };

type Given = {
  readonly env?: Record<string, string>;
  readonly context?: BrowserContextOptions;
  readonly prepare?: ((app: FastifyInstance) => void) | undefined;
};

/** Opens the explorer anew, with its first example: of a shared service, or of one with settings of its own, which may ask for a key. */
export async function explored(t: TestContext, given: Given = {}): Promise<Explored> {
  const { env, context, prepare } = given;
  shared ??= start();
  const { browser, originOf, ...common } = await shared;
  const own = env === undefined && context === undefined ? undefined : await opening(browser, context ?? {});
  if (own !== undefined) t.after(() => own.page.context().close());
  const { page, complaints } = own ?? common;
  const origin = env === undefined ? await originOf(prepare) : await listening(t, given);
  // what the page before complains of as it goes is of another test
  page.once('framenavigated', () => {
    complaints.length = 0;
  });
  await page.goto(`${origin}/`);
  if (env === undefined) await settled(page);
  return { page, origin, complaints };
}

/** Waits until everything that the page asked for has been answered and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.body.dataset.state === 'settled');
}

/** Does something that changes the request, and waits for what follows from it. */
export async function changing(page: Page, change: () => Promise<unknown>): Promise<void> {
  const before = await page.evaluate(() => document.body.dataset.settled ?? '0');
  await change();
  await page.waitForFunction((count) => document.body.dataset.state === 'settled' && document.body.dataset.settled !== count, before);
}

export async function chooseExample(page: Page, name: string): Promise<void> {
  if ((await page.locator(`[data-example="${name}"]`).getAttribute('aria-pressed')) === 'true') return;
  await changing(page, () => page.locator(`[data-example="${name}"]`).click());
}

/** The text of an equation: `4.3808 ÷ 5 = 0.8762`. */
export async function equation(page: Page, reduction: string): Promise<string> {
  return (await page.locator(`[data-reduction="${reduction}"] .equation`).innerText()).replaceAll(/\s+/g, ' ').trim();
}

/** Writes a text into the editor of a side, in the place of what it has. */
export async function write(page: Page, side: string, text: string): Promise<void> {
  const editor = page.locator(`.operand.${side} .cm-content`);
  await editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await changing(page, () => page.keyboard.insertText(text));
}

/** What axe-core finds, each with the elements that it finds it at. */
export async function violations(page: Page): Promise<string[]> {
  // a policy without eval lets no script in by text but through the debugger, which evaluate uses
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: engine } = window as unknown as { axe: typeof import('axe-core') };
    const { violations: found } = await engine.run(document, { resultTypes: ['violations'] });
    return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`));
  });
}
