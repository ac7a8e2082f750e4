import { generalizedTerm } from './math/generalized-term';
import { logRatioTo } from './math/logarithm';
import { lastOf, lostIn, lostInProduct, once, sumOf } from './math/simd';
import { pseudocountP, pseudocountQ } from './sides';

/** Σ p·φ(log p - log q) of n counts on each side, whose sums are massP and massQ. */
export function sumOfRefined(p: usize, q: usize, n: i32, massP: f64, massQ: f64): f64 {
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) sum = f64x2.add(sum, refinedTerm(v128.load(p), v128.load(q), massP, massQ));
  if (n & 1) sum = f64x2.add(sum, once(refinedTerm(lastOf(p), lastOf(q), massP, massQ)));
  return sumOf(sum);
}

function refinedTerm(countP: v128, countQ: v128, massP: f64, massQ: f64): v128 {
  const p = f64x2.div(f64x2.add(countP, f64x2.splat(pseudocountP)), f64x2.splat(massP));
  const q = f64x2.div(f64x2.add(countQ, f64x2.splat(pseudocountQ)), f64x2.splat(massQ));
  return generalizedTerm(p, q, logRatioOfCounts(countP, countQ, massP, massQ));
}

/**
 * log p - log q, as that of c_p / (c_q·massP / massQ), whose product is exact, and not of the shares, whose rounding would show where
 * P ≈ Q; nor would what rounding takes from the sums with the pseudocount. The rounding of massP / massQ is common to all outcomes.
 */
export function logRatioOfCounts(countP: v128, countQ: v128, massP: f64, massQ: f64): v128 {
  const moreP = f64x2.splat(pseudocountP);
  const moreQ = f64x2.splat(pseudocountQ);
  const x = f64x2.add(countP, moreP);
  const y = f64x2.add(countQ, moreQ);
  const scale = f64x2.splat(massP / massQ);
  const scaled = f64x2.mul(y, scale);
  let rest = lostInProduct(y, scale, scaled);
  if (pseudocountP + pseudocountQ !== 0) {
    // what the numerator has lost, as a part of the denominator: the two may be far apart
    const lostP = f64x2.mul(lostIn(countP, moreP, x), f64x2.div(scaled, x));
    rest = f64x2.add(rest, f64x2.sub(f64x2.mul(scale, lostIn(countQ, moreQ, y)), lostP));
  }
  return logRatioTo(x, scaled, rest);
}
