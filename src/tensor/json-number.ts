/** A number as JSON holds it: the non-finite ones, which JSON has no literals for, as text. */
export type JsonNumber = number | 'Infinity' | '-Infinity' | 'NaN';

export function jsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
