import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import autocannon from 'autocannon';
import { jsonBody } from '../bodies.ts';
import { endChild, nextMessage, startHelper, tell } from '../child.ts';
import { inDigits } from '../digits.ts';
import { missing, withProxies } from '../proxy.ts';
import { median, medians } from '../rounds.ts';
import { absentRow, atLeast, type Row, row } from '../row.ts';
import { pin, type Server, withServers } from '../servers.ts';

const place = { group: 'replicas', work: '`explain` of 2 × (100 × 100) through nginx' };
const figure = 'requests/s, two replicas ÷ one';
const required = atLeast(1.8);
const rounds = 3;

/** Long to compute for its bytes, so that neither the proxy nor the generator of the load has much to do. */
const body = jsonBody(10_000);

/** Throughput of two processes of ours on a core each, over that of one process on one core. */
export async function replicas(say: (line: string) => void): Promise<Row[]> {
  const reason =
    missing('nginx', '-v') ?? missing('taskset', '--version') ?? (availableParallelism() < 2 ? 'there is only one core' : undefined);
  if (reason !== undefined) return [absentRow(place, figure, reason, required)];
  const ceiling = await twoCores(say);
  const rates = await withServers(['ours', 'ours'], { WORKERS: '1' }, async ({ servers: [one, other] }) => {
    await pin(one.child, 0);
    await pin(other.child, 1);
    return withProxies([[one], [one, other]], (fronts) =>
      medians({ competitors: fronts, warmUps: 1, rounds, measure: requestsPerSecond, say }),
    );
  });
  const [one, two] = Object.values(rates);
  const detail = `${inDigits(two)} req/s; ${inDigits(one)} req/s`;
  return [
    row(place, figure, two / one, required, { unit: 'req/s', medians: { two, one }, detail }),
    row({ ...place, work: 'two cores ÷ one' }, 'JSON read and written in loops that share nothing', ceiling, undefined, {
      medians: {},
      detail: '',
    }),
  ];
}

async function requestsPerSecond({ name, origin }: Server): Promise<number> {
  const result = await autocannon({
    url: `${origin}/v1/kl-divergence/explain`,
    method: 'POST',
    headers: { 'content-type': body.type },
    body: body.bytes,
    connections: 4,
    duration: 1,
  });
  if (result.errors + result.non2xx > 0) throw new Error(`${name} failed ${result.errors + result.non2xx} requests`);
  return result['2xx'] / result.duration;
}

/** How much more two cores do than one, with nothing to share but the processor. */
async function twoCores(say: (line: string) => void): Promise<number> {
  const loops = await Promise.all([startHelper('busy'), startHelper('busy')]);
  try {
    for (const [core, loop] of loops.entries()) await pin(loop, core);
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const alone = await turns(loops[0]);
      const [one, other] = await Promise.all(loops.map(turns));
      ratios.push((one + other) / alone);
    }
    say(`two cores do ${inDigits(median(ratios))} times the work of one`);
    return median(ratios);
  } finally {
    await Promise.all(loops.map(endChild));
  }
}

async function turns(loop: ChildProcess): Promise<number> {
  tell(loop, 'go');
  return Number(await nextMessage(loop));
}
