import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type Body, jsonBody } from '../bodies.ts';
import { endChild, nextMessage, startHelper, tell } from '../child.ts';
import { inDigits } from '../digits.ts';
import { postPiecewise } from '../piecewise.ts';
import { timedPost } from '../post.ts';
import { median, quantile } from '../rounds.ts';
import { absentRow, atMost, type Row, row } from '../row.ts';
import { type Server, withServers } from '../servers.ts';

const group = 'faults';
/** So many requests at a time that not all can be answered before the deadline, in ms. */
const deadlines = [
  { deadline: 50, together: 4 },
  { deadline: 200, together: 8 },
  { deadline: 1000, together: 24 },
];
const rounds = 4;
/** When clients go away, as shares of the time that their answer would take. */
const phases = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85];
const inFlightAtEnd = 3;

type Say = (line: string) => void;

/** How soon the service lets go: of work whose time is over, of clients that are gone, and of itself. */
export async function faults(say: Say): Promise<Row[]> {
  const long = jsonBody(1_000_000, { reduction: 'all' });
  const usual = jsonBody(1_000_000);
  return [
    ...(await withServers(['ours'], {}, ({ servers: [ours] }) => lateness(ours, long, say))),
    await withServers(['ours'], { WORKERS: '1' }, ({ servers: [ours] }) => freed(ours, long, usual, say)),
    ...(await withServers(['ours'], { SHUTDOWN_DELAY_MS: '0' }, ({ servers: [ours] }) => ending(ours, usual, say))),
    await replacing(say),
  ];
}

/** How long after its deadline a request is answered. An answer that comes late is late, whatever it says. */
async function lateness(ours: Server, body: Body, say: Say): Promise<Row[]> {
  const rows: Row[] = [];
  const port = Number(new URL(ours.origin).port);
  for (const { deadline, together } of deadlines) {
    const work = '`X-Request-Timeout` on 2 × (10 000 × 100) as JSON, all reductions';
    const place = { group, work, variant: `${deadline} ms, ${together} at a time` };
    const figure = 'ms from the deadline to an answer after it, p99';
    const late: number[] = [];
    const statuses: Record<number, number> = {};
    for (let round = 0; round < rounds; round++) {
      const headers = { 'x-request-timeout': String(deadline) };
      for (const { status, ms } of await Promise.all(Array.from({ length: together }, () => postPiecewise(port, body, headers)))) {
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (ms > deadline) late.push(ms - deadline);
      }
    }
    const met = Object.entries(statuses).map(([status, count]) => `${count} times ${status}`);
    const detail = `${met.join(', ')}; ${late.length} of them after the deadline`;
    say(`${deadline} ms: ${detail}`);
    const measured = late.length === 0 ? 0 : quantile(late, 0.99);
    rows.push(row(place, figure, measured, atMost(50), { medians: late.length === 0 ? {} : { late: median(late) }, detail }));
  }
  return rows;
}

const dispatcher = new Agent({ headersTimeout: 300_000, bodyTimeout: 300_000 });

/** The status of an answer, and the milliseconds until it was known; what follows is not read. */
async function answered({ origin }: Server, { type, bytes }: Body, headers: Record<string, string>, signal?: AbortSignal) {
  const begin = performance.now();
  const sent = {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: bytes,
    ...(signal && { signal }),
  } as const;
  const { statusCode, body } = await request(`${origin}/v1/kl-divergence`, sent);
  const ms = performance.now() - begin;
  body.on('error', () => {}).destroy();
  return { status: statusCode, ms };
}

