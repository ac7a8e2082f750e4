import { jsonBody } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';

/** Large tensors whose answer is a tensor as large. */
export function none(say: (line: string) => void): Promise<Row[]> {
  const body = jsonBody(1_000_000, { reduction: 'none' });
  return withServers(['ours', 'stringify'], {}, async ({ servers }) => {
    const times = await medians({ competitors: servers, warmUps: 2, rounds: 9, measure: (server) => timedPost(server, body), say });
    return ratioRows({ group: 'none', work: 'JSON, 2 x (10000 x 100), every term', unit: 'ms', medians: times }, [
      { over: 'ours', under: 'stringify', required: atMost(1) },
    ]);
  });
}
