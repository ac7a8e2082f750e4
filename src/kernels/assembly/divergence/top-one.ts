import { largestOf } from './math/simd';

/** Numbers whose largest is taken before its place is looked for: few of them hold a new one. */
const block: i32 = 256;

// the largest number of a row so far and its place, the first of equals; those of P and of Q wait here while the other is looked at
let most: f64 = 0;
let place: i32 = 0;
let mostP: f64 = 0;
let placeP: i32 = 0;
let mostQ: f64 = 0;
let placeQ: i32 = 0;
/** How many numbers of the row have been seen. */
let seen: i32 = 0;

/** Whether the largest of the n numbers at p and of those at q stand in one place: 1 or 0. */
export function agreesAt(p: usize, q: usize, n: i32): i32 {
  beginTop();
  widenTop(p, q, n);
  return agrees();
}

/** Begins a row that comes in pieces. */
export function beginTop(): void {
  mostP = mostQ = -Infinity;
  placeP = placeQ = seen = 0;
}

/** Takes the n numbers at p and those at q as the next piece of the row. */
export function widenTop(p: usize, q: usize, n: i32): void {
  most = mostP;
  place = placeP;
  widen(p, n);
  mostP = most;
  placeP = place;
  most = mostQ;
  place = placeQ;
  widen(q, n);
  mostQ = most;
  placeQ = place;
  seen += n;
}

/** What `agreesAt` returns, of all pieces. */
export function agrees(): i32 {
  return placeP === placeQ ? 1 : 0;
}

function widen(at: usize, n: i32): void {
  for (let from = 0; from < n; from += block) {
    const count = min(n - from, block);
    const begin = at + (from << 3);
    const largest = largestAmong(begin, count);
    if (!(largest > most)) continue;
    most = largest;
    let k = 0;
    while (k < count - 1 && load<f64>(begin + (k << 3)) !== largest) k++;
    place = seen + from + k;
  }
}

/** The largest of n numbers. */
export function largestAmong(at: usize, n: i32): f64 {
  let first = f64x2.splat(-Infinity);
  let second = f64x2.splat(-Infinity);
  let third = f64x2.splat(-Infinity);
  let fourth = f64x2.splat(-Infinity);
  const end = at + (n << 3);
  for (; at + 64 <= end; at += 64) {
    first = f64x2.relaxed_max(v128.load(at), first);
    second = f64x2.relaxed_max(v128.load(at, 16), second);
    third = f64x2.relaxed_max(v128.load(at, 32), third);
    fourth = f64x2.relaxed_max(v128.load(at, 48), fourth);
  }
  let largest = largestOf(f64x2.relaxed_max(f64x2.relaxed_max(first, second), f64x2.relaxed_max(third, fourth)));
  for (; at < end; at += 8) largest = max(largest, load<f64>(at));
  return largest;
}
