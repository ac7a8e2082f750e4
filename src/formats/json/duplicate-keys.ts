import type { Fault } from '../../errors/request-error.ts';
import { appendPointer, quote } from '../../errors/wording.ts';

/** An open list or object, and where in it the text is; an object has names. */
type Open = { readonly names: Set<string> | undefined; entry: number | string };

/**
 * The first name that an object of valid JSON has twice. JSON.parse keeps the last value silently, and others the first: what a proxy has
 * checked need not be what is computed.
 */
export function repeatedName(text: string): Fault | undefined {
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
      if (top?.names !== undefined && isName(text, end)) {
        // parsed, because escapes spell one name in many ways
        const name: string = JSON.parse(text.slice(at, end));
        top.entry = name;
        if (top.names.has(name)) return faultAt(open, name);
        top.names.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

function faultAt(open: readonly Open[], name: string): Fault {
  const pointer = open.reduce((path, { entry }) => appendPointer(path, entry), '#');
  return { pointer, code: 'INVALID_JSON', detail: `an object has the name ${quote(name)} twice` };
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether the string that ends here is followed by a colon. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
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

function isObject(value: unknown): boolean {
  return isContainer(value) && !Array.isArray(value);
}
