/** Four significant digits without an exponent. */
export function inDigits(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A number with its digits in threes, as 10 000. */
export function inGroups(value: number): string {
  return String(value).replaceAll(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ' ');
}
