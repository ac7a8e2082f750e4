import { phi } from '../terms.ts';
import { logQuotient, ratioGap } from './gaps.ts';

/** From here on the series below has all digits of float64. */
export const farOut = 12;

/**
 * s(b) - s(a) - (b - a)·s'(a) ≥ 0, the Bregman divergence of s(x) = ln Γ(x) - x·ln x + x, for a and b above 0: what closed forms with gamma
 * functions need of them. Differences of ln Γ and digamma would lose all digits where a ≈ b; no step here subtracts what is nearly equal.
 * s(x) - s(x + 1) is elementary, and far out Stirling's series holds: https://dlmf.nist.gov/5.11#E1
 */
export function stirlingGap(b: number, a: number): number {
  const difference = b - a;
  let sum = 0;
  let shift = 0;
  for (; Math.min(a, b) + shift < farOut; shift++) sum += stepGap(b + shift, a + shift, difference);
  return sum + seriesGap(b + shift, a + shift, difference);
}

/** The Bregman divergence of s(x) - s(x + 1) = (x + 1)·ln(1 + 1/x) - 1. */
function stepGap(b: number, a: number, difference: number): number {
  const u = difference / b / (a + 1);
  if (Math.abs(u) < 0.5) return ((difference / a) * (difference / b)) / (a + 1) - (b + 1) * ratioGap(-u, Math.log1p(-u));
  return (b + 1) * logQuotient(a * (b + 1), b * (a + 1)) + difference / a;
}

/** The coefficients of 1/x, 1/x³, 1/x⁵, … in Stirling's series of ln Γ. */
export const stirlingCoefficients = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** The Bregman divergence of -½·ln x and of Stirling's series. */
function seriesGap(b: number, a: number, difference: number): number {
  const x = difference / a;
  const isNear = Math.abs(x) < 0.5;
  const log = isNear ? Math.log1p(x) : Math.log(b / a);
  const gap = ratioGap(x, log);
  let sum = 0.5 * gap;
  let ofA = 1 / a;
  let ofB = 1 / b;
  for (let k = 0, m = 1; k < stirlingCoefficients.length; k++, m += 2) {
    sum += stirlingCoefficients[k] * (isNear ? ofA * (phi(m * log) + m * gap) : ofB - ofA * (1 - m * x));
    ofA /= a * a;
    ofB /= b * b;
  }
  return sum;
}
