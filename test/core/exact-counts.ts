/** Bits behind the point of the numbers here. */
const bits = 500n;

/**
 * KL(P ‖ Q) of two rows of counts whose shares differ by less than half, from integers of 500 bits behind the point: log p - log q is
 * ln(1 + x) with the rational x = (c_p·N_q - c_q·N_p) / (c_q·N_p). Counts may be any finite float64 from 2⁻¹⁰⁰ on.
 */
export function exactDivergence(target: readonly number[], input: readonly number[], pseudocount = 0): number {
  const p = target.map((count) => integer(count) + integer(pseudocount));
  const q = input.map((count) => integer(count) + integer(pseudocount));
  const sumP = p.reduce((a, b) => a + b);
  const sumQ = q.reduce((a, b) => a + b);
  const terms = p.map((count, k) => (count * logOnePlus(((count * sumQ - q[k] * sumP) << bits) / (q[k] * sumP))) / sumP);
  return numberOf(terms.reduce((a, b) => a + b));
}

/** The count times 2²⁰⁰, which has no fraction. */
function integer(count: number): bigint {
  let scaled = count;
  let power = 200n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    power--;
  }
  return BigInt(scaled) << power;
}

/** ln(1 + x) by its series. */
function logOnePlus(x: bigint): bigint {
  let sum = 0n;
  let power = x;
  for (let n = 1n; power !== 0n && power !== -1n; n++) {
    sum += (n % 2n === 1n ? power : -power) / n;
    power = (power * x) >> bits;
  }
  return sum;
}

/** The nearest float64, within one unit in the last place. */
function numberOf(value: bigint): number {
  const length = BigInt(value.toString(2).length);
  const shift = length > 60n ? length - 60n : 0n;
  return Number(value >> shift) * 2 ** Number(shift - bits);
}
