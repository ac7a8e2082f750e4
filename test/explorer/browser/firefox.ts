import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const executable = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);

/** Why the test with Firefox is skipped, or false. */
export const skip = executable === undefined ? 'no Firefox is installed here' : false;

type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly params?: { readonly level: string; readonly text: string };
};

let shared: ReturnType<typeof startFirefox> | undefined;
after(async () => (await shared)?.close());

/** Opens a page in the one Firefox that all tests of a file share; complaints are those about this page. */
export async function firefoxAt(url: string) {
  shared ??= startFirefox();
  const { open, evaluate, complaints } = await shared;
  complaints.length = 0;
  await open(url);
  return { evaluate, complaints };
}

/**
 * Starts Firefox without a window and drives it by WebDriver BiDi: playwright-core drives only a Firefox of its own.
 * https://www.w3.org/TR/webdriver-bidi/
 */
async function startFirefox() {
  const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const firefox = spawn(executable ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } });
  const close = async () => {
    firefox.kill();
    if (firefox.exitCode === null) await once(firefox, 'exit');
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  const socket = new WebSocket(`${await addressOf(firefox)}/session`);
  await once(socket, 'open');
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const complaints: string[] = [];
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, message, params }: Message = JSON.parse(String(data));
    if (id === undefined) return void (params?.level === 'error' && complaints.push(params.text));
    const one = waiting.get(id);
    if (error === undefined) one?.resolve(result);
    else one?.reject(new Error(`${error}: ${message}`));
  });
  const send = (method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>();
    const id = waiting.size + 1;
    waiting.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  };
  await send('session.new', { capabilities: {} });
  await send('session.subscribe', { events: ['log.entryAdded'] });
  const { contexts } = (await send('browsingContext.getTree', {})) as { contexts: { context: string }[] };
  const [{ context }] = contexts;
  const open = (url: string) => send('browsingContext.navigate', { context, url, wait: 'complete' });
  /** Returns the text that an expression has in the page. */
  const evaluate = async (expression: string): Promise<string> => {
    const { result } = (await send('script.evaluate', { expression, target: { context }, awaitPromise: true })) as {
      result: { value: string };
    };
    return result.value;
  };
  return { open, evaluate, complaints, close };
}

/** Firefox says where it listens. */
async function addressOf({ stderr }: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of stderr ?? []) {
    said += chunk;
    const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`Firefox does not say where it listens: ${said}`);
}
