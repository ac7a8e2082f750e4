import { lastSixteen, mostDigits, othersOf, upTo20th, upTo24th } from './digits';
import { doubleOf, doubleOfDecimal } from './double';

/** The value of the number that `endOfNumber` read last. */
export let parsed: f64 = 0;

/** Whether a number had a point or an exponent, since this was last false: without, all are integers. */
export let hadFraction: bool = false;

export function forgetFractions(): void {
  hadFraction = false;
}

/** Where the last text that is not a number stopped being one. */
export let stoppedAt: usize = 0;

/** The host's own conversion, for literals of more than 19 significant digits: their start and length. */
declare function convert(start: usize, length: i32): f64;

/**
 * Where the JSON number that starts at `start` ends, its value in `parsed`; 0 where there is none, and why in `stoppedAt`.
 * Expects a byte that is no part of a number somewhere behind, and 32 readable bytes on either side of it.
 */
export function endOfNumber(start: usize): usize {
  // half of all numbers may be negative: no branch can be foreseen
  const negative = <u32>(load<u8>(start) == 0x2d);
  const others = othersOf(start) & ~negative;
  const first = start + negative;
  const whole = <i32>(ctz(others) - negative);
  let end = first + whole;
  let digits = whole;
  let places = mostDigits;
  const lead = <i32>load<u8>(first) - 0x30;
  // below 0 where there is no digit, or one follows a leading 0
  let fault = (whole - 1) | ((lead - 1) & (1 - whole));
  const isDecimal = load<u8>(end) == 0x2e /* . */;
  if (isDecimal) {
    digits = <i32>(ctz(others & (others - 1)) - negative) - 1;
    places = digits - whole;
    end = first + digits + 1;
    fault |= (places - 1) | (mostDigits - digits);
    hadFraction = true;
  } else fault |= 18 - digits;
  if (fault < 0) return endOfAnyNumber(start);

  let w = lastSixteen(end, places, digits);
  if (digits > 16) {
    const above = digits > 20 ? upTo24th(end, places, digits) : upTo20th(end, places, digits);
    // more than 19 digits that are not leading zeros
    if (above > 999) return endOfAnyNumber(start);
    w += <u64>above * 10000000000000000;
  }
  if ((load<u8>(end) | 0x20) == 0x65 /* e */) {
    end = endOfExponent(end);
    if (end == 0) return 0;
    const size = doubleOf(w, isDecimal ? exponent - places : exponent);
    if (size == 0 && w != 0) return stop(start);
    parsed = withSign(size, negative);
    return end;
  }
  parsed = withSign(isDecimal ? doubleOfDecimal(w, places, digits > 16) : <f64>(<i64>w), negative);
  return end;
}

/** Reads a number of any length, digit by digit, and returns where it ends. */
function endOfAnyNumber(start: usize): usize {
  const negative = <u32>(load<u8>(start) == 0x2d);
  let at = start + negative;
  let byte: u32 = load<u8>(at);

  let w: u64 = byte - 0x30;
  if (w > 9) return stop(at);
  const isZero = w == 0;
  let first = at;
  byte = load<u8>(++at);
  // after a leading 0 comes no digit: one is refused by whoever reads on
  if (!isZero) {
    while (byte - 0x30 < 10) {
      w = 10 * w + (byte - 0x30);
      byte = load<u8>(++at);
    }
  }
  let digits = isZero ? 0 : <i32>(at - first);

  let q: i32 = 0;
  if (byte == 0x2e /* . */) {
    const point = ++at;
    if (isZero) while (load<u8>(at) == 0x30) at++;
    first = at;
    byte = load<u8>(at);
    while (byte - 0x30 < 10) {
      w = 10 * w + (byte - 0x30);
      byte = load<u8>(++at);
    }
    if (at == point) return stop(at);
    digits += <i32>(at - first);
    q = -(<i32>(at - point));
    hadFraction = true;
  }
  if ((byte | 0x20) == 0x65 /* e */) {
    at = endOfExponent(at);
    if (at == 0) return 0;
    q += exponent;
  }

  const size = digits > 19 ? convert(start, <i32>(at - start)) : doubleOf(w, q);
  // the host gives a number its sign; so many digits are not all 0
  if (size == 0 && (digits > 19 || w != 0)) return stop(start);
  parsed = digits > 19 ? size : withSign(size, negative);
  return at;
}

let exponent: i32 = 0;

/** Where the exponent ends whose letter is at `at`, its value in `exponent`; 0 where it is none. */
function endOfExponent(at: usize): usize {
  let byte: u32 = load<u8>(++at);
  const below = byte == 0x2d;
  if (below || byte == 0x2b) byte = load<u8>(++at);
  if (byte - 0x30 > 9) return stop(at);
  let size: i32 = 0;
  while (byte - 0x30 < 10) {
    // far outside of what a double holds, however many digits follow
    if (size < 100000000) size = 10 * size + (byte - 0x30);
    byte = load<u8>(++at);
  }
  exponent = below ? -size : size;
  hadFraction = true;
  return at;
}

function withSign(size: f64, negative: u64): f64 {
  return reinterpret<f64>(reinterpret<u64>(size) | (negative << 63));
}

export function isSpace(byte: u32): bool {
  return byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09);
}

function stop(at: usize): usize {
  stoppedAt = at;
  return 0;
}
