/** Numbers in fixed point with 400 bits after the point, slow and exact to far more digits than float64 has. */
const bits = 400n;
export const one = 1n << bits;

/** The exact value of a float64, but for what lies below 2⁻⁴⁰⁰. */
export function fixed(value: number): bigint {
  let exponent = 0n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent++;
  }
  return (BigInt(scaled) << bits) >> exponent;
}

export function toNumber(value: bigint): number {
  if (value === 0n) return 0;
  const length = BigInt((value < 0n ? -value : value).toString(2).length);
  const shift = length > 64n ? length - 64n : 0n;
  return Number(value >> shift) * 2 ** Number(shift - bits);
}

export const times = (a: bigint, b: bigint) => (a * b) >> bits;
export const over = (a: bigint, b: bigint) => (a << bits) / b;

/** e^x by its series, after halving x until it is small. */
export function exp(x: bigint): bigint {
  const halvings = 64n + BigInt((x < 0n ? -x : x).toString(2).length) - bits;
  const small = halvings > 0n ? x >> halvings : x;
  let sum = one;
  let summand = one;
  for (let n = 1n; summand !== 0n && n < 200n; n++) {
    summand = times(summand, small) / n;
    sum += summand;
  }
  for (let n = 0n; n < halvings; n++) sum = times(sum, sum);
  return sum;
}

/** ln x for x > 0: 2·artanh((x - 1)/(x + 1)) after powers of 2 are taken out. */
export function ln(x: bigint): bigint {
  const exponent = BigInt(x.toString(2).length) - 1n - bits;
  const reduced = exponent >= 0n ? x >> exponent : x << -exponent;
  return artanhSum(reduced) + exponent * ln2;
}

function artanhSum(x: bigint): bigint {
  const y = over(x - one, x + one);
  const square = times(y, y);
  let power = y;
  let sum = 0n;
  for (let n = 1n; power !== 0n && n < 2000n; n += 2n) {
    sum += power / n;
    power = times(power, square);
  }
  return 2n * sum;
}

const ln2 = artanhSum(2n * one);

export function sqrt(x: bigint): bigint {
  if (x <= 0n) return 0n;
  const square = x << bits;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2) + 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
