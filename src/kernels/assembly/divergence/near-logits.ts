import { exponential, storeExponentials } from './exponential';
import { pairs } from './layout';
import { entropyOf } from './logarithm';
import { largestDomain, settleRange } from './logits-range';
import { setMasses } from './logits';
import { largestOf, lastOf, lostIn, once, smallestOf, sumOf, sumsOf } from './simd';

const table: usize = memory.data<f64>([
  1.4426950408889634, // 1 / log 2
  6755399441055744, // 1.5 · 2⁵²: added to a small number it leaves the nearest integer in the low bits
  0.6931471805599453, // log 2
  2.762635737968284e-7, // from here on exp(r), from r¹⁰ down
  2.764018096215644e-6,
  2.4801504346665615e-5,
  0.0001984117027004143,
  0.001388888893248886,
  0.008333333385668096,
  0.04166666666657314,
  0.16666666666554403,
  0.5000000000000006,
  1.0000000000000067,
  1,
  1.1627098130423447e-11, // from here on (t + exp(-t) - 1) / t² for |t| ≤ 1, from t¹² down
  -1.6309412649784643e-10,
  2.087479843099664e-9,
  -2.504897129972493e-8,
  2.755733098715279e-7,
  -2.755733806780384e-6,
  2.4801587267259408e-5,
  -0.00019841269786275093,
  0.001388888888893181,
  -0.0083333333334021,
  0.04166666666666651,
  -0.16666666666666421,
  0.5,
]);

/** Up to this |t| the polynomial holds; up to the other the exponential does. */
const nearby: f64 = 1;
const farthest: f64 = 30;

/** A large logit of P, and what x - y is on average, at the beginning of the row. */
let reference: f64 = 0;
let offset: f64 = 0;
let isBegun: bool = false;
/** Whether P and Q are too far apart, or the logits too wide. */
export let isFar: bool = false;
// with e = exp(x - reference) and t = x - y - offset: Σ e and Σ e·t, and Σ e·(t + exp(-t) - 1), and what rounding took from them
let sums: v128 = f64x2.splat(0);
let sumsLost: v128 = f64x2.splat(0);
let phis: f64 = 0;
/** The extrema of x - reference, and the largest t² of a block. */
let highest: f64 = 0;
let lowest: f64 = 0;
let blockHighest: f64 = 0;
let blockLowest: f64 = 0;
let blockWidest: f64 = 0;
let blockSums: v128 = f64x2.splat(0);
let blockPhis: f64 = 0;

export function beginNear(): void {
  isBegun = isFar = false;
  sums = sumsLost = f64x2.splat(0);
  phis = 0;
  highest = -Infinity;
  lowest = Infinity;
}

/** Adds a block of n outcomes. */
export function addNear(p: usize, q: usize, n: i32): void {
  if (!isBegun) setReferences(p, q, n);
  if (isFar) return;
  sumNear(p, q, n);
  highest = max(highest, blockHighest);
  lowest = min(lowest, blockLowest);
  // the lowest share of 2²³ of P, and what belongs to it of Q, are normal numbers
  isFar = !(highest <= 60 && lowest >= -600 && blockWidest <= farthest * farthest);
  if (isFar) return;
  if (blockWidest > nearby * nearby) sumWide(p, q, n);
  const sum = f64x2.add(sums, blockSums);
  sumsLost = f64x2.add(sumsLost, lostIn(sums, blockSums, sum));
  sums = sum;
  phis += blockPhis;
}

function setReferences(p: usize, q: usize, n: i32): void {
  isBegun = true;
  let most = f64x2.splat(-Infinity);
  let longest = f64x2.splat(-Infinity);
  let shortest = f64x2.splat(Infinity);
  let sum = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const step = f64x2.sub(x, v128.load(q));
    most = f64x2.relaxed_max(x, most);
    longest = f64x2.relaxed_max(step, longest);
    shortest = f64x2.relaxed_min(step, shortest);
    sum = f64x2.add(sum, step);
  }
  if (n & 1) {
    const x = lastOf(p);
    const step = f64x2.sub(x, lastOf(q));
    most = f64x2.relaxed_max(x, most);
    longest = f64x2.relaxed_max(step, longest);
    shortest = f64x2.relaxed_min(step, shortest);
    sum = f64x2.add(sum, once(step));
  }
  reference = largestOf(most);
  // a multiple of 2⁻¹⁶, so that t is exact where the logits were float32 or shorter
  offset = nearest<f64>((sumOf(sum) / n) * 65536) / 65536;
  isFar = !(reference <= largestDomain && largestOf(longest) - offset <= 2 && offset - smallestOf(shortest) <= 2);
}

