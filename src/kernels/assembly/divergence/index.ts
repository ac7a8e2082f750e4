import { addPairs, ask, beginFamily, endFamily, formCount } from './family';
import { addMixtures, areFar, endFarLogits } from './far-logits';
import { block, input, powersP, powersQ, regular, skipped, target, terms, totals } from './layout';
import {
  addLogits,
  areTermsOfLogitsExact,
  beginLogits,
  partsOfLogits,
  refinedLogits,
  refineLogits,
  totalOfLogits,
  writeLogits,
} from './logits';
import { addNear, beginNear, isFar, totalOfNear } from './near-logits';
import { addLogProbs, beginLogProbs, totalOfLogProbs, writeLogProbs } from './log-probs';
import { beginRange, isPlainRange, widenRange } from './logits-range';
import {
  addMasses,
  areCounts,
  areProbs,
  areTermsOfCountsExact,
  beginMasses,
  endMasses,
  massDifference,
  massP,
  partsOfCounts,
  partsOfProbs,
  refineCounts,
  refinedCounts,
  totalOfCounts,
  totalOfProbs,
  writeMasses,
} from './masses';
import { pairLogits, pairMasses } from './pairs';
import { divide } from './simd';

export { capacity, forms, input, mostForms, mostRows, parameters, regular, skipped, target, terms, totals } from './layout';
export { agrees, agreesAt, beginTop, widenTop } from './top-one';
export { ask };

// the kinds, in the order of `src/core/kernel.ts`
const logits: i32 = 0;
const probs: i32 = 1;
const counts: i32 = 2;
/** Log-probabilities on both sides; the two kinds behind it are log-probabilities of target alone, and of input alone. */
const logProbs: i32 = 3;

// the passes over a row
const done: i32 = 0;
export const range: i32 = 1;
const add: i32 = 2;
const refine: i32 = 3;
export const write: i32 = 4;
const compare: i32 = 5;
const mix: i32 = 6;
const near: i32 = 7;

let kind: i32 = 0;
/** What logits are divided by once their range is known. */
let temperature: f64 = 1;
let wantsTerms: bool = false;
let pass: i32 = 0;
let total: f64 = 0;
/** Where the sums of the forms of the row go. */
let place: usize = 0;
let isRegular: bool = false;
/** Whether the row stands in memory as a whole. */
let isWhole: bool = false;

/**
 * D(P ‖ Q) of `count` rows of n, P in `target` and Q in `input`, each row in turn: to `totals`, to `regular` whether it is what
 * `divergence` in `src/core` finds, with nothing to report, and to `terms` the terms of the regular rows if they are wanted.
 * After `ask`, instead of it the sums of the forms that are asked for, those of a row together.
 */
export function rows(ofKind: i32, count: i32, n: i32, dividedBy: f64, pseudocount: f64, withTerms: bool): void {
  for (let row = 0; row < count; row++) {
    if (load<u8>(skipped + row)) {
      total = 0;
      isRegular = true;
      finish(row);
      continue;
    }
    const offset = (row * n) << 3;
    begin(ofKind, n, dividedBy, pseudocount, withTerms);
    isWhole = true;
    place = totals + ((row * formCount) << 3);
    while (advance() !== done) {
      if (pass === near) temper(offset, n);
      over(offset, n);
    }
    finish(row);
  }
}

/** Begins a row of n that comes in pieces: between two calls of `advance`, all of them are given to `piece` once. */
export function begin(ofKind: i32, n: i32, dividedBy: f64, pseudocount: f64, withTerms: bool): void {
  kind = ofKind;
  temperature = dividedBy;
  wantsTerms = withTerms;
  pass = done;
  isRegular = isWhole = false;
  place = totals;
  beginFamily();
  if (kind === logits) {
    beginRange();
    beginLogits();
    beginNear();
  } else if (kind <= counts) beginMasses(pseudocount);
  else beginLogProbs(kind <= logProbs + 1, kind !== logProbs + 1);
}

