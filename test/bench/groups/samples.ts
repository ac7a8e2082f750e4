import { type Body, observedBody } from '../bodies.ts';
import { endChild } from '../child.ts';
import { coreFile, milliseconds, startCore } from '../cores.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';

/** A million observations a side in bins, beside the same numbers that are only summed. */
export async function samples(say: (line: string) => void): Promise<Row[]> {
  return [...(await beside(say)), ...(await alone(say))];
}

/** Through the service: as counts, they are summed and compared. */
function beside(say: (line: string) => void): Promise<Row[]> {
  const bodies: Readonly<Record<string, Body>> = {
    counts: observedBody('counts'),
    doane: observedBody('samples'),
    deciles: observedBody('samples', { bins: 'deciles' }),
  };
  return withServers(['ours'], {}, async ({ servers: [{ origin }] }) => {
    const competitors = Object.keys(bodies).map((name) => ({ name, origin }));
    const times = await medians({ competitors, warmUps: 2, rounds: 9, measure: (one) => timedPost(one, bodies[one.name]), say });
    return ratioRows({ group: 'samples', work: 'JSON, 2 x 10^6 observations', unit: 'ms', medians: times }, [
      { over: 'doane', under: 'counts', required: atMost(2) },
      { over: 'deciles', under: 'counts', required: atMost(2) },
    ]);
  });
}

/** Reading alone, in processes of their own. */
async function alone(say: (line: string) => void): Promise<Row[]> {
  const cores = Object.entries({ summed: [], 'in bins': [], 'in deciles': ['deciles'] }).map(([name, rule]) =>
    startCore(name, process.execPath, [coreFile('core-samples.ts'), name === 'summed' ? name : 'binned', ...rule]),
  );
  try {
    const times = await medians({ competitors: cores, warmUps: 2, rounds: 9, measure: milliseconds, say });
    return ratioRows({ group: 'samples', work: 'reading 2 x 10^6 observations, one thread', unit: 'ms', medians: times }, [
      { over: 'in bins', under: 'summed', required: atMost(2) },
      { over: 'in deciles', under: 'summed', required: atMost(2) },
    ]);
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
