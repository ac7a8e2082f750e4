import { jsonBody } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';

/** Large tensors whose answer is a tensor as large. */
export function none(say: (line: string) => void): Promise<Row[]> {
  const body = jsonBody(1_000_000, { reduction: 'none' });
  return withServers(['ours', 'stringify'], {}, async ({ servers }) => {
    const times = await medians({ competitors: servers, warmUps: 2, rounds: 5, measure: (server) => timedPost(server, body), say });
    return ratioRows(
      { group: 'none', work: '2 × (10 000 × 100) logits as JSON (39 MB), every term asked for', unit: 'ms', medians: times },
      [{ over: 'ours', under: 'stringify', required: atMost(1) }],
    );
  });
}
