import autocannon from 'autocannon';
import { type Body, notebookBody } from '../bodies.ts';
import { cpuSeconds } from '../proc.ts';
import { median, medians } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';
import { type Server, withServers } from '../servers.ts';

const perBatch = 100;

/** Ways to send small problems: how many stand in a request. */
const ways = [
  { name: 'batches', path: '/v1/kl-divergence/batch', problems: perBatch, body: batchBody() },
  { name: 'single', path: '/v1/kl-divergence', problems: 1, body: notebookBody },
] as const;

/** Small problems a hundred to a request, beside one to a request. */
export async function batch(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    const microseconds: Record<string, number[]> = Object.fromEntries(ways.map(({ name }) => [name, []]));
    const measure = (way: (typeof ways)[number]) => problemsPerSecond(ours, way, microseconds[way.name]);
    const rates = await medians({ competitors: ways, warmUps: 1, rounds: 5, measure, say });
    const notes = Object.fromEntries(Object.entries(microseconds).map(([name, of]) => [name, `(${median(of).toFixed(1)} us CPU each)`]));
    const place = { group: 'batch', work: `JSON, ${perBatch} problems of 5 x 2 per request, 32 at a time`, unit: 'problems/s' };
    return ratioRows({ ...place, medians: rates, notes }, [{ over: 'batches', under: 'single', required: atLeast(5) }]);
  });
}

function batchBody(): Body {
  const { dim, ...tensors } = JSON.parse(notebookBody.bytes.toString());
  const bytes = Buffer.from(JSON.stringify({ defaults: { dim }, items: Array.from({ length: perBatch }, () => tensors) }));
  return { type: 'application/json', bytes };
}

async function problemsPerSecond({ origin, pid }: Server, { name, path, problems, body }: (typeof ways)[number], microseconds: number[]) {
  const before = cpuSeconds(pid);
  const result = await autocannon({
    url: `${origin}${path}`,
    method: 'POST',
    headers: { 'content-type': body.type },
    body: body.bytes,
    connections: 32,
    duration: 3,
  });
  if (result.errors + result.non2xx > 0) throw new Error(`${name} failed ${result.errors + result.non2xx} requests`);
  const answered = result['2xx'] * problems;
  microseconds.push((1e6 * (cpuSeconds(pid) - before)) / answered);
  return answered / result.duration;
}
