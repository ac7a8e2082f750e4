/**
 * p·φ(d) with φ(d) = d + exp(-d) - 1 ≥ 0, where d = log p - log q. Summed over normalised distributions this is
 * KL(P ‖ Q), because Σ p·(exp(-d) - 1) = Σ q - Σ p = 0; every summand is ≥ 0 and keeps its digits where p ≈ q.
 * A p of 0 leaves q: the limit of p·log(p/q) - p + q.
 */
export function generalizedTerm(p: number, q: number, d: number): number {
  if (p === 0) return q;
  // among subnormal masses rounding is as large as the result
  return Math.abs(d) < 0.25 ? p * phiNearZero(d) : Math.max(0, p * (d - 1) + q);
}

/** p·(log p - log q), in nats. lim p→0 p·log p = 0, so a zero p contributes nothing whatever q is. */
export function term(p: number, d: number): number {
  return p === 0 ? 0 : p * d;
}

/** d + exp(-d) - 1, which is ≥ 0 and keeps its digits near 0. */
export function phi(d: number): number {
  return Math.abs(d) < 0.25 ? phiNearZero(d) : d + Math.expm1(-d);
}

const reciprocals = Float64Array.from({ length: 14 }, (_, n) => 1 / n);

// the alternating series of d + exp(-d) - 1, d²/2! - d³/3! + …, to d¹³/13!: the rest is below 2⁻⁵³ of the first summand for |d| < 1/4
function phiNearZero(d: number): number {
  let sum = 1;
  for (let n = 13; n > 2; n--) sum = 1 - d * reciprocals[n] * sum;
  return 0.5 * d * d * sum;
}
