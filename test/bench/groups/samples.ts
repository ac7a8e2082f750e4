import { type Body, observedBody } from '../bodies.ts';
import { endChild } from '../child.ts';
import { coreFile, milliseconds, startCore } from '../cores.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, variantRows } from '../row.ts';
import { withServers } from '../servers.ts';

const counts = 'the same numbers as counts';
const summed = 'summed';

/** A million observations a side in bins, beside the same numbers that are only summed. */
export async function samples(say: (line: string) => void): Promise<Row[]> {
  return [...(await beside(say)), ...(await alone(say))];
}

/** Through the service: as counts, they are summed and compared. */
function beside(say: (line: string) => void): Promise<Row[]> {
  const bodies: Readonly<Record<string, Body>> = {
    [counts]: observedBody('counts'),
    'bins by Doane': observedBody('samples'),
    deciles: observedBody('samples', { bins: 'deciles' }),
  };
  return withServers(['ours'], {}, async ({ servers: [{ origin }] }) => {
    const competitors = Object.keys(bodies).map((name) => ({ name, origin }));
    const times = await medians({ competitors, warmUps: 1, rounds: 5, measure: (one) => timedPost(one, bodies[one.name]), say });
    const work = '2 × 10⁶ observations as JSON, through the service';
    return variantRows({ group: 'samples', work, unit: 'ms', medians: times }, 'in bins', counts, atMost(2));
  });
}

/** Reading alone, in processes of their own. */
async function alone(say: (line: string) => void): Promise<Row[]> {
  const cores = Object.entries({ [summed]: [], 'bins by Doane': [], deciles: ['deciles'] }).map(([name, rule]) =>
    startCore(name, process.execPath, [coreFile('core-samples.ts'), name === summed ? name : 'binned', ...rule]),
  );
  try {
    const times = await medians({ competitors: cores, warmUps: 1, rounds: 5, measure: milliseconds, say });
    const work = '2 × 10⁶ observations as JSON, reading alone, one thread';
    return variantRows({ group: 'samples', work, unit: 'ms', medians: times }, 'in bins', summed, atMost(2));
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