/** Sums of a block, with the polynomial of t. */
function sumNear(p: usize, q: usize, n: i32): void {
  const shift = f64x2.splat(reference);
  const constant = f64x2.splat(offset);
  let high = f64x2.splat(-Infinity);
  let low = f64x2.splat(Infinity);
  let wide = f64x2.splat(0);
  let mass = f64x2.splat(0);
  let product = f64x2.splat(0);
  let phi = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) {
    const x = v128.load(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, v128.load(q)), constant);
    const square = f64x2.mul(t, t);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    wide = f64x2.relaxed_max(square, wide);
    const e = power(a);
    mass = f64x2.add(mass, e);
    product = f64x2.relaxed_madd(e, t, product);
    phi = f64x2.relaxed_madd(f64x2.mul(e, square), seriesOf(t), phi);
  }
  if (n & 1) {
    const x = lastOf(p);
    const a = f64x2.sub(x, shift);
    const t = f64x2.sub(f64x2.sub(x, lastOf(q)), constant);
    const square = f64x2.mul(t, t);
    high = f64x2.relaxed_max(a, high);
    low = f64x2.relaxed_min(a, low);
    wide = f64x2.relaxed_max(square, wide);
    const e = once(power(a));
    mass = f64x2.add(mass, e);
    product = f64x2.relaxed_madd(e, t, product);
    phi = f64x2.relaxed_madd(f64x2.mul(e, square), seriesOf(t), phi);
  }
  blockHighest = largestOf(high);
  blockLowest = smallestOf(low);
  blockWidest = largestOf(wide);
  blockSums = sumsOf(mass, product);
  blockPhis = sumOf(phi);
}

const scratch: usize = pairs;

/** The sum of e·(t + exp(-t) - 1) of a block where some t is larger. */
function sumWide(p: usize, q: usize, n: i32): void {
  let phi = f64x2.splat(0);
  const end = p + ((n & -2) << 3);
  for (; p < end; p += 16, q += 16) phi = f64x2.add(phi, wideTerm(v128.load(p), v128.load(q)));
  if (n & 1) phi = f64x2.add(phi, once(wideTerm(lastOf(p), lastOf(q))));
  blockPhis = sumOf(phi);
}

function wideTerm(x: v128, y: v128): v128 {
  storeExponentials(f64x2.sub(f64x2.sub(x, y), f64x2.splat(offset)), scratch, scratch + 16, scratch + 32);
  return f64x2.mul(exponential(f64x2.sub(x, f64x2.splat(reference))), v128.load(scratch, 32));
}

/**
 * exp(x) as in `exponential`, with one constant for log 2 and one degree less: within 2⁻⁵¹·(1 + |x| / 16) or so. An error of it that is common to
 * all outcomes leaves the total as it is, and any other enters it as a share of itself.
 */
@inline
function power(x: v128): v128 {
  const magic = v128.load64_splat(table, 8);
  const k = f64x2.relaxed_madd(x, v128.load64_splat(table), magic);
  const r = f64x2.relaxed_nmadd(f64x2.sub(k, magic), v128.load64_splat(table, 16), x);
  let y = f64x2.relaxed_madd(r, v128.load64_splat(table, 24), v128.load64_splat(table, 32));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 40));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 48));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 56));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 64));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 72));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 80));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 88));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 96));
  y = f64x2.relaxed_madd(y, r, v128.load64_splat(table, 104));
  return i64x2.add(y, i64x2.shl(k, 52));
}

/** (t + exp(-t) - 1) / t² for |t| ≤ 1. */
@inline
function seriesOf(t: v128): v128 {
  let y = f64x2.relaxed_madd(t, v128.load64_splat(table, 112), v128.load64_splat(table, 120));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 128));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 136));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 144));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 152));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 160));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 168));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 176));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 184));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 192));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 200));
  y = f64x2.relaxed_madd(y, t, v128.load64_splat(table, 208));
  return y;
}

/**
 * The total. With τ = Σ p·t and Φ = Σ p·(t + exp(-t) - 1) it is τ + log(1 + u) = Φ - (u - log(1 + u)), u = Φ - τ, whatever the offset is.
 * NaN where its digits are not sure.
 */
export function totalOfNear(): f64 {
  const sum = f64x2.add(sums, sumsLost);
  const mass = f64x2.extract_lane(sum, 0);
  const phi = phis / mass;
  const u = phi - f64x2.extract_lane(sum, 1) / mass;
  if (isFar || !(abs(u) <= 0.5)) return NaN;
  // (1 + u)·log(1 + u) - u
  const entropy = f64x2.extract_lane(entropyOf(f64x2.splat(u)), 0);
  const excess = (u * u - entropy) / (1 + u);
  const total = phi - excess;
  // where the sides differ by a large offset, t has been rounded like it
  const isSure = total >= 2.0 ** -4 * phi && total >= 2.0 ** -10 * offset * offset && total >= 2.0 ** -30;
  if (!isSure) return NaN;
  settleRange(reference);
  setMasses(mass, offset - (u - excess));
  return total;
}
