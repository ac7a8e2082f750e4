import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { endChild, nextMessage, tell } from '../child.ts';
import { inDigits } from '../digits.ts';
import { median } from '../rounds.ts';
import { atMost, type Place, type Row, row } from '../row.ts';
import { type Server, startWithLoopDelay } from '../servers.ts';

const sends = 3;
const group = 'hostile';
const million = 1_000_000;
const chunks = '10⁶ chunks of one byte';

/** What is sent, and the status that it must have. */
type Hostile = { readonly status: number; readonly headers: string; readonly body: Buffer };

/** Milliseconds. */
type Sample = { readonly delay: number; readonly longest: number; readonly duration: number };

const hostile: Readonly<Record<string, () => Hostile>> = {
  'gzip of 256 MiB': () => ({ status: 413, ...coded('gzip', gzipSync(Buffer.alloc(2 ** 28))) }),
  'brotli of 256 MiB': () => ({ status: 413, ...coded('br', brotliCompressSync(Buffer.alloc(2 ** 28))) }),
  [chunks]: () => ({ status: 200, headers: 'Transfer-Encoding: chunked', body: inChunksOfOne(numbers(million)) }),
  'lists nested 10⁶ deep': () => ({ status: 422, ...plain(`{"input": ${'['.repeat(million)}${']'.repeat(million)}, "target": [1]}`) }),
  '200 000 bad elements': () => ({ status: 422, ...plain(`{"input": [${'null,'.repeat(199_999)}null], "target": [1]}`) }),
};

/** What Node itself is busy with: a server that only receives is measured too. */
const isOfNode = (work: string) => work === chunks;

/** What attacks the event loop, each on a server of its own: whether it is refused as it should be, and how long the loop is held up. */
export async function hostileGroup(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [work, make] of Object.entries(hostile)) {
    const sent = make();
    rows.push(await delayed('ours', { group, work: 'one hostile body', variant: work }, sent, say));
    if (isOfNode(work))
      rows.push(await delayed('receive', { group, work: `${work}, sent to a server that only receives them` }, sent, say));
  }
  return rows;
}

async function delayed(name: 'ours' | 'receive', place: Place, sent: Hostile, say: (line: string) => void): Promise<Row> {
  const server = await startWithLoopDelay(name);
  try {
    const samples: Sample[] = [];
    for (let k = 0; k < sends; k++) samples.push(await sample(server, sent));
    const worst = Math.max(...samples.map(({ delay }) => delay));
    const longest = Math.max(...samples.map(({ longest }) => longest));
    const duration = median(samples.map(({ duration }) => duration));
    say(`${place.variant ?? place.work}: ${sent.status} in ${inDigits(duration)} ms, loop delay p99 ${inDigits(worst)} ms`);
    return row(place, 'ms that the event loop is late, p99', worst, name === 'ours' ? atMost(20) : undefined, {
      medians: { delay: worst, longest, duration },
      detail: `the highest of ${sends}; longest ${inDigits(longest)} ms; answered with ${sent.status} after ${inDigits(duration)} ms`,
    });
  } finally {
    await endChild(server.child);
  }
}

async function sample(server: Server, sent: Hostile): Promise<Sample> {
  tell(server.child, 'reset');
  const begin = performance.now();
  const status = await statusOf(server, sent);
  const duration = performance.now() - begin;
  tell(server.child, 'report');
  const delays = (await nextMessage(server.child)) as Pick<Sample, 'delay' | 'longest'>;
  if (status !== sent.status) throw new Error(`expected ${sent.status}, got ${status}`);
  return { ...delays, duration };
}

/** The status that the service answers with, when it has closed the connection. */
function statusOf({ origin }: Server, { headers, body }: Hostile): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(Number(text.split(' ')[1])));
    const head = 'POST /v1/kl-divergence HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json';
    socket.write(`${head}\r\n${headers}\r\n\r\n`);
    socket.write(body);
  });
}

function plain(text: string) {
  return { headers: `Content-Length: ${text.length}`, body: Buffer.from(text) };
}

function coded(coding: string, body: Buffer) {
  return { headers: `Content-Encoding: ${coding}\r\nContent-Length: ${body.length}`, body };
}

/** A request of so many bytes. */
function numbers(length: number): string {
  const half = '1,'.repeat(length / 4 - 20);
  return `{"input": [${half}1], "target": [${half}1], "reduction": "sum"}`.padEnd(length);
}

function inChunksOfOne(text: string): Buffer {
  return Buffer.from(`${[...text].map((character) => `1\r\n${character}\r\n`).join('')}0\r\n\r\n`);
}
