import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import type { Row } from './row.ts';

/** What a group found, how many seconds it took, and which share of the CPU time other processes had meanwhile, if that is known. */
export type GroupFigures = { readonly seconds: number; readonly others: number | null; readonly rows: readonly Row[] };

/** One run of the suite: its command, the machine as it was before, and its groups by name. */
export type Run = { readonly command: string; readonly machine: Machine; readonly groups: Readonly<Record<string, GroupFigures>> };

/** The figures of several runs; a group stands in the latest run that finished it. */
export type Figures = { readonly runs: readonly Run[] };

/** The committed figures, which docs/benchmarks.md is written from. */
export const committedFigures = new URL('../../docs/benchmarks.json', import.meta.url);

/** The figures in a file; none where there is no file. */
export function readFigures(path: string | URL): Figures {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { runs: [] };
}

export function writeFigures(path: string | URL, figures: Figures): void {
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
  writeFileSync(path, `${JSON.stringify(figures, rounded, 2)}\n`);
}

/** The figures with a run in the place of what older ones found in its groups. */
export function withRun({ runs }: Figures, run: Run): Figures {
  const older = runs.map(({ groups, ...rest }) => ({
    ...rest,
    groups: Object.fromEntries(Object.entries(groups).filter(([name]) => !(name in run.groups))),
  }));
  return { runs: [...older, run].filter(({ groups }) => Object.keys(groups).length > 0) };
}

/** What is known of a group. */
export function groupIn({ runs }: Figures, name: string): GroupFigures | undefined {
  return runs.find(({ groups }) => name in groups)?.groups[name];
}
