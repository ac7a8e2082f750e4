import { doubleOf } from './double';

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
 * Where the JSON number that starts at `at` ends, its value in `parsed`; 0 where there is none, and why in `stoppedAt`.
 * Expects a byte that is no part of a number somewhere behind, and 8 readable bytes behind that.
 */
export function endOfNumber(start: usize): usize {
  // half of all numbers may be negative: no branch can be foreseen
  const negative: usize = load<u8>(start) == 0x2d ? 1 : 0;
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
    let eight = load<u64>(at);
    while (areDigits(eight)) {
      w = 100000000 * w + valueOf(eight);
      at += 8;
      eight = load<u64>(at);
    }
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
    byte = load<u8>(++at);
    const below = byte == 0x2d;
    if (below || byte == 0x2b) byte = load<u8>(++at);
    if (byte - 0x30 > 9) return stop(at);
    let exponent: i32 = 0;
    while (byte - 0x30 < 10) {
      // far outside of what a double holds, however many digits follow
      if (exponent < 100000000) exponent = 10 * exponent + (byte - 0x30);
      byte = load<u8>(++at);
    }
    q += below ? -exponent : exponent;
    hadFraction = true;
  }

  if (digits > 19) {
    parsed = convert(start, <i32>(at - start));
    // so many digits are not all 0
    if (parsed == 0) return stop(start);
  } else {
    const size = doubleOf(w, q);
    if (size == 0 && w != 0) return stop(start);
    parsed = reinterpret<f64>(reinterpret<u64>(size) | ((<u64>negative) << 63));
  }
  return at;
}

export function isSpace(byte: u32): bool {
  return byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09);
}

function stop(at: usize): usize {
  stoppedAt = at;
  return 0;
}

// Eight digits at a time, as in Lemire 2021, doi:10.1002/spe.2984, section 4
function areDigits(eight: u64): bool {
  return ((eight & 0xf0f0f0f0f0f0f0f0) | (((eight + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) == 0x3333333333333333;
}

function valueOf(eight: u64): u64 {
  const pairs = ((eight & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8;
  const fours = ((pairs & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return ((fours & 0x0000ffff0000ffff) * 42949672960001) >> 32;
}
