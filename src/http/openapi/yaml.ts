/**
 * Returns a JSON value as YAML in block style, in time for an event loop. Keys and texts are those of JSON, which every YAML reads alike.
 * https://yaml.org/spec/1.2.2/#13-terminology
 */
export function yamlOf(value: unknown): string {
  const lines: string[] = [];
  write(value, '', '', lines);
  return `${lines.join('\n')}\n`;
}

/** @param lead what stands before the first line of the value: a key or a dash. */
function write(value: unknown, lead: string, indent: string, lines: string[]): void {
  const isEmpty = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  if (isEmpty) {
    lines.push(`${lead}${JSON.stringify(value)}`);
    return;
  }
  if (lead !== '') lines.push(lead.trimEnd());
  const inner = lead === '' ? '' : `${indent}  `;
  if (Array.isArray(value)) for (const entry of value) write(entry, `${inner}- `, inner, lines);
  else for (const [key, entry] of Object.entries(value)) write(entry, `${inner}${JSON.stringify(key)}: `, inner, lines);
}
