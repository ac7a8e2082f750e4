import { inGroups } from '../test/bench/digits.ts';
import { type Figures, groupIn } from '../test/bench/figures.ts';
import { labelOf, natives, quantityOf } from '../test/bench/labels.ts';
import type { Row } from '../test/bench/row.ts';
import { table, wrapped } from './markdown.ts';

/** What stands between these comments is generated: `runs`, `natives`, `summary`, or the table of some groups. */
const block = /(?<=<!-- figures: ([^\n]+) -->\n).*?(?=<!-- end of figures -->)/gs;

const written: Readonly<Record<string, (figures: Figures) => string>> = { runs, natives: beside, summary };

/** A page with the figures that its blocks name. */
export function withFigures(page: string, figures: Figures): string {
  return page.replaceAll(block, (_, what: string) => `${written[what]?.(figures) ?? tableOf(what.split(' '), figures)}\n`);
}

/** Each machine with its versions, and the runs on it. */
function runs({ runs }: Figures): string {
  const machines = Object.groupBy(runs, ({ machine: { cpu, cores, versions } }) => {
    const named = Object.entries(versions).map((entry) => entry.join(' '));
    return `${cpu}, ${cores} cores; ${named.join(', ')}.`;
  });
  const parts = Object.entries(machines).map(([machine, on = []]) => {
    const cells = on.map(({ command, machine: { date, load }, groups }) => {
      const seconds = Object.values(groups).reduce((sum, group) => sum + group.seconds, 0);
      return [date, `\`${command}\``, (seconds / 60).toFixed(1), String(load)];
    });
    return `${wrapped(machine)}\n\n${table(['Date', 'Command', 'Minutes', 'Load average before'], cells)}`;
  });
  return parts.join('\n\n');
}

/** When the groups ran, and the figures of each in lines. */
function tableOf(names: readonly string[], figures: Figures): string {
  // what is compared with native code and has no goal stands in a table of its own
  const rows = names
    .flatMap((name) => groupIn(figures, name)?.rows ?? [])
    .filter(({ medians, required }) => required !== '' || nativeIn(medians) === undefined);
  const lines = Object.values(Object.groupBy(rows, ({ work, figure, required }) => [work, figure, required].join('\n'))) as Row[][];
  const cells = lines.map((variants, at) => {
    const { work, figure } = variants[0];
    return [work === lines[at - 1]?.[0].work ? '' : work, figure, measuredCell(variants), goalCell(variants)];
  });
  return `${wrapped(origin(names, figures))}\n\n${table(['What, on which data', 'Figure', 'Measured', 'Goal'], cells)}`;
}

