export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

/** Wraps paragraphs at 100 columns; tables and headings stay as they are. */
export function wrapped(page: string): string {
  return page
    .split('\n')
    .map((line) => (line.length <= 100 || /^[|#<]/.test(line) ? line : line.replace(/(.{1,100})(?: |$)/g, '$1\n').trimEnd()))
    .join('\n');
}
