/** Stirling's series needs few summands from here on. */
const farOut = 16;

/** ln Γ(x) for x > 0: Stirling's series after a shift. https://dlmf.nist.gov/5.11#E1 */
export function logGamma(x: number): number {
  let [y, shift] = [x, 0];
  for (; y < farOut; y++) shift += Math.log(y);
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** ψ(x), the derivative of ln Γ, for x > 0. https://dlmf.nist.gov/5.11#E2 */
export function digamma(x: number): number {
  let [y, shift] = [x, 0];
  for (; y < farOut; y++) shift += 1 / y;
  const z = 1 / (y * y);
  const series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - (z * 691) / 32760)))));
  return Math.log(y) - 0.5 / y - series - shift;
}
