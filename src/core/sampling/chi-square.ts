import { cephes } from '../special-functions.ts';

/** Float64 has no smaller exponentials, and cephes throws where it would need one. */
const lowestExponent = -708;

/** P(X ≥ x) of a chi-square variable. With 0 degrees of freedom X is 0. Below 1e-307 it is 0. */
export function chiSquareSurvival(x: number, degrees: number): number {
  if (!(x > 0 && degrees > 0)) return 1;
  const { chdtrc, lgam } = cephes();
  const exponent = (degrees / 2) * Math.log(x / 2) - x / 2 - lgam(degrees / 2);
  if (exponent < lowestExponent) return x < degrees ? 1 : 0;
  return chdtrc(degrees, x);
}

/** From here on its cube root is normal to ten digits. With more degrees cephes throws now and then, where its search underflows. */
const manyDegrees = 200_000;

/** The x that a chi-square variable exceeds with a probability of `share`. Wilson and Hilferty, doi:10.1073/pnas.17.12.684 */
export function chiSquareExceededBy(share: number, degrees: number): number {
  if (degrees === 0) return 0;
  const { chdtri, ndtri } = cephes();
  if (degrees <= manyDegrees) return chdtri(degrees, share);
  const variance = 2 / (9 * degrees);
  return degrees * (1 - variance - ndtri(share) * Math.sqrt(variance)) ** 3;
}

/** The mean of the root of a chi-square variable with k degrees: √2·Γ((k + 1)/2) / Γ(k/2); where k is large, by a series in 1/k. */
export function meanOfChi(degrees: number): number {
  if (degrees === 0) return 0;
  const { lgam } = cephes();
  if (degrees < 1000) return Math.SQRT2 * Math.exp(lgam((degrees + 1) / 2) - lgam(degrees / 2));
  const x = 1 / (4 * degrees);
  return Math.sqrt(degrees) * (1 - x + x ** 2 / 2 + (5 * x ** 3) / 2);
}
