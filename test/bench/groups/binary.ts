import { binaryBody } from '../bodies.ts';
import { post, timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { absentRow, atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';

const place = { group: 'binary', work: 'safetensors F32, 2 x (10000 x 100)' };
const required = atMost(2);

/** Large tensors as bytes. */
export function binary(say: (line: string) => void): Promise<Row[]> {
  const body = binaryBody(1_000_000);
  return withServers(['ours', 'receive'], {}, async ({ servers }) => {
    const { status } = await post(servers[0].origin, body);
    if (status === 415) return [absentRow(place, 'ours / receive', 'ours answers 415', required)];
    const times = await medians({ competitors: servers, warmUps: 10, rounds: 31, measure: (server) => timedPost(server, body), say });
    return ratioRows({ ...place, unit: 'ms', medians: times }, [{ over: 'ours', under: 'receive', required }]);
  });
}
