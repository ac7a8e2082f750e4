import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupIn, type Run, withRun } from './figures.ts';

const versions = { node: 'v26' };

function run(date: string, seconds: Readonly<Record<string, number>>): Run {
  const groups = Object.fromEntries(Object.entries(seconds).map(([name, one]) => [name, { seconds: one, others: 0, rows: [] }]));
  return { command: 'npm run bench', machine: { date, cpu: 'one', cores: 2, load: 0, versions }, groups };
}

const all = { runs: [run('2026-01-01', { small: 1, large: 2 })] };

test('a run of some groups replaces what was known of them and keeps the others', () => {
  const figures = withRun(all, run('2026-01-02', { large: 3, jobs: 4 }));
  assert.deepEqual(
    figures.runs.map(({ machine, groups }) => [machine.date, Object.keys(groups)]),
    [
      ['2026-01-01', ['small']],
      ['2026-01-02', ['large', 'jobs']],
    ],
  );
  assert.equal(groupIn(figures, 'large')?.seconds, 3);
  assert.equal(groupIn(figures, 'none'), undefined);
});

test('a run whose groups have all been measured again is gone', () => {
  assert.deepEqual(withRun(all, run('2026-01-02', { small: 3, large: 4 })).runs.length, 1);
});

test('a run none of whose groups came to its end changes nothing', () => {
  assert.deepEqual(withRun(all, run('2026-01-02', {})), all);
});
