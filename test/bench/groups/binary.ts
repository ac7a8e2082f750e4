import autocannon from 'autocannon';
import { type Body, binaryBody } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atLeast, atMost, type Row, ratioRows } from '../row.ts';
import { sameSums } from '../same-sums.ts';
import { type Server, withServers } from '../servers.ts';

const place = { group: 'binary', work: '2 × (10 000 × 100) logits as safetensors float32 (8 MB)' };

const timeRatios = [
  { over: 'ours', under: 'receive', required: atMost(2) },
  { over: 'ours', under: 'rust', required: atMost(1) },
  { over: 'go', under: 'ours' },
];

const rateRatios = [
  { over: 'ours', under: 'rust', required: atLeast(0.8) },
  { over: 'ours', under: 'go' },
];

const connections = 4;

/** Large tensors as bytes, one request at a time and on several connections. */
export function binary(say: (line: string) => void): Promise<Row[]> {
  const body = binaryBody(1_000_000);
  return withServers(['ours', 'rust', 'go', 'receive'], {}, async ({ servers, absent }) => {
    const computing = servers.filter(({ name }) => name !== 'receive');
    await sameSums(computing, body);
    const times = await medians({ competitors: servers, warmUps: 5, rounds: 21, measure: (server) => timedPost(server, body), say });
    const measure = (server: Server) => requestsPerSecond(server, body);
    const rates = await medians({ competitors: computing, warmUps: 1, rounds: 5, measure, say });
    return [
      ...ratioRows({ ...place, unit: 'ms', medians: times, absent }, timeRatios),
      ...ratioRows({ ...place, work: `${place.work}, ${connections} at a time`, unit: 'req/s', medians: rates, absent }, rateRatios),
    ];
  });
}

async function requestsPerSecond({ name, origin }: Server, { type, bytes }: Body): Promise<number> {
  const headers = { 'content-type': type };
  const result = await autocannon({ url: `${origin}/v1/kl-divergence`, method: 'POST', headers, body: bytes, connections, duration: 1 });
  if (result.errors + result.non2xx > 0) throw new Error(`${name} failed ${result.errors + result.non2xx} requests`);
  return result['2xx'] / result.duration;
}
