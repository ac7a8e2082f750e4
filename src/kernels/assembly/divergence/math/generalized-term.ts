import { linear } from './simd';

const table: usize = memory.data<f64>([
  -2.507721278058295e-8, // (d + exp(-d) - 1) / d², from d⁹ down
  2.7589957366249805e-7,
  -2.755730549290389e-6,
  2.48015694494292e-5,
  -0.00019841269844335027,
  0.0013888888892874063,
  -0.008333333333333094,
  0.041666666666663556,
  -0.16666666666666666,
  0.5,
]);

/** p·(d + exp(-d) - 1) of both lanes, where d = log p - log q: the summand of `src/core/terms.ts`, with its two branches. */
export function generalizedTerm(p: v128, q: v128, d: v128): v128 {
  const d2 = f64x2.mul(d, d);
  const d4 = f64x2.mul(d2, d2);
  const low = f64x2.relaxed_madd(linear(d, table + 48), d2, linear(d, table + 64));
  const middle = f64x2.relaxed_madd(linear(d, table + 16), d2, linear(d, table + 32));
  const y = f64x2.relaxed_madd(linear(d, table), f64x2.mul(d4, d4), f64x2.relaxed_madd(middle, d4, low));
  const near = f64x2.mul(f64x2.mul(p, d2), y);
  const far = f64x2.relaxed_madd(p, f64x2.sub(d, f64x2.splat(1)), q);
  return v128.bitselect(near, far, f64x2.lt(f64x2.abs(d), f64x2.splat(0.25)));
}
