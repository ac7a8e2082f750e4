import { endChild, startHelper } from '../child.ts';
import { inDigits } from '../digits.ts';
import { loaded, pacedAnswers } from '../paced.ts';
import { median, quantile } from '../rounds.ts';
import { atMost, type Row, row } from '../row.ts';
import { type Server, withServers } from '../servers.ts';

const perSecond = 50;
const seconds = 2;
const rounds = 3;

/** What came of large requests, as servers/saturate.ts tells it. */
type Large = { readonly answered: number; readonly refused: number; readonly failed: number };

/** Of small requests: the p99 of those answered in ms, and how many were refused. */
type Sample = { readonly p99: number; readonly refused: number };

/** Small requests beside more large ones than the service takes: how much longer they take than alone, and how many are refused. */
export function besideSaturated(group: string, say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    const saturating = await startHelper('saturate', new URL(ours.origin).port);
    try {
      await sample(ours, 2);
      await loaded(saturating, () => sample(ours, 2));
      const samples: { alone: Sample; beside: Sample }[] = [];
      let outcomes = '';
      for (let round = 1; round <= rounds; round++) {
        const alone = await sample(ours, seconds);
        const { result: beside, told } = await loaded<Sample, Large>(saturating, () => sample(ours, seconds));
        samples.push({ alone, beside });
        outcomes = `${told.answered} large answered, ${told.refused} refused, ${told.failed} failed`;
        const p99 = `p99 ${inDigits(alone.p99)} ms alone, ${inDigits(beside.p99)} ms beside`;
        say(`saturated, round ${round} of ${rounds}: ${p99}, ${beside.refused} refused; ${outcomes}`);
      }
      return rowsOf(group, samples, outcomes);
    } finally {
      await endChild(saturating);
    }
  });
}

function rowsOf(group: string, samples: readonly { alone: Sample; beside: Sample }[], outcomes: string): Row[] {
  const place = { group, work: `5 × 2 at ${perSecond}/s beside more 2 × (10 000 × 100) as JSON than are taken` };
  const beside = median(samples.map(({ beside }) => beside.p99));
  const alone = median(samples.map(({ alone }) => alone.p99));
  const refused = samples.reduce((sum, { beside }) => sum + beside.refused, 0);
  const detail = `${inDigits(beside)} ms p99; ${inDigits(alone)} ms p99; in the last round ${outcomes}`;
  return [
    row(place, 'p99, beside them ÷ alone', beside / alone, atMost(5), { unit: 'ms', medians: { beside, alone }, detail }),
    row(place, `refused of ${rounds * seconds * perSecond}`, refused, atMost(0), { medians: {}, detail: 'beside them' }),
  ];
}

async function sample({ origin }: Server, duration: number): Promise<Sample> {
  const answers = await pacedAnswers(origin, perSecond, duration);
  return { p99: quantile(answers.latencies, 0.99), refused: answers.refused };
}