/** How much longer a request takes when the only thread has just lost its client. */
async function freed(ours: Server, long: Body, usual: Body, say: Say): Promise<Row> {
  const place = { group, work: '2 × (10 000 × 100) as JSON after a client that went away, one thread' };
  const figure = 'ms more than normally';
  const normal: number[] = [];
  const after: number[] = [];
  await timedPost(ours, usual);
  await answered(ours, long, {});
  const { ms: whole } = await answered(ours, long, {});
  for (const phase of phases) {
    normal.push(await timedPost(ours, usual));
    const leaving = new AbortController();
    const gone = answered(ours, long, {}, leaving.signal).then(
      () => false,
      () => true,
    );
    await sleep(phase * whole);
    leaving.abort();
    const ms = await timedPost(ours, usual);
    // one that had its answer before it left tells nothing
    if (await gone) after.push(ms);
  }
  if (after.length === 0) return absentRow(place, figure, 'every client had its answer before it went', atMost(100));
  const beyond = after.map((ms) => Math.max(0, ms - median(normal)));
  const detail = `at ${after.length} of ${phases.length} moments of ${inDigits(whole)} ms; longest ${inDigits(Math.max(...beyond))} ms`;
  say(`after a client that went away: ${beyond.map(Math.round).join(', ')} ms more than ${inDigits(median(normal))} ms`);
  const medians = { after: median(after), normal: median(normal) };
  return row(place, figure, median(beyond), atMost(100), { medians, detail });
}

/** SIGTERM while requests are computed and hostile sockets are open: what becomes of the requests, and when the process is gone. */
async function ending(ours: Server, body: Body, say: Say): Promise<Row[]> {
  const place = {
    group,
    work: `SIGTERM with ${inFlightAtEnd} large requests under way, and sockets that are silent or send half a request`,
  };
  await timedPost(ours, body);
  const hostile = [
    '',
    'POST /v1/kl-divergence HTTP/1.1\r\nHost',
    'POST /v1/kl-divergence HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n{',
  ];
  const sockets = await Promise.all(hostile.map((text) => opened(ours, text)));
  const inFlight = Array.from({ length: inFlightAtEnd }, () =>
    timedPost(ours, body).then(
      () => ({ lost: false, at: performance.now() }),
      () => ({ lost: true, at: performance.now() }),
    ),
  );
  await sleep(50);
  const begin = performance.now();
  ours.child.kill('SIGTERM');
  const [[code], ...answers] = await Promise.all([once(ours.child, 'exit'), ...inFlight]);
  const gone = performance.now();
  for (const socket of sockets) socket.destroy();
  const last = Math.max(...answers.map(({ at }) => at));
  const lost = answers.filter((answer) => answer.lost).length;
  const detail = `exit ${Math.round(gone - begin)} ms after the signal, last answer after ${Math.round(last - begin)} ms; exit code ${code}`;
  say(detail);
  return [
    row(place, 'ms from the last answer to the exit', gone - last, atMost(1000), { medians: {}, detail }),
    row(place, 'requests lost', lost, atMost(0), { medians: {}, detail: `of ${inFlightAtEnd}` }),
    row(place, 'exit code', code ?? Number.NaN, atMost(0), { medians: {}, detail: '' }),
  ];
}

/** How long after a request that took its thread with it all threads are at work again, at the same time. */
async function replacing(say: Say): Promise<Row> {
  const child = await startHelper('lost-threads');
  try {
    tell(child, 'go');
    const wholeAfter = (await nextMessage(child)) as { fault: string; ms: number }[];
    const times = wholeAfter.map(({ ms }) => ms);
    const place = { group, work: 'threads that throw, exit, run out of memory or loop for ever' };
    const worst = wholeAfter.find(({ ms }) => ms === Math.max(...times));
    const detail = `median ${inDigits(median(times))} ms; at worst after one that ${worst?.fault}`;
    say(`pool whole after ${times.map(Math.round).join(', ')} ms`);
    const figure = `ms until all threads are at work again, worst of ${times.length}`;
    return row(place, figure, Math.max(...times), atMost(250), { medians: { whole: median(times) }, detail });
  } finally {
    await endChild(child);
  }
}

async function opened({ origin }: Server, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write(text);
  return socket;
}
