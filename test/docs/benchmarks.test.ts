import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withFigures } from '../../docs/benchmarks-page.ts';
import { committedFigures, type Figures, readFigures } from '../bench/figures.ts';
import { groups } from '../bench/groups.ts';
import { atLeast, atMost, type Row, ratioRows, variantRows } from '../bench/row.ts';

const large = {
  group: 'large',
  work: 'large',
  unit: 'ms',
  medians: { ours: 50, rust: 25, go: 100, parse: 200 },
  absent: { axum: 'no cargo' },
};
const small = { group: 'small', work: 'small', unit: 'req/s', medians: { ours: 10_000, rust: 60_000, go: 5_000 } };
const lists = { group: 'large', work: 'lists', unit: 'ms', medians: { dense: 10, ids: 20, names: 30 } };

const rows = {
  large: [
    ...ratioRows(large, [
      { over: 'ours', under: 'rust', required: atMost(0.9) },
      { over: 'go', under: 'ours' },
      { over: 'ours', under: 'parse', required: atMost(0.7) },
      { over: 'axum', under: 'ours', required: atLeast(1) },
    ]),
    ...variantRows(lists, 'lists', 'dense', atMost(2)),
  ],
  small: ratioRows(small, [
    { over: 'ours', under: 'rust' },
    { over: 'ours', under: 'go' },
  ]),
};

const runOf = (date: string, found: Readonly<Record<string, readonly Row[]>>): Figures['runs'][number] => ({
  command: 'npm run bench',
  machine: { date, cpu: 'EPYC', cores: 2, load: 0.25, versions: { node: 'v26' } },
  groups: Object.fromEntries(Object.entries(found).map(([name, rows]) => [name, { seconds: 30, others: 0.02, rows }])),
});

const figures = { runs: [runOf('2026-01-02', rows)] };

/** The cells of the generated table for what a block names, and what stands above them. */
function written(what: string, of: Figures = figures): { above: string; cells: string[][] } {
  const lines = withFigures(`<!-- figures: ${what} -->\nold\n<!-- end of figures -->\n`, of).split('\n').slice(1, -2);
  assert.ok(!lines.includes('old'));
  const [, , ...cells] = lines.filter((line) => line.startsWith('|'));
  return {
    above: lines
      .filter((line) => !line.startsWith('|'))
      .join(' ')
      .trim(),
    cells: cells.map((line) => line.slice(2, -2).split(' | ')),
  };
}

test('a table has the ratio and both medians, the goal, bold what misses it, and why a peer is absent', () => {
  assert.deepEqual(written('large').cells.slice(0, 3), [
    ['large', 'time, ours ÷ Rust (hyper, sonic-rs)', '**2** (50 ms, 25 ms)', '≤ 0.9'],
    ['', 'time, ours ÷ receiving it and `JSON.parse`', '0.25 (50 ms, 200 ms)', '≤ 0.7'],
    ['', 'time, Rust (axum, serde_json) ÷ ours', 'not measured: no cargo', '≥ 1'],
  ]);
});

test('variants of a work are one line, from the worst to the best, which says how many miss the goal', () => {
  assert.deepEqual(written('large').cells.at(-1), [
    'lists',
    'time, lists ÷ dense',
    '**3** (names; 30 ms, 10 ms) to 2 (ids; 20 ms, 10 ms)',
    '≤ 2, missed by 1 of 2',
  ]);
});

test('the native services that are ahead stand apart from those that are behind, by times and by rates, whether or not there is a goal', () => {
  assert.deepEqual(written('natives').cells, [
    ['large: time, ours 50 ms', '**Rust (hyper, sonic-rs) 2** (25 ms)', 'Go (fasthttp, sonic) 2 (100 ms)'],
    ['small: requests/s, ours 10 000/s', '**Rust (hyper, sonic-rs) 6** (60 000/s)', 'Go (fasthttp, sonic) 2 (5 000/s)'],
  ]);
});

test('above a table stands when each of its groups ran, and what other processes took meanwhile', () => {
  const both = { runs: [runOf('2026-01-01', { small: rows.small }), runOf('2026-01-02', { large: rows.large })] };
  const beside = 'other processes had at most 2 % of the CPU time';
  assert.equal(written('large small').above, `Groups: \`large\`, \`small\` (2026-01-02, ${beside}).`);
  assert.equal(written('large small', both).above, `Groups: \`large\` (2026-01-02, ${beside}); \`small\` (2026-01-01, ${beside}).`);
});

test('the README cannot be written without a peer that it names', () => {
  assert.throws(() => written('summary', { runs: [] }), /there is no figure of idiomatic in large/);
});

test('every group of the suite has committed figures, and its place on the page', () => {
  const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
  const onPage = [...page.matchAll(/<!-- figures: (.+) -->/g)].flatMap(([, names]) => names.split(' '));
  const names = Object.keys(groups).sort();
  assert.deepEqual(onPage.filter((name) => name !== 'runs' && name !== 'natives').sort(), names);
  assert.deepEqual(
    readFigures(committedFigures)
      .runs.flatMap((run) => Object.keys(run.groups))
      .sort(),
    names,
  );
});
