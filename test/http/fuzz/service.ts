import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { Pool } from 'undici';
import { started } from '../../service-process.ts';
import { seriesOf } from '../exposition.ts';
import type { Message } from './formats.ts';
import type { Response } from './verdict.ts';

/** The most elements of a tensor: few, so that too many are few too. */
export const maxElements = 1000;

/** After each the service does not read the connection for 100 ms. */
const mostRefusals = 50;

export type Service = Awaited<ReturnType<typeof service>>;

/** A service as a process of its own, so that the work of a test does not hold up its event loop, and how it is asked. */
async function service(t: TestContext, env: Record<string, string>) {
  const { port, lines } = await started(t, { MAX_ELEMENTS: String(maxElements), WORKERS: '1', ...env });
  const client = new Pool(`http://127.0.0.1:${port}`, { headersTimeout: 10_000, bodyTimeout: 10_000 });
  t.after(() => client.destroy());

  /** Sends a message; with a `cut`, in two chunks. What is refused because other processes have the cores is sent again. */
  async function send(message: Message, cut?: number): Promise<Response> {
    for (let left = mostRefusals; ; left--) {
      const response = await sendOnce(message, cut);
      if (response.status !== 503 || left === 0) return response;
    }
  }

  async function sendOnce({ path, headers, body }: Message, cut?: number): Promise<Response> {
    const chunks = cut === undefined ? body : Readable.from(inTwo(body, Math.floor(cut * body.length)));
    const answer = await client.request({ path, method: 'POST', headers: { ...headers }, body: chunks });
    const type = String(answer.headers['content-type']);
    return { status: answer.statusCode, type, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) };
  }

  /** Ends when nothing is in flight: a client may have its answer before the service has closed it. */
  async function settled(): Promise<void> {
    const deadline = Date.now() + 5000;
    for (;;) {
      const series = seriesOf(await (await client.request({ path: '/metrics', method: 'GET' })).body.text());
      // the scrape is a request in flight too
      const busy = [...series].filter(([name, value]) => gauges.test(name) && value !== Number(name === 'kl_http_requests_in_flight'));
      if (busy.length === 0) return;
      assert.ok(Date.now() < deadline, `still in flight: ${JSON.stringify(busy)}`);
    }
  }

  return { send, settled, lines };
}

const gauges = /^kl_(http_requests_in_flight|queue_depth|running|bytes_in_flight|elements_in_flight)\b/;

async function* inTwo(body: Buffer, at: number): AsyncGenerator<Buffer> {
  yield body.subarray(0, at);
  await new Promise((resolve) => setImmediate(resolve));
  yield body.subarray(at);
}

/** Where bodies are computed: on the event loop, or in a thread, whatever their length. */
const places = { loop: { INLINE_LIMIT_BYTES: '1000000' }, thread: { INLINE_LIMIT_BYTES: '0' } };

/** A service for each place. */
export async function services(t: TestContext): Promise<Readonly<Record<keyof typeof places, Service>>> {
  const [loop, thread] = await Promise.all([service(t, places.loop), service(t, places.thread)]);
  return { loop, thread };
}

/** Nothing is in flight, no thread was lost, and nothing was logged that is an error of the service. */
export async function assertCalm(all: Readonly<Record<string, Service>>): Promise<void> {
  for (const { settled, lines } of Object.values(all)) {
    await settled();
    assert.deepEqual(
      lines.filter(({ level }) => Number(level) >= 50),
      [],
    );
  }
}
