import { parseArgs } from 'node:util';
import { committedFigures, type GroupFigures, groupIn, readFigures, withRun, writeFigures } from './figures.ts';
import { groups } from './groups.ts';
import { machine } from './machine.ts';
import { cpuOfOthers } from './proc.ts';
import type { Row } from './row.ts';
import { table } from './table.ts';

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
const { versions, ...rest } = about;
process.stdout.write(
  `${Object.entries({ ...rest, ...versions })
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n\n`,
);

const command = `npm run bench${values.only === undefined ? '' : ` -- --only ${values.only}`}`;
const before = readFigures(values.json ?? committedFigures);
const found: Record<string, GroupFigures> = {};
const rows: Row[] = [];
for (const [place, name] of chosen.entries()) {
  const othersSince = cpuOfOthers();
  const begin = performance.now();
  const ofGroup = await rowsOf(name);
  const seconds = Math.round((performance.now() - begin) / 1000);
  const others = othersSince();
  rows.push(...(ofGroup ?? []));
  if (ofGroup !== undefined) found[name] = { seconds, others, rows: ofGroup };
  // after each group, so that a run that is broken off leaves what it has
  if (values.json !== undefined) writeFigures(values.json, withRun(before, { command, machine: about, groups: found }));
  const beside = others === null ? '' : `, beside others with ${Math.round(100 * others)} % of the CPU time`;
  process.stderr.write(`${name} took ${seconds} s${beside}: ${place + 1} of ${chosen.length} groups; ${left(chosen.slice(place + 1))}\n`);
}

process.stdout.write(`\n${table(rows)}\n`);
const isWhole = chosen.every((name) => name in found);
process.exit(!isWhole || rows.some(({ outcome }) => outcome === 'fail') ? 1 : 0);

/** The rows of a group; none where it could not finish, not even when tried again, which leaves older figures as they are. */
async function rowsOf(name: string): Promise<Row[] | undefined> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      return await groups[name]((line) => process.stderr.write(`${name}: ${line}\n`));
    } catch (error) {
      process.stderr.write(`${name} did not run to its end: ${error instanceof Error ? error.message : error}\n`);
    }
  }
  return undefined;
}

/** How long this run has taken, and how long the other groups took the last time. */
function left(others: readonly string[]): string {
  const seconds = others.map((name) => groupIn(before, name)?.seconds ?? 0).reduce((sum, one) => sum + one, 0);
  return `${Math.round(performance.now() / 1000)} s so far, about ${seconds} s to come`;
}
