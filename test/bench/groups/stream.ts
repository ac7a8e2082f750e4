import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { notebookBody } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { residentBytes } from '../proc.ts';
import { atMost, type Row, row } from '../row.ts';
import { type Server, withServers } from '../servers.ts';

const lines = 1_000_000;
const linesPerPiece = 1_000;
const between = 100;

/** Memory over a stream that is sent and read as fast as both sides can, and how fast that is. */
export async function stream(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    await timedPost(ours, notebookBody);
    await sleep(500);
    const idle = residentBytes(ours.pid).now;
    // the heaps of three threads grow to their size, however much is streamed
    await streamed(ours, lines / 2).done;
    const begin = performance.now();
    const { first, last } = await highestWhile(ours, streamed(ours, lines));
    const perSecond = lines / ((performance.now() - begin) / 1000);
    const above = residentBytes(ours.pid).peak - idle;
    say(
      `${Math.round(perSecond)} lines/s; ${inMegabytes(first)} in the first half, ${inMegabytes(last)} in the last, ${inMegabytes(idle)} idle`,
    );
    const place = { group: 'stream', work: 'a stream of 10⁶ lines of 5 × 2, after one of half as many' };
    const detail = `${inMegabytes(last)}; ${inMegabytes(first)}`;
    const medians = { first, last, idle };
    return [
      row(place, 'memory at its highest, last half ÷ first', last / first, atMost(1.2), {
        unit: 'MB',
        medians: { last: last / 1e6, first: first / 1e6 },
        detail,
      }),
      row(place, 'MB at the peak above idle', above / 1e6, undefined, { medians, detail: `above ${inMegabytes(idle)} idle` }),
      row(place, 'lines/s', perSecond, undefined, { medians: {}, detail: '' }),
    ];
  });
}

/** Sends lines, and reads the answers meanwhile; tells how much of it is done. */
function streamed({ origin }: Server, count: number): { done: Promise<void>; progress: () => number } {
  const piece = Buffer.concat(Array.from({ length: linesPerPiece }, () => Buffer.concat([notebookBody.bytes, Buffer.from('\n')])));
  const sending = request(`${origin}/v1/kl-divergence/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
  let sent = 0;
  const send = async () => {
    for (; sent < count; sent += linesPerPiece) if (!sending.write(piece)) await once(sending, 'drain');
    sending.end();
  };
  const read = async () => {
    const [reply] = await once(sending, 'response');
    let end = Buffer.alloc(0);
    for await (const chunk of reply) end = chunk;
    if (!end.toString().endsWith(`{"totals":{"lines":${count},"answered":${count},"refused":0}}\n`))
      throw new Error('not every line was answered');
  };
  sending.flushHeaders();
  return { done: Promise.all([send(), read()]).then(() => {}), progress: () => sent / count };
}

/** The highest resident memory in each half of the work. */
async function highestWhile({ pid }: Server, { done, progress }: ReturnType<typeof streamed>): Promise<{ first: number; last: number }> {
  const highest = { first: 0, last: 0 };
  const sampling = setInterval(() => {
    const half = progress() < 0.5 ? 'first' : 'last';
    highest[half] = Math.max(highest[half], residentBytes(pid).now);
  }, between);
  try {
    await done;
  } finally {
    clearInterval(sampling);
  }
  return highest;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
