/**
 * Decimal to double: w·10^q rounded to nearest, ties to even. Exact for every w of at most 19 digits.
 * Lemire 2021, "Number parsing at a gigabyte per second", doi:10.1002/spe.2984, with no fallback as proven by
 * Mushtak and Lemire 2022, doi:10.1002/spe.3198.
 */

const smallestPower = -342;
const largestPower = 308;

const bit52: u64 = 0x0010000000000000;
const bit53: u64 = 0x0020000000000000;

/** 5^q for q from -342 to 308, the 128 most significant bits: the high half, then the low one. Filled in by the host. */
const powersOfFive = memory.data((largestPower - smallestPower + 1) << 4, 16);

/** 10^0 to 10^22, the powers of ten that are doubles. */
const powersOfTen = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** 10^0 to 10^18. */
const wholePowersOfTen = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
  100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
]);
const mostPlaces = 18;

export function powersOfFiveOffset(): usize {
  return powersOfFive;
}

export function doubleOf(w: u64, q: i32): f64 {
  if (w <= bit53) {
    // both are exact, so that one operation rounds once. Clinger 1990, doi:10.1145/93542.93557
    if (q == 0) return <f64>w;
    if (q < 0 && q >= -22) return <f64>w / load<f64>(powersOfTen + (-q << 3));
    if (q > 0 && q <= 22) return <f64>w * load<f64>(powersOfTen + (q << 3));
  }
  if (w == 0 || q < smallestPower) return 0;
  if (q > largestPower) return Infinity;
  return eiselLemire(w, q);
}

/**
 * w / 10^places. The quotient of both as doubles is at most one place of its last bit off, as w is rounded and then the quotient: less than
 * 1.5 in all. The exact rest of the division tells which of three it is. Modulo 2^64, since the rest is less than 1.5 times the divisor.
 */
export function doubleOfDecimal(w: u64, places: i32, isLong: bool): f64 {
  if (places > mostPlaces) return doubleOf(w, -places);
  const near = <f64>(<i64>w) / load<f64>(powersOfTen + (places << 3));
  // both are exact, as above; a branch that can be foreseen, as most long ones are not
  if (!isLong && w <= bit53) return near;
  const bits = reinterpret<u64>(near);
  const fraction = bits & (bit52 - 1);
  const shift = 1075 - (bits >> 52);
  const divisor = load<u64>(wholePowersOfTen + (places << 3));
  const below = (w << shift) - (fraction | bit52) * divisor + (divisor >> 1);
  const above = divisor - below;
  // halfway, at a power of two where the last bit changes its size, or outside of what fits
  if (above * below * fraction == 0 || shift > 63) return doubleOf(w, -places);
  return reinterpret<f64>(bits + (above >> 63) - (below >> 63));
}

/** The high half of the last 64 by 64 bit product. */
let high: u64 = 0;

function multiply(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const other = aLow * bHigh + (middle & 0xffffffff);
  high = aHigh * bHigh + (middle >> 32) + (other >> 32);
  return (other << 32) | (low & 0xffffffff);
}

function eiselLemire(digits: u64, q: i32): f64 {
  const leading = <i32>clz<u64>(digits);
  const w = digits << leading;
  const power = powersOfFive + ((q - smallestPower) << 4);
  let low = multiply(w, load<u64>(power));
  let top = high;
  // nine bits beyond the 55 that are needed: only where all are ones can the low half of the power carry into them
  if ((top & 0x1ff) == 0x1ff) {
    multiply(w, load<u64>(power, 8));
    low += high;
    if (high > low) top++;
  }
  const upper = <i32>(top >> 63);
  const shift = upper + 9;
  let mantissa = top >> shift;
  // floor(log2(10^q)) + 63 for these q
  let exponent = ((217706 * q) >> 16) + 63 + upper - leading + 1023;
  if (exponent <= 0) {
    if (exponent <= -63) return 0;
    mantissa >>= 1 - exponent;
    mantissa += mantissa & 1;
    // the carry into bit 52 is the exponent of the smallest normal number
    return reinterpret<f64>(mantissa >> 1);
  }
  // halfway between two doubles: to the even one
  if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << shift == top) mantissa &= ~1;
  mantissa += mantissa & 1;
  mantissa >>= 1;
  if (mantissa >= bit53) {
    mantissa = bit52;
    exponent++;
  }
  if (exponent >= 0x7ff) return Infinity;
  return reinterpret<f64>((mantissa & (bit52 - 1)) | ((<u64>exponent) << 52));
}
