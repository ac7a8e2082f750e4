import { setTimeout as sleep } from 'node:timers/promises';
import { jsonBody, notebookBody } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { residentBytes } from '../proc.ts';
import { median } from '../rounds.ts';
import { atMost, type Row, row } from '../row.ts';
import { withServers } from '../servers.ts';

const runs = 3;

/** Memory that one large request takes from a fresh server. */
export async function memory(say: (line: string) => void): Promise<Row[]> {
  const body = jsonBody(1_000_000);
  const samples: { idle: number; peak: number }[] = [];
  for (let run = 1; run <= runs; run++) {
    const sample = await withServers(['ours'], {}, async ({ servers: [ours] }) => {
      await timedPost(ours, notebookBody);
      await sleep(500);
      const idle = residentBytes(ours.pid).now;
      await timedPost(ours, body);
      return { idle, peak: residentBytes(ours.pid).peak };
    });
    say(`run ${run} of ${runs}: ${inMegabytes(sample.idle)} idle, ${inMegabytes(sample.peak)} at the peak`);
    samples.push(sample);
  }
  const above = median(samples.map(({ idle, peak }) => peak - idle));
  const medians = { idle: median(samples.map(({ idle }) => idle)), peak: median(samples.map(({ peak }) => peak)), body: body.bytes.length };
  const detail = `${inMegabytes(above)} above ${inMegabytes(medians.idle)} idle; body ${inMegabytes(body.bytes.length)}`;
  const place = { group: 'memory', work: 'one request of 2 × (10 000 × 100) logits as JSON to a fresh server' };
  return [
    row(place, 'peak above idle ÷ body', above / body.bytes.length, atMost(2.5), { medians, detail }),
    row(place, 'MB idle', medians.idle / 1e6, atMost(150), { medians, detail }),
    row(place, 'MB at the peak', medians.peak / 1e6, atMost(220), { medians, detail }),
  ];
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
