/** Four significant digits without an exponent. */
export function inDigits(value: number): string {
  return String(Number(value.toPrecision(4)));
}
