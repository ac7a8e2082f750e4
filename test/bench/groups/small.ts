import { notebookBody } from '../bodies.ts';
import { cpuSeconds } from '../proc.ts';
import { median, medians } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';
import { sameSums } from '../same-sums.ts';
import { type Server, withServers } from '../servers.ts';
import { compilePath, sendSmall } from '../small-requests.ts';

const ratios = [
  { over: 'ours', under: 'bare', required: atLeast(0.75) },
  { over: 'ours', under: 'rust' },
  { over: 'ours', under: 'go' },
  { over: 'ours', under: 'axum' },
  { over: 'ours', under: 'idiomatic', required: atLeast(8) },
  { over: 'ours', under: 'tuned', required: atLeast(5) },
];

const work = '5 × 2 as JSON, 32 at a time';

const cpuRatios = [
  { over: 'ours', under: 'bare' },
  { over: 'ours', under: 'rust' },
];

/** What a round says of the CPU: microseconds of the server per request, and how busy both sides were. */
type Load = { readonly microseconds: number; readonly server: number; readonly generator: number };

/** Small requests, 32 at a time. */
export async function small(say: (line: string) => void): Promise<Row[]> {
  const answer = await withServers(['ours'], {}, ({ servers }) => ourAnswer(servers[0]));
  return withServers(['ours', 'bare', 'rust', 'go', 'axum', 'idiomatic', 'tuned'], { ANSWER: answer }, async ({ servers, absent }) => {
    await sameSums(servers, notebookBody);
    // the others are compiled beforehand, or interpreted
    for (const server of servers) if (server.name === 'ours' || server.name === 'bare') await compilePath(server);
    const loads: Record<string, Load[]> = Object.fromEntries(servers.map(({ name }) => [name, []]));
    const measure = (server: Server) => requestsPerSecond(server, loads[server.name]);
    const rates = await medians({ competitors: servers, warmUps: 1, rounds: 5, measure, say });
    // the first of each is the warm-up
    const measured = Object.entries(loads).map(([name, of]) => [name, of.slice(1)] as const);
    const notes = Object.fromEntries(measured.map(([name, of]) => [name, inWords(of)]));
    const cpu = Object.fromEntries(measured.map(([name, of]) => [name, median(of.map(({ microseconds }) => microseconds))]));
    return [
      ...ratioRows({ group: 'small', work, unit: 'req/s', medians: rates, absent, notes }, ratios),
      ...ratioRows({ group: 'small', work, unit: 'us CPU', medians: cpu, absent }, cpuRatios),
    ];
  });
}

async function ourAnswer({ origin }: Server): Promise<string> {
  const headers = { 'content-type': notebookBody.type };
  const response = await fetch(`${origin}/v1/kl-divergence`, { method: 'POST', headers, body: notebookBody.bytes });
  return response.text();
}

async function requestsPerSecond({ name, origin, pid }: Server, loads: Load[]): Promise<number> {
  const begin = performance.now();
  const serverBegin = cpuSeconds(pid);
  const generatorBegin = cpuSeconds(process.pid);
  const result = await sendSmall(origin, { duration: 0.4 });
  const seconds = (performance.now() - begin) / 1000;
  if (result.errors + result.non2xx > 0) throw new Error(`${name} failed ${result.errors + result.non2xx} requests`);
  const used = cpuSeconds(pid) - serverBegin;
  const generator = (cpuSeconds(process.pid) - generatorBegin) / seconds;
  loads.push({ microseconds: (1e6 * used) / result['2xx'], server: used / seconds, generator });
  return result['2xx'] / result.duration;
}

function inWords(loads: readonly Load[]): string {
  const of = (read: (load: Load) => number) => median(loads.map(read));
  const percent = (read: (load: Load) => number) => `${Math.round(100 * of(read))} %`;
  const server = percent(({ server }) => server);
  const generator = percent(({ generator }) => generator);
  return `(${of(({ microseconds }) => microseconds).toFixed(0)} us CPU each, server ${server} busy, generator ${generator})`;
}
