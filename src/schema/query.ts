import { tensorNames } from '../core/comparison.ts';
import { type Fault, RequestError } from '../errors/request-error.ts';
import { appendPointer, describeValue, quote } from '../errors/wording.ts';

/**
 * The options of a request from the query of its URL, as the JSON fields that `parseRequest` checks. A list is comma-separated or a
 * repeated parameter: `dim=0,1`, `reduction=sum&reduction=none`. Text that is not what a field needs stays text, and unknown
 * names stay, for `parseRequest` to refuse.
 * @throws RequestError INVALID_VALUE for a tensor in the query, or a list in brackets
 */
export function parseTextOptions(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const stray = tensorNames.filter((name) => Object.hasOwn(query, name));
  const faults = [...stray.map(strayTensor), ...Object.keys(readers).flatMap((name) => listsInBrackets(name, query[name]))];
  if (faults.length > 0) throw new RequestError(faults);
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, Object.hasOwn(readers, name) ? readers[name](value) : value]),
  );
}

function strayTensor(name: string) {
  const detail = `the tensor ${name} cannot be given in the query of the URL: it is read from the body`;
  return { pointer: appendPointer('#', name), code: 'INVALID_VALUE', detail } as const;
}

/** What is wrong with lists of numbers or names that have brackets. */
function listsInBrackets(name: string, value: unknown): Fault[] {
  const texts = [value].flat().filter((item) => typeof item === 'string' && listInBrackets.test(item)) as string[];
  return texts.map((text) => {
    const plain = text.replaceAll(/[[\]'"\s]/g, '');
    const detail = `expected commas between entries and no brackets, as in ${quote(plain)}, got ${describeValue(text)}`;
    return { pointer: appendPointer('#', name), code: 'INVALID_VALUE', detail };
  });
}

const listInBrackets = /^\s*\[\s*['"]?[\w.:+-]+['"]?(\s*,\s*['"]?[\w.:+-]+['"]?)*\s*\]\s*$/;

/** How the text of a parameter becomes the value of a field; other fields keep their text. */
const readers: Readonly<Record<string, (value: unknown) => unknown>> = {
  dim: (value) => oneOrList(value, integerOrText),
  reduction: (value) => oneOrList(value, (text) => text),
  divergences: (value) => [oneOrList(value, (text) => text)].flat(),
  base: numberOrText,
  statistics: flagOrList,
  temperature: numberOrText,
  pseudocount: numberOrText,
  strict: booleanOrText,
  bins: (value) => oneOrList(value, numberOrText),
  k: integerOrText,
  sampling: booleanOrText,
  confidence: numberOrText,
  seed: integerOrText,
};

function oneOrList(value: unknown, read: (text: unknown) => unknown): unknown {
  const items = (Array.isArray(value) ? value : [value]).flatMap((item) => (isPlainText(item) ? item.split(',') : [item]));
  return items.length === 1 ? read(items[0]) : items.map(read);
}

/** An object or list as JSON has it is refused as a whole. */
function isPlainText(item: unknown): item is string {
  return typeof item === 'string' && !/^\s*[[{]/.test(item);
}

function integerOrText(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}

/** A number as JSON spells it. */
function numberOrText(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
}

/** `true` or `false`, or a list of numbers even where it is one; a single text that is neither stays text. */
function flagOrList(value: unknown): unknown {
  const flag = booleanOrText(value);
  if (typeof flag === 'boolean') return flag;
  const read = oneOrList(value, numberOrText);
  return typeof read === 'string' ? read : [read].flat();
}

function booleanOrText(value: unknown): unknown {
  return value === 'true' || value === 'false' ? value === 'true' : value;
}
