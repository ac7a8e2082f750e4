import { setTimeout as sleep } from 'node:timers/promises';
import { notebookBody } from '../bodies.ts';
import { endChild, nextMessage, startHelper, tell } from '../child.ts';
import { inDigits } from '../digits.ts';
import { paced } from '../paced.ts';
import { post } from '../post.ts';
import { median } from '../rounds.ts';
import { atMost, type Row, row } from '../row.ts';
import { type Server, startOurs } from '../servers.ts';

const clients = 4;
const rounds = 3;
const seconds = 5;
const perSecond = 50;
const group = 'flood';

const floods = ['safetensors of rank 32 in gzip', 'explain', 'streams of unknown fields in gzip', 'streams of wrong options'];

/** The median of answered requests in ms, and how many were refused. */
type Sample = { readonly p50: number; readonly refused: number };

/** Small requests beside clients that send what costs them little and the service much: how much longer they take, unless they are refused. */
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
        await sleep(1_000);
        const beside = await sample(ours);
        tell(hostile, 'stop');
        await nextMessage(hostile);
        await sleep(1_000);
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
  const work = `5 x 2 at ${perSecond}/s beside ${clients} times ${what}`;
  return row({ group, work }, 'beside / alone', beside / alone, atMost(5), {
    medians: { beside, alone },
    detail: `p50 ${ms(beside)} and ${ms(alone)}; ${refused} of ${rounds * seconds * perSecond} refused`,
  });
}

async function sample(ours: Server): Promise<Sample> {
  let refused = 0;
  const latencies = await paced(perSecond, seconds, async () => {
    const { status, ms } = await post(ours.origin, notebookBody);
    if (status === 503) refused++;
    else if (status !== 200) throw new Error(`a small request is answered with ${status}`);
    return status === 200 ? ms : Number.NaN;
  });
  return { p50: median(latencies.filter((one) => !Number.isNaN(one))), refused };
}

function ms(value: number): string {
  return `${inDigits(value)} ms`;
}
