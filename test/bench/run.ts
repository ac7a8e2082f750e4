import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { batch } from './groups/batch.ts';
import { beside } from './groups/beside.ts';
import { binary } from './groups/binary.ts';
import { core } from './groups/core.ts';
import { family } from './groups/family.ts';
import { faults } from './groups/faults.ts';
import { flood } from './groups/flood.ts';
import { hostileGroup as hostile } from './groups/hostile.ts';
import { jobs } from './groups/jobs.ts';
import { large } from './groups/large.ts';
import { memory } from './groups/memory.ts';
import { none } from './groups/none.ts';
import { operating } from './groups/operating.ts';
import { outcomes } from './groups/outcomes.ts';
import { overload } from './groups/overload.ts';
import { pairs } from './groups/pairs.ts';
import { realLogits } from './groups/real-logits.ts';
import { replicas } from './groups/replicas.ts';
import { samples } from './groups/samples.ts';
import { scaling } from './groups/scaling.ts';
import { small } from './groups/small.ts';
import { start } from './groups/start.ts';
import { statistics } from './groups/statistics.ts';
import { stream } from './groups/stream.ts';
import { machine } from './machine.ts';
import type { Row } from './row.ts';
import { table } from './table.ts';

const groups: Record<string, (say: (line: string) => void) => Promise<Row[]>> = {
  small,
  operating,
  batch,
  large,
  none,
  samples,
  binary,
  core,
  family,
  'real-logits': realLogits,
  pairs,
  outcomes,
  jobs,
  beside,
  hostile,
  flood,
  scaling,
  memory,
  start,
  statistics,
  stream,
  overload,
  replicas,
  faults,
};

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' }, list: { type: 'boolean' } } });
if (values.list) {
  process.stdout.write(`${Object.keys(groups).join('\n')}\n`);
  process.exit();
}

const chosen = values.only?.split(',') ?? Object.keys(groups);
const unknown = chosen.filter((name) => !(name in groups));
if (unknown.length > 0) {
  process.stderr.write(`no group is called ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}\n`);
  process.exit(2);
}

const about = machine();
process.stdout.write(
  `${Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n\n`,
);

const rows: Row[] = [];
for (const [place, name] of chosen.entries()) {
  const begin = performance.now();
  rows.push(...(await rowsOf(name)));
  const seconds = (since: number) => Math.round((performance.now() - since) / 1000);
  process.stderr.write(`${name} took ${seconds(begin)} s: ${place + 1} of ${chosen.length} groups, ${seconds(0)} s in all\n`);
}

process.stdout.write(`\n${table(rows)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine: about, rows }, null, 2)}\n`);
process.exit(rows.some(({ outcome }) => outcome === 'fail') ? 1 : 0);

/** The rows of a group; one that fails where the group could not finish. */
async function rowsOf(name: string): Promise<Row[]> {
  try {
    return await groups[name]((line) => process.stderr.write(`${name}: ${line}\n`));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ group: name, work: '', figure: 'runs to its end', measured: null, required: '', outcome: 'fail', medians: {}, detail }];
  }
}
