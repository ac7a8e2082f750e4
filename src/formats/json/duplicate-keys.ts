import { appendPointer, isObject } from '../../errors/wording.ts';
import { endOfString, isKey } from './lexer.ts';

/** An open list or object, and where in it the text is; an object has names. */
type Open = { readonly names: Set<string> | undefined; entry: number | string };

/** A key that an object has twice, and where the object has it. */
type RepeatedKey = { readonly pointer: string; readonly name: string };

/**
 * Finds the first key that an object has twice, in a text that is valid JSON. JSON.parse silently keeps the last value, other parsers the
 * first: a proxy may have checked another value than the one that is computed.
 */
export function repeatedKey(text: string): RepeatedKey | undefined {
  const open: Open[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    const top = open[open.length - 1];
    if (character === '{') open.push({ names: new Set(), entry: '' });
    else if (character === '[') open.push({ names: undefined, entry: 0 });
    else if (character === '}' || character === ']') open.pop();
    else if (character === ',' && typeof top.entry === 'number') top.entry++;
    else if (character === '"') {
      const end = endOfString(text, at);
      if (top?.names !== undefined && isKey(text, end)) {
        // parsed, because escapes spell one name in many ways
        const name: string = JSON.parse(text.slice(at, end));
        top.entry = name;
        if (top.names.has(name)) return { pointer: pointerOf(open), name };
        top.names.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

function pointerOf(open: readonly Open[]): string {
  return open.reduce((path, { entry }) => appendPointer(path, entry), '#');
}

/** How many colons a text has: at least as many as its objects have fields. */
export function colonsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count++;
  return count;
}

/**
 * How many names the objects of a value have, at the least: lists that begin with anything but an object are passed over, since most are
 * numbers. Where its text has no more fields, no name stands there twice.
 */
export function namesIn(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (!isContainer(next)) continue;
    const values = Object.values(next);
    if (!Array.isArray(next)) count += values.length;
    for (const inner of values) {
      if (isContainer(inner) && !(Array.isArray(inner) && !isObject(inner[0]))) open.push(inner);
    }
  }
  return count;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
