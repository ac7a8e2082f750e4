import { setImmediate as turn } from 'node:timers/promises';

/** Of so many characters at a time: the event loop has others between. */
const stepLength = 2 ** 16;

/**
 * Writes a JSON value as YAML in block style, piece by piece. Keys and texts are those of JSON, which every YAML reads alike.
 * https://yaml.org/spec/1.2.2/#13-terminology
 */
export async function* yamlOf(value: unknown): AsyncGenerator<string> {
  let piece = '';
  for (const line of linesOf(value, '', '')) {
    piece += line;
    if (piece.length < stepLength) continue;
    yield piece;
    piece = '';
    await turn();
  }
  yield piece;
}

/** @param lead what stands before the first line of the value: a key or a dash. */
function* linesOf(value: unknown, lead: string, indent: string): Generator<string> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) {
    yield `${lead}${JSON.stringify(value)}\n`;
    return;
  }
  if (lead !== '') yield `${lead.trimEnd()}\n`;
  const inner = lead === '' ? '' : `${indent}  `;
  const isList = Array.isArray(value);
  for (const [key, entry] of entries) yield* linesOf(entry, isList ? `${inner}- ` : `${inner}${JSON.stringify(key)}: `, inner);
}
