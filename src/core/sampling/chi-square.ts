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

/** The x that a chi-square variable exceeds with a probability of `share`. */
export function chiSquareExceededBy(share: number, degrees: number): number {
  return degrees > 0 ? cephes().chdtri(degrees, share) : 0;
}

/** The mean of the root of a chi-square variable: √2·Γ((k + 1)/2) / Γ(k/2). */
export function meanOfChi(degrees: number): number {
  const { lgam } = cephes();
  return degrees > 0 ? Math.SQRT2 * Math.exp(lgam((degrees + 1) / 2) - lgam(degrees / 2)) : 0;
}
