/** The place of a cell in a text. */
type Cell = { readonly from: number; readonly to: number };

/** Rows of a spreadsheet as JSON, and where each number stands in the text. */
type Rows = {
  readonly json: string;
  /** Returns the place of the element that the steps of a pointer name; a row is as long as its cells. */
  readonly placeOf: (steps: readonly string[]) => Cell;
};

/**
 * Returns pasted rows of a spreadsheet or a CSV file as JSON: one list for a single row or column, else a list of rows. A first row
 * without a number over rows that have some is left out. Returns undefined for a text that is JSON, or means to be.
 */
export function readRows(text: string): Rows | undefined {
  if (/^\s*([[{"]|$)/.test(text)) return undefined;
  const separator = /\t/.test(text) ? '\t' : /;/.test(text) ? ';' : /,/.test(text) ? ',' : ' ';
  const all = linesOf(text).map((line) => cellsOf(line, text, separator));
  const hasNumber = (row: readonly Cell[]) => row.some((cell) => isNumber(textOf(cell, text)));
  const rows = all.length > 1 && !hasNumber(all[0]) && all.slice(1).every(hasNumber) ? all.slice(1) : all;
  const values = rows.map((row) => row.map((cell) => jsonOf(textOf(cell, text))));
  const isColumn = rows.every((row) => row.length === 1);
  const isRow = rows.length === 1;
  const list = (items: readonly string[]) => `[${items.join(', ')}]`;
  const json = isColumn ? list(values.flat()) : isRow ? list(values[0]) : list(values.map(list));
  return {
    json,
    placeOf: ([first, second]) => {
      const row = isRow && !isColumn ? rows[0] : rows[Number(first)];
      const cell = isRow && !isColumn ? row[Number(first)] : isColumn ? row?.[0] : second === undefined ? undefined : row?.[Number(second)];
      const whole = row ?? rows.flat();
      return cell ?? { from: whole[0]?.from ?? 0, to: whole.at(-1)?.to ?? text.length };
    },
  };
}

function linesOf(text: string): Cell[] {
  return [...text.matchAll(/[^\r\n]+/g)]
    .filter(([line]) => line.trim() !== '')
    .map((match) => ({ from: match.index, to: match.index + match[0].length }));
}

/** Cells may be quoted, and then hold the separator. */
function cellsOf({ from, to }: Cell, text: string, separator: string): Cell[] {
  const line = text.slice(from, to);
  const pattern = separator === ' ' ? /"(?:[^"]|"")*"(?!\S)|\S+/g : new RegExp(`("(?:[^"]|"")*"|[^${separator}]*)(?:${separator}|$)`, 'g');
  const cells: Cell[] = [];
  for (const match of line.matchAll(pattern)) {
    const cell = separator === ' ' ? match[0] : match[1];
    if (match.index < line.length || line.endsWith(separator))
      cells.push({ from: from + match.index, to: from + match.index + cell.length });
  }
  return cells;
}

function textOf({ from, to }: Cell, text: string): string {
  const cell = text.slice(from, to).trim();
  return cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

function isNumber(cell: string): boolean {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell) || /^[-+]?inf(inity)?$/i.test(cell);
}

function jsonOf(cell: string): string {
  if (cell === '') return 'null';
  if (/inf/i.test(cell) && isNumber(cell)) return cell.startsWith('-') ? '"-Infinity"' : '"Infinity"';
  return isNumber(cell) ? JSON.stringify(Number(cell)) : JSON.stringify(cell);
}
