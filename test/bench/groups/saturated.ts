import { notebookBody } from '../bodies.ts';
import { endChild, startHelper } from '../child.ts';
import { inDigits } from '../digits.ts';
import { loaded, paced } from '../paced.ts';
import { timedPost } from '../post.ts';
import { median, quantile } from '../rounds.ts';
import { atMost, type Row, row } from '../row.ts';
import { withServers } from '../servers.ts';

const perSecond = 50;
const seconds = 6;
const rounds = 3;

/** What came of large requests, as servers/saturate.ts tells it. */
type Large = { readonly answered: number; readonly refused: number; readonly failed: number };

/** Small requests beside more large ones than the service takes: how much longer they take than alone. */
export function besideSaturated(group: string, say: (line: string) => void): Promise<Row> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    const p99 = async (duration: number) => quantile(await paced(perSecond, duration, () => timedPost(ours, notebookBody)), 0.99);
    const saturating = await startHelper('saturate', new URL(ours.origin).port);
    try {
      await p99(2);
      await loaded(saturating, () => p99(2));
      const samples: { alone: number; beside: number }[] = [];
      let outcomes = '';
      for (let round = 1; round <= rounds; round++) {
        const alone = await p99(seconds);
        const { result: beside, told } = await loaded<number, Large>(saturating, () => p99(seconds));
        samples.push({ alone, beside });
        outcomes = `${told.answered} large answered, ${told.refused} refused, ${told.failed} failed`;
        say(`saturated, round ${round} of ${rounds}: p99 ${inDigits(alone)} ms alone, ${inDigits(beside)} ms beside; ${outcomes}`);
      }
      const medians = { beside: median(samples.map(({ beside }) => beside)), alone: median(samples.map(({ alone }) => alone)) };
      const detail = `${inDigits(medians.beside)} ms p99; ${inDigits(medians.alone)} ms p99; in the last round ${outcomes}`;
      const work = `5 x 2 at ${perSecond}/s beside more JSON of 2 x (10000 x 100) than is taken`;
      return row({ group, work }, 'beside / alone', medians.beside / medians.alone, atMost(5), { medians, detail });
    } finally {
      await endChild(saturating);
    }
  });
}
