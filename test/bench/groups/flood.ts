import { setTimeout as sleep } from 'node:timers/promises';
import { endChild, nextMessage, startHelper, tell } from '../child.ts';
import { inDigits } from '../digits.ts';
import { pacedAnswers } from '../paced.ts';
import { median } from '../rounds.ts';
import { atMost, type Row, row } from '../row.ts';
import { type Server, startOurs } from '../servers.ts';

const clients = 4;
const rounds = 2;
const seconds = 1;
const perSecond = 50;
const group = 'flood';

const floods = ['safetensors of rank 32 in gzip', 'explain', 'streams of unknown fields in gzip', 'streams of wrong options'];

/** The median of answered requests in ms, and how many were refused. */
type Sample = { readonly p50: number; readonly refused: number };

/** How much longer small requests take, unless they are refused, beside clients that send what costs them little and the service much. */
export async function flood(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const what of floods) {
    const ours = await startOurs();
    const hostile = await startHelper('flood', new URL(ours.origin).port, what);
    try {
      await sample(ours);
      const samples: { alone: Sample; beside: Sample }[] = [];
      for (let round = 1; round <= rounds; round++) {
        const alone = await sample(ours);
        tell(hostile, `go:${clients}`);
        await sleep(300);
        const beside = await sample(ours);
        tell(hostile, 'stop');
        await nextMessage(hostile);
        await sleep(300);
        samples.push({ alone, beside });
        say(`${what}, round ${round} of ${rounds}: p50 ${ms(alone.p50)} alone, ${ms(beside.p50)} beside them, ${beside.refused} refused`);
      }
      rows.push(rowOf(what, samples));
    } finally {
      await Promise.all([endChild(hostile), endChild(ours.child)]);
    }
  }
  return rows;
}

function rowOf(what: string, samples: readonly { alone: Sample; beside: Sample }[]): Row {
  const alone = median(samples.map(({ alone }) => alone.p50));
  const beside = median(samples.map(({ beside }) => beside.p50));
  const refused = samples.reduce((sum, { beside }) => sum + beside.refused, 0);
  const work = `5 × 2 at ${perSecond}/s beside ${clients} clients that send what is dearest`;
  return row({ group, work, variant: what }, 'p50, beside them ÷ alone', beside / alone, atMost(5), {
    unit: 'ms',
    medians: { beside, alone },
    detail: `p50 ${ms(beside)} and ${ms(alone)}; ${refused} of ${rounds * seconds * perSecond} refused`,
  });
}

async function sample({ origin }: Server): Promise<Sample> {
  const { latencies, refused } = await pacedAnswers(origin, perSecond, seconds);
  return { p50: median(latencies), refused };
}

function ms(value: number): string {
  return `${inDigits(value)} ms`;
}
