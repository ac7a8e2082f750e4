const smallest = -342;
const largest = 308;

/**
 * The 128 most significant bits of 5^q for every q from -342 to 308, as pairs of a high and a low half: truncated where q ≥ 0, of a
 * reciprocal rounded up below. Lemire 2021, doi:10.1002/spe.2984, section 5 and appendix B
 */
export function powersOfFive(): BigUint64Array {
  const halves = new BigUint64Array(2 * (largest - smallest + 1));
  for (let q = smallest; q <= largest; q++) {
    const bits = q < 0 ? reciprocal(5n ** BigInt(-q), q) : leading128(5n ** BigInt(q));
    halves[2 * (q - smallest)] = bits >> 64n;
    halves[2 * (q - smallest) + 1] = BigInt.asUintN(64, bits);
  }
  return halves;
}

function leading128(value: bigint): bigint {
  const excess = bitLength(value) - 128n;
  return excess > 0n ? value >> excess : value << -excess;
}

function reciprocal(power: bigint, q: number): bigint {
  const bits = bitLength(power);
  // down to 5^-27, a power of five fits into 64 bits, and rounding up is done at 128 bits
  return leading128((1n << (q >= -27 ? bits + 127n : 2n * bits + 128n)) / power + 1n);
}

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(2).length);
}
