import type { Body } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';

const observations = 1_000_000;

/** Log-normal numbers of both sides in one list each, the same for every kind. */
const sides = ['input', 'target'].map((name, side) => {
  const numbers = Array.from({ length: observations }, (_, k) => Math.exp(Math.sin(k * (1.1 + side)) + Math.cos(k * 0.7)));
  return `"${name}":[${numbers.join(',')}]`;
});

function bodyOf(kind: string, more: Readonly<Record<string, unknown>> = {}): Body {
  const options = JSON.stringify({ input_kind: kind, target_kind: kind, reduction: 'sum', ...more }).slice(1);
  return { type: 'application/json', bytes: Buffer.from(`{${sides.join(',')},${options}`) };
}

const bodies: Readonly<Record<string, Body>> = {
  counts: bodyOf('counts'),
  doane: bodyOf('samples'),
  deciles: bodyOf('samples', { bins: 'deciles' }),
};

/** A million observations a side, put in bins, beside the same numbers as counts, which are only summed and compared. */
export function samples(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [{ origin }] }) => {
    const competitors = Object.keys(bodies).map((name) => ({ name, origin }));
    const times = await medians({ competitors, warmUps: 2, rounds: 9, measure: (one) => timedPost(one, bodies[one.name]), say });
    return ratioRows({ group: 'samples', work: 'JSON, 2 x 10^6 observations', unit: 'ms', medians: times }, [
      { over: 'doane', under: 'counts', required: atMost(2) },
      { over: 'deciles', under: 'counts', required: atMost(2) },
    ]);
  });
}
