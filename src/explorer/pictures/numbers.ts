/** A number as it is read: four digits behind the point, or of numbers below 1 four digits that tell. */
export function inShort(value: number): string {
  if (Number.isNaN(value)) return 'not read';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text = size === 0 ? '0' : size >= 1e5 || size < 1e-3 ? value.toExponential(3) : size < 1 ? value.toPrecision(4) : value.toFixed(4);
  return text.replace('-', '−').replace(/e([+−-])/, (_, sign) => `e${sign === '+' ? '' : '−'}`);
}

/** A number in the cell of a grid: two digits. */
export function inCell(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : inShort(value);
  const size = Math.abs(value);
  return (size !== 0 && size < 0.005 ? value.toExponential(0) : value.toFixed(2)).replace('-', '−').replace('e-', 'e−');
}

/** A whole number with its noun, grouped: `1 000 000 elements`, `1 row`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function grouped(count: number): string {
  return count >= 10_000 ? count.toLocaleString('en').replaceAll(',', ' ') : String(count);
}

export function indexInWords(index: readonly number[]): string {
  return `[${index.join(', ')}]`;
}

/** A number at a tick of an axis. */
export function atTick(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
