import autocannon from 'autocannon';
import { type Body, notebookBody } from '../bodies.ts';
import { inGroups } from '../digits.ts';
import { warm } from '../post.ts';
import { cpuSeconds } from '../proc.ts';
import { median, medians } from '../rounds.ts';
import { atLeast, atMost, type Row, ratioRows, row } from '../row.ts';
import { type Server, withServers } from '../servers.ts';

const perBatch = 100;

/** V8 compiles the path of a batch in a thread over about a thousand, of which up to three threads take their share. */
const warmUps = 4;

/** One reference against many windows: how many, and of how many outcomes. */
const windows = 1000;
const outcomes = 100;

/** Ways to send small problems: how many stand in a request. */
const ways = [
  { name: 'batches', path: '/v1/kl-divergence/batch', problems: perBatch, body: batchBody() },
  { name: 'single requests', path: '/v1/kl-divergence', problems: 1, body: notebookBody },
] as const;

/** One reference and many windows: the reference once, or in every item. */
const references = [
  { name: 'reference in `defaults`', path: '/v1/kl-divergence/batch', problems: windows, body: windowsBody(true) },
  { name: 'in every item', path: '/v1/kl-divergence/batch', problems: windows, body: windowsBody(false) },
] as const;

/** Small problems a hundred to a request, beside one to a request. */
export async function batch(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    await warm(ours);
    const microseconds: Record<string, number[]> = Object.fromEntries(ways.map(({ name }) => [name, []]));
    const latencies: Record<string, Latency[]> = Object.fromEntries(ways.map(({ name }) => [name, []]));
    const measure = (way: (typeof ways)[number]) => problemsPerSecond(ours, way, microseconds[way.name], latencies[way.name]);
    const rates = await medians({ competitors: ways, warmUps, rounds: 5, measure, say });
    const notes = Object.fromEntries(
      Object.entries(microseconds).map(([name, of]) => [name, `(${median(of.slice(warmUps)).toFixed(1)} us CPU each)`]),
    );
    const place = { group: 'batch', work: `${perBatch} problems of 5 × 2 to a request, JSON, 32 at a time`, unit: 'problems/s' };
    const rows = ratioRows({ ...place, medians: rates, notes }, [{ over: 'batches', under: 'single requests', required: atLeast(5) }]);
    const measured = latencies.batches.slice(warmUps);
    const p50 = median(measured.map((latency) => latency.p50));
    const p99 = median(measured.map((latency) => latency.p99));
    const waits = row(place, 'p99 ÷ p50 of batches', p99 / p50, atMost(10), {
      unit: 'ms',
      medians: { p99, p50 },
      detail: `${p99} ms; ${p50} ms`,
    });
    const shared = await medians({ competitors: references, warmUps: 1, rounds: 5, measure: (way) => problemsPerSecond(ours, way), say });
    const work = `one reference against ${inGroups(windows)} windows of ${outcomes} outcomes in a batch, JSON, 4 at a time`;
    return [
      ...rows,
      waits,
      ...ratioRows({ ...place, work, medians: shared }, [
        { over: 'reference in `defaults`', under: 'in every item', required: atLeast(1.6) },
      ]),
    ];
  });
}

function windowsBody(isShared: boolean): Body {
  const row = () => [Array.from({ length: outcomes }, () => Math.ceil(1000 * Math.random()))];
  const input = row();
  const options = { input_kind: 'counts', target_kind: 'counts', reduction: 'distribution_mean' };
  const items = Array.from({ length: windows }, () => ({ ...(isShared ? {} : { input }), target: row() }));
  const bytes = Buffer.from(JSON.stringify({ defaults: { ...options, ...(isShared ? { input } : {}) }, items }));
  return { type: 'application/json', bytes };
}

function batchBody(): Body {
  const { dim, ...tensors } = JSON.parse(notebookBody.bytes.toString());
  const bytes = Buffer.from(JSON.stringify({ defaults: { dim }, items: Array.from({ length: perBatch }, () => tensors) }));
  return { type: 'application/json', bytes };
}

type Way = { readonly name: string; readonly path: string; readonly problems: number; readonly body: Body };

/** Of the requests of a round, in ms. */
type Latency = { readonly p50: number; readonly p99: number };

async function problemsPerSecond(
  { origin, pid }: Server,
  { name, path, problems, body }: Way,
  microseconds: number[] = [],
  latencies: Latency[] = [],
) {
  const before = cpuSeconds(pid);
  const result = await autocannon({
    url: `${origin}${path}`,
    method: 'POST',
    headers: { 'content-type': body.type },
    body: body.bytes,
    connections: problems === windows ? 4 : 32,
    duration: 0.6,
  });
  if (result.errors + result.non2xx > 0) throw new Error(`${name} failed ${result.errors + result.non2xx} requests`);
  const answered = result['2xx'] * problems;
  microseconds.push((1e6 * (cpuSeconds(pid) - before)) / answered);
  latencies.push(result.latency);
  return answered / result.duration;
}
