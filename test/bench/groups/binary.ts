import autocannon from 'autocannon';
import { type Body, binaryBody } from '../bodies.ts';
import { compileLargePath, timedPost } from '../post.ts';
import { cpuSeconds } from '../proc.ts';
import { median, medians } from '../rounds.ts';
import { atLeast, atMost, type Row, ratioRows } from '../row.ts';
import { sameSums } from '../same-sums.ts';
import { type Server, withServers } from '../servers.ts';

const place = { group: 'binary', work: '2 × (10 000 × 100) logits as safetensors float32 (8 MB)' };

const timeRatios = [
  { over: 'ours', under: 'receive', required: atMost(2) },
  { over: 'ours', under: 'rust', required: atMost(1) },
  { over: 'go', under: 'ours' },
  // no service on Node can be faster than that
  { over: 'receive', under: 'rust' },
];

const rateRatios = [
  { over: 'ours', under: 'rust', required: atLeast(0.8) },
  { over: 'ours', under: 'go' },
  { over: 'receive', under: 'rust' },
];

const cpuRatios = [
  { over: 'ours', under: 'rust' },
  { over: 'receive', under: 'rust' },
];

const connections = 4;

/** Large tensors as bytes, one request at a time and on several connections. */
export function binary(say: (line: string) => void): Promise<Row[]> {
  const body = binaryBody(1_000_000);
  return withServers(['ours', 'rust', 'go', 'receive'], {}, async ({ servers, absent }) => {
    const computing = servers.filter(({ name }) => name !== 'receive');
    await sameSums(computing, body);
    // a shorter body takes the same path; the others are compiled beforehand
    for (const server of servers)
      if (server.name === 'ours' || server.name === 'receive') await compileLargePath(server, binaryBody(200_000));
    const times = await medians({ competitors: servers, warmUps: 5, rounds: 15, measure: (server) => timedPost(server, body), say });
    const loads: Record<string, number[]> = Object.fromEntries(servers.map(({ name }) => [name, []]));
    const measure = (server: Server) => requestsPerSecond(server, body, loads[server.name]);
    const rates = await medians({ competitors: servers, warmUps: 1, rounds: 5, measure, say });
    // the first of each is the warm-up
    const cpu = Object.fromEntries(servers.map(({ name }) => [name, median(loads[name].slice(1))]));
    const atATime = { ...place, work: `${place.work}, ${connections} at a time`, absent };
    return [
      ...ratioRows({ ...place, unit: 'ms', medians: times, absent }, timeRatios),
      ...ratioRows({ ...atATime, unit: 'req/s', medians: rates }, rateRatios),
      ...ratioRows({ ...atATime, unit: 'us CPU', medians: cpu }, cpuRatios),
    ];
  });
}

/** @param loads takes the microseconds of CPU of the server per request */
async function requestsPerSecond({ name, origin, pid }: Server, { type, bytes }: Body, loads: number[]): Promise<number> {
  const headers = { 'content-type': type };
  const before = cpuSeconds(pid);
  const result = await autocannon({ url: `${origin}/v1/kl-divergence`, method: 'POST', headers, body: bytes, connections, duration: 0.6 });
  if (result.errors + result.non2xx > 0) throw new Error(`${name} failed ${result.errors + result.non2xx} requests`);
  loads.push((1e6 * (cpuSeconds(pid) - before)) / result['2xx']);
  return result['2xx'] / result.duration;
}
