import type { Body } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';
import { withServers } from '../servers.ts';

const rows = 25_000;
const listed = 20;

/** 10⁶ numbers in lists of outcomes, by ids and by names, beside as many in dense tensors. */
export function outcomes(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    const competitors = [
      { ...ours, name: 'dense', body: bodyOf((side) => valuesOf(side)) },
      { ...ours, name: 'ids', body: bodyOf((side) => ({ outcomes: outcomesOf(side, (id) => id), values: valuesOf(side) })) },
      { ...ours, name: 'names', body: bodyOf((side) => ({ outcomes: outcomesOf(side, (id) => `token ${id}`), values: valuesOf(side) })) },
    ];
    const times = await medians({ competitors, warmUps: 2, rounds: 9, measure: ({ body, ...server }) => timedPost(server, body), say });
    return ratioRows({ group: 'outcomes', work: `JSON, 2 x (${rows} lists of ${listed})`, unit: 'ms', medians: times }, [
      { over: 'ids', under: 'dense', required: atMost(3) },
      { over: 'names', under: 'dense', required: atMost(3) },
    ]);
  });
}

type Side = 'input' | 'target';

function bodyOf(operand: (side: Side) => unknown): Body {
  const request = { input: operand('input'), target: operand('target'), input_kind: 'counts', target_kind: 'counts' };
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify({ ...request, reduction: 'distribution_mean' })) };
}

/** Both sides list half of their outcomes in common; an id has five digits, as a token has. */
function outcomesOf<T>(side: Side, write: (id: number) => T): T[][] {
  const first = side === 'input' ? 10_000 : 10_000 + listed / 2;
  return Array.from({ length: rows }, (_, row) => Array.from({ length: listed }, (_, k) => write(first + ((row * 7) % 80_000) + k)));
}

function valuesOf(side: Side): number[][] {
  const scale = side === 'input' ? 0.731 : 0.517;
  return Array.from({ length: rows }, (_, row) => Array.from({ length: listed }, (_, k) => 1 + ((row * 31 + k * 17) % 97) * scale));
}