/** On which days groups ran, and how busy other processes were. */
function origin(names: readonly string[], { runs }: Figures): string {
  const found = runs.flatMap(({ machine: { date }, groups }) =>
    Object.entries(groups).map(([name, { others }]) => ({ name, date, others })),
  );
  const days = Object.groupBy(
    names.flatMap((name) => found.find((one) => one.name === name) ?? []),
    ({ date }) => date,
  );
  const parts = Object.entries(days).map(([date, groups = []]) => {
    const others = Math.max(...groups.map((group) => group.others ?? Number.NaN));
    const beside = Number.isNaN(others) ? '' : `, other processes had at most ${Math.round(100 * others)} % of the CPU time`;
    return `${groups.map(({ name }) => `\`${name}\``).join(', ')} (${date}${beside})`;
  });
  return `Groups: ${parts.join('; ')}.`;
}

/** The figure of a work, or the worst and the best of its variants. Bold where the goal is missed. */
function measuredCell(variants: readonly Row[]): string {
  const sign = variants[0].required.startsWith('<=') ? -1 : 1;
  const measured = variants.filter((row) => row.measured !== null).sort((a, b) => sign * (Number(a.measured) - Number(b.measured)));
  if (measured.length === 0)
    return variants[0].outcome === 'fail' ? '**none**' : `not measured: ${variants[0].outcome.replace('absent: ', '')}`;
  const [worst, best] = [measured[0], measured[measured.length - 1]];
  return worst.measured === best.measured ? inWords({ ...worst, variant: undefined }) : `${inWords(worst)} to ${inWords(best)}`;
}

function inWords({ measured, medians, outcome, unit, variant }: Row): string {
  const [shown] = unit
    .replace('us', 'µs')
    .replace(/^\w+\//, '/')
    .split(' ');
  const each = Object.values(medians).map((value) => `${inThree(value)}${shown.startsWith('/') ? '' : ' '}${shown}`);
  const more = [variant ?? [], unit === '' ? [] : each.join(', ')].flat().join('; ');
  const figure = outcome === 'fail' ? `**${inThree(Number(measured))}**` : inThree(Number(measured));
  return more === '' ? figure : `${figure} (${more})`;
}

/** A median: 1.5 ms where the unit is "ms p99", 20/s where it is "req/s". */
function withUnit(value: number, unit: string): string {
  const [shown] = unit.replace('us', 'µs').split(' ');
  return shown.endsWith('/s') ? `${inThree(value)}/s` : `${inThree(value)} ${shown}`;
}

function goalCell(variants: readonly Row[]): string {
  const missed = variants.filter(({ outcome }) => outcome === 'fail').length;
  const goal = variants[0].required.replace('<=', '≤').replace('>=', '≥');
  return variants.length > 1 && missed > 0 ? `${goal}, missed by ${missed} of ${variants.length}` : goal;
}

/** By how much peers in Rust, Go and C are ahead and behind. */
function beside({ runs }: Figures): string {
  const rows = runs.flatMap(({ groups }) => Object.values(groups).flatMap(({ rows }) => rows));
  const compared = rows.flatMap(({ work, unit, medians }) => {
    const peer = nativeIn(medians);
    if (peer === undefined) return [];
    const [ours, theirs] = [medians.ours, medians[peer]];
    const ahead = unit.endsWith('/s') ? theirs / ours : ours / theirs;
    return [
      { what: `${work}: ${quantityOf(unit)}, ours ${withUnit(ours, unit)}`, peer: labelOf(peer), theirs: withUnit(theirs, unit), ahead },
    ];
  });
  const lines = Object.entries(Object.groupBy(compared, ({ what }) => what)).map(([what, peers = []]) => {
    const theirs = peers.filter(({ ahead }) => ahead > 1).map(({ peer, ahead, theirs }) => `**${peer} ${inThree(ahead)}** (${theirs})`);
    const ours = peers.filter(({ ahead }) => !(ahead > 1)).map(({ peer, ahead, theirs }) => `${peer} ${inThree(1 / ahead)} (${theirs})`);
    return [what, theirs.join('; '), ours.join('; ')];
  });
  return table(['What, on which data', 'Native code is ahead, times', 'Ours is ahead, times'], lines);
}

/** The peer in Rust, Go or C that ours is compared with. */
function nativeIn(medians: Row['medians']): string | undefined {
  return 'ours' in medians ? natives.find((name) => name in medians) : undefined;
}

/** The figures of the README. */
function summary(figures: Figures): string {
  const of = (group: string, peer: string) => {
    const row = groupIn(figures, group)?.rows.find(({ medians, unit }) => peer in medians && 'ours' in medians && unit !== 'us CPU');
    if (row === undefined) throw new Error(`there is no figure of ${peer} in ${group}, which the README names`);
    return { ours: inTwo(row.medians.ours), theirs: inTwo(row.medians[peer]), times: row.medians[peer] / row.medians.ours };
  };
  const [pydantic, orjson] = [of('large', 'idiomatic'), of('large', 'tuned')];
  const rust = { json: of('large', 'rust'), binary: of('binary', 'rust'), small: of('small', 'rust') };
  return wrapped(
    `Two tensors of 10 000 × 100 numbers take ${pydantic.ours} ms as JSON (39 MB) and ${rust.binary.ours} ms as safetensors (8 MB). \
For the JSON, FastAPI with PyTorch takes ${inTwo(pydantic.times)} times our time with pydantic, and ${inTwo(orjson.times)} with orjson. \
A service in Rust takes ${rust.json.theirs} ms and ${rust.binary.theirs} ms, and answers ${inTwo(rust.small.times)} times as many small requests.`,
  );
}

const inThree = (value: number): string => inGroups(Number(value.toPrecision(3)));
const inTwo = (value: number): string => inGroups(Number(value.toPrecision(2)));
