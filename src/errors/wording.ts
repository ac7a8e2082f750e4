/** Appends one step to a JSON Pointer in a URI fragment: `appendPointer('#/input', 3)` is `#/input/3`. RFC 6901, sections 3 and 6. */
export function appendPointer(pointer: string, key: string | number): string {
  if (typeof key === 'number') return `${pointer}/${key}`;
  const short = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  // a lone surrogate has no UTF-8 and would make encodeURIComponent throw
  return `${pointer}/${encodeURIComponent(short.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

/** Whether a value of JSON is an object, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Describes a value for an error message: its type, and the beginning of a text. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  if (typeof value !== 'string') return String(value);
  return `the text ${quote(value)}`;
}

/** Quotes a text. Texts above 40 UTF-16 units are cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
