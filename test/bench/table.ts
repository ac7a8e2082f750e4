import { inDigits } from './digits.ts';
import type { Row } from './row.ts';

const columns: Record<string, (row: Row) => string> = {
  group: ({ group }) => group,
  work: ({ work, variant }) => (variant === undefined ? work : `${work}: ${variant}`),
  figure: ({ figure }) => figure,
  measured: ({ measured }) => (measured === null ? '' : inDigits(measured)),
  required: ({ required }) => required,
  outcome: ({ outcome }) => outcome,
  detail: ({ detail }) => detail,
};

/** The rows as a table in Markdown, also legible as it stands. */
export function table(rows: readonly Row[]): string {
  const cells = [
    Object.keys(columns),
    Object.keys(columns).map(() => '---'),
    ...rows.map((row) => Object.values(columns).map((cell) => cell(row))),
  ];
  const widths = Object.keys(columns).map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`).join('\n');
}