/** The next pass over the row: `write` if it leaves terms, 0 if there is none. Then `finish` has the result. */
export function advance(): i32 {
  if (pass === done) pass = kind === logits ? near : add;
  else if (pass === near) pass = afterNear();
  else if (pass === range) pass = isPlainRange() ? add : done;
  else if (pass === add) pass = formCount === 0 ? afterAdd() : afterAddOfFamily();
  else if (pass === refine) pass = afterRefine();
  else if (pass === mix) {
    isRegular = endFarLogits(place);
    if (!isRegular) beginFamily();
    pass = isRegular ? done : compare;
  } else if (pass === compare) {
    isRegular = endFamily(place, kind === probs ? massP : 0);
    pass = done;
  } else {
    isRegular = kind === probs || kind > counts || (kind === logits ? areTermsOfLogitsExact() : areTermsOfCountsExact());
    pass = done;
  }
  return pass;
}

/** The pass over the first n numbers of `input` and `target`. */
export function piece(n: i32): void {
  temper(0, n);
  over(0, n);
}

/** This pass and all that follow it, over a row of n that stands in memory as a whole. */
export function whole(n: i32): void {
  isWhole = true;
  temper(0, n);
  do over(0, n);
  while (advance() !== done);
}

function temper(offset: usize, n: i32): void {
  if (temperature === 1) return;
  divide(target + offset, n, temperature);
  divide(input + offset, n, temperature);
}

/** Writes the result to place `row`. */
export function finish(row: i32): void {
  if (formCount === 0) store<f64>(totals + (row << 3), total);
  store<u8>(regular + row, isRegular ? 1 : 0);
}

function over(offset: usize, n: i32): void {
  for (let left = n; left > 0; left -= block) {
    overBlock(target + offset, input + offset, terms + offset, min(left, block));
    offset += block << 3;
  }
}

function overBlock(p: usize, q: usize, out: usize, n: i32): void {
  if (kind === logits) {
    if (pass === near) addNear(p, q, n);
    else if (pass === range) widenRange(p, q, n);
    else if (pass === add) addLogits(p, q, n, keepsPowers(), powersP + (p - target), powersQ + (p - target));
    else if (pass === refine) refineLogits(p, q, n);
    else if (pass === mix) addMixtures(powersP + (p - target), powersQ + (p - target), n);
    else if (pass === compare) addPairs(pairLogits(p, q, n));
    else writeLogits(p, q, out, n);
  } else if (kind > counts) {
    if (pass === add) addLogProbs(p, q, n);
    else writeLogProbs(p, q, out, n);
  } else if (pass === add) addMasses(p, q, n);
  else if (pass === refine) refineCounts(p, q, n);
  else if (pass === compare) addPairs(pairMasses(p, q, n, kind !== probs));
  else writeMasses(p, q, out, n, kind !== probs);
}

// a total this far below what was added up to it has lost too many digits: its rounding error is a few units of 2⁻⁵³ of the parts
function afterAdd(): i32 {
  if (kind > counts) {
    total = totalOfLogProbs();
    return isNaN(total) ? done : trust();
  }
  if (kind !== logits) endMasses();
  if (kind === probs) {
    total = totalOfProbs();
    return areProbs() && total > max<f64>(0, 2 * massDifference()) && total >= 2.0 ** -8 * partsOfProbs() ? trust() : done;
  }
  if (kind !== logits && !areCounts()) return done;
  total = kind === logits ? totalOfLogits() : totalOfCounts();
  return total >= 2.0 ** -6 * (kind === logits ? partsOfLogits() : partsOfCounts()) ? trust() : refine;
}

// the next passes are those of P and Q that are far apart, or begin with the masses that this one has found
function afterNear(): i32 {
  total = totalOfNear();
  if (isNaN(total)) return range;
  return formCount === 0 ? trust() : compare;
}

function keepsPowers(): bool {
  return isWhole && formCount > 0;
}

function afterAddOfFamily(): i32 {
  if (kind === logits) {
    total = totalOfLogits();
    return keepsPowers() && areFar(total) ? mix : isNaN(total) ? done : compare;
  }
  endMasses();
  return (kind === probs ? areProbs() : areCounts()) ? compare : done;
}

// below this total the rounding of what all summands share, squared, would show
function afterRefine(): i32 {
  total = kind === logits ? refinedLogits() : refinedCounts();
  return total >= 2.0 ** -50 ? trust() : done;
}

function trust(): i32 {
  isRegular = true;
  return wantsTerms ? write : done;
}
