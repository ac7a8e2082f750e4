export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

/** Wraps paragraphs and items of lists anew, at 100 columns; tables, headings and code stay as they are. */
export function wrapped(page: string): string {
  return page
    .split(/(^```.*?^```$)/ms)
    .map((part) => (part.startsWith('```') ? part : wrappedProse(part)))
    .join('');
}

function wrappedProse(text: string): string {
  return text.replace(/^(?![|#<\n])(- )?.+(\n(?![|#<\n]|- ).+)*/gm, (paragraph, bullet: string | undefined) => {
    const indent = ' '.repeat(bullet?.length ?? 0);
    const words = paragraph.split(/\s+/);
    const lines = [words[0]];
    for (const word of words.slice(1)) {
      const longer = `${lines.at(-1)} ${word}`;
      if (longer.length <= 100) lines[lines.length - 1] = longer;
      else lines.push(`${indent}${word}`);
    }
    return lines.join('\n');
  });
}

/** The anchor that GitHub gives to a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/** JSON as one writes it by hand: indented, and what is short on one line. */
export function json(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ').replaceAll('[ ', '[').replaceAll(' ]', ']');
  if (flat.length + indent.length <= 80 || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Object.entries(value).map(
    ([key, one]) => `${inner}${Array.isArray(value) ? '' : `${JSON.stringify(key)}: `}${json(one, inner)}`,
  );
  return `${open}\n${entries.join(',\n')}\n${indent}${close}`;
}
