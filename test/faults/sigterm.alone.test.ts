import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { closing, exitOf, started, textOf } from '../service-process.ts';

const path = '/v1/kl-divergence';
const small = JSON.stringify({ input: [1, 2], target: [2, 1] });
const row = Array.from({ length: 1000 }, (_, k) => -(k % 9));
const rows = Array(250).fill(row);
/** Some hundred milliseconds of a thread's time. */
const large = JSON.stringify({ input: rows, target: rows, input_kind: 'log_probs', target_kind: 'logits' });
/** Its answer is far more than sockets buffer. */
const loud = JSON.stringify({ input: [...rows, ...rows], target: [...rows, ...rows], reduction: 'all' });

const head = (to: string, length: number) =>
  `POST ${to} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
const streamHead = `POST ${path}/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`;
const line = `${(small.length + 1).toString(16)}\r\n${small}\n\r\n`;

/** Who would hold the process for as long as it lets them. */
const hostile: Record<string, string> = {
  silent: '',
  'half a head': 'GET /livez HTTP/1.1\r\nHost',
  'half a body': head(path, small.length) + small.slice(0, 9),
  'half a large body': head(path, large.length) + large.slice(0, 100_000),
  'idle, kept alive': 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n',
  'an answer that nobody reads': head(path, loud.length) + loud,
};

async function opened(t: TestContext, port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** The status of an answer that came whole, on a connection of its own. */
async function post(port: number, body: string): Promise<{ status: number | undefined; connection: string | undefined }> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers, agent: false });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  await answer.toArray();
  return { status: answer.statusCode, connection: answer.headers.connection };
}

test('SIGTERM under load, with hostile connections open: all that is asked until nobody sends is answered, and the process exits with 0', async (t) => {
  const { child, lines, port } = await started(t, { SHUTDOWN_DELAY_MS: '2000', REQUEST_TIMEOUT_MS: '3000', WORKERS: '1' });
  for (const text of Object.values(hostile)) await opened(t, port, text);
  const stream = await opened(t, port, streamHead);
  const streamed = textOf(stream);
  const endless = setInterval(() => stream.write(line), 20);
  t.after(() => clearInterval(endless));

  const answered = { before: 0, after: 0 };
  let told = false;
  async function client(body: string): Promise<void> {
    while (!told) {
      const { status } = await post(port, body);
      assert.equal(status, 200);
      answered.before++;
    }
  }
  const load = Promise.all([small, small, small, large, large].map(client));
  while (answered.before < 50) await sleep(10);

  const begin = performance.now();
  child.kill('SIGTERM');
  await closing(lines);
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
  const live = await fetch(`http://127.0.0.1:${port}/livez`);
  assert.deepEqual([ready.status, live.status], [503, 200]);
  // who asks now has not heard of it yet
  for (const body of [small, large]) {
    assert.deepEqual(await post(port, body), { status: 200, connection: 'close' });
    answered.after++;
  }
  told = true;
  await load;
  const lastAnswer = performance.now();

  const text = await streamed;
  assert.equal(await exitOf(child), 0);
  const gone = performance.now();
  const last = text.split('\n').filter((each) => each.startsWith('{'));
  const { totals } = JSON.parse(last.at(-1) ?? '{}');
  assert.match(last.at(-2) ?? '', /"status":503.*SHUTTING_DOWN/);
  assert.equal(totals.lines, last.length - 1);
  assert.deepEqual([totals.answered, totals.refused], [last.length - 2, 1]);
  t.diagnostic(
    `${answered.before} requests were answered, the last ${Math.round(lastAnswer - begin)} ms after SIGTERM, ${totals.answered} lines of the stream; ` +
      `exit ${Math.round(gone - begin)} ms after SIGTERM, with SHUTDOWN_DELAY_MS 2000 and REQUEST_TIMEOUT_MS 3000`,
  );
});
