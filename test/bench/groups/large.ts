import { jsonBody } from '../bodies.ts';
import { compileLargePath, timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atLeast, atMost, type Row, ratioRows } from '../row.ts';
import { sameSums } from '../same-sums.ts';
import { type Server, withServers } from '../servers.ts';

const ratios = [
  { over: 'ours', under: 'parse', required: atMost(0.7) },
  { over: 'ours', under: 'rust', required: atMost(0.9) },
  { over: 'go', under: 'ours' },
  { over: 'axum', under: 'ours' },
  { over: 'typical', under: 'ours', required: atLeast(4) },
  { over: 'idiomatic', under: 'ours', required: atLeast(10) },
  { over: 'tuned', under: 'ours', required: atLeast(4) },
];

/** Large tensors as nested lists, one request at a time. */
export function large(say: (line: string) => void): Promise<Row[]> {
  const body = jsonBody(1_000_000);
  return withServers(['ours', 'rust', 'go', 'axum', 'typical', 'idiomatic', 'tuned', 'parse'], {}, async ({ servers, absent }) => {
    await sameSums(
      servers.filter(({ name }) => name !== 'parse'),
      body,
    );
    // a shorter body takes the same path in Node; the same for all, though the others are compiled beforehand
    for (const server of servers) await compileLargePath(server, jsonBody(30_000));
    // the first of a turn finds caches that the others have had for seconds
    const secondOfTwo = async (server: Server) => {
      await timedPost(server, body);
      return timedPost(server, body);
    };
    const times = await medians({ competitors: servers, warmUps: 1, rounds: 5, measure: secondOfTwo, say });
    return ratioRows({ group: 'large', work: '2 × (10 000 × 100) logits as JSON (39 MB)', unit: 'ms', medians: times, absent }, ratios);
  });
}
