import type { Body } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, variantRows } from '../row.ts';
import { withServers } from '../servers.ts';

const rows = 25_000;
const listed = 20;

const dense = 'as many numbers in dense tensors';

/** What is compared with dense tensors: lists by ids and by names, all of one length, or each of another length than the one before it. */
const compared: Readonly<Record<string, (side: Side) => unknown>> = {
  [dense]: (side) => valuesOf(side, even),
  ids: (side) => listsOf(side, even, (id) => id),
  names: (side) => listsOf(side, even, (id) => `token ${id}`),
  'ids of rows of different lengths': (side) => listsOf(side, ragged, (id) => id),
  'names of rows of different lengths': (side) => listsOf(side, ragged, (id) => `token ${id}`),
};

/** 10⁶ numbers in lists of outcomes beside as many in dense tensors. */
export function outcomes(say: (line: string) => void): Promise<Row[]> {
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    const competitors = Object.entries(compared).map(([name, operand]) => ({ ...ours, name, body: bodyOf(operand) }));
    const times = await medians({ competitors, warmUps: 2, rounds: 7, measure: ({ body, ...server }) => timedPost(server, body), say });
    const work = '2 × (25 000 lists of 20 outcomes) as JSON';
    return variantRows({ group: 'outcomes', work, unit: 'ms', medians: times }, 'lists', dense, atMost(3));
  });
}

type Side = 'input' | 'target';
type LengthOf = (row: number) => number;

const even: LengthOf = () => listed;
/** As many outcomes in all. */
const ragged: LengthOf = (row) => listed - 2 + (row % 5);

function bodyOf(operand: (side: Side) => unknown): Body {
  const request = { input: operand('input'), target: operand('target'), input_kind: 'counts', target_kind: 'counts' };
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify({ ...request, reduction: 'distribution_mean' })) };
}

function listsOf<T>(side: Side, lengthOf: LengthOf, write: (id: number) => T) {
  return { outcomes: outcomesOf(side, lengthOf, write), values: valuesOf(side, lengthOf) };
}

/** Both sides list half of their outcomes in common; an id has five digits, as a token has. */
function outcomesOf<T>(side: Side, lengthOf: LengthOf, write: (id: number) => T): T[][] {
  const first = side === 'input' ? 10_000 : 10_000 + listed / 2;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: lengthOf(row) }, (__, k) => write(first + ((row * 7) % 80_000) + k)),
  );
}

function valuesOf(side: Side, lengthOf: LengthOf): number[][] {
  const scale = side === 'input' ? 0.731 : 0.517;
  return Array.from({ length: rows }, (_, row) => Array.from({ length: lengthOf(row) }, (__, k) => 1 + ((row * 31 + k * 17) % 97) * scale));
}
