import { beginFamily, endFamily, formCount } from './family';
import { areFar, endFarLogits } from './far-logits';
import { capacity, regular, totals } from './layout';
import { beginLogProbs, totalOfLogProbs } from './log-probs';
import { areTermsOfLogitsExact, beginLogits, partsOfLogits, refinedLogits, totalOfLogits } from './logits';
import { beginRange, isPlainRange } from './logits-range';
import { beginMasked, partsOfMasked, refinedMasked, totalOfMasked } from './masked-logits';
import {
  areCounts,
  areProbs,
  areTermsOfCountsExact,
  beginMasses,
  endMasses,
  haveZeros,
  massDifference,
  massP,
  massQ,
  partsOfCounts,
  partsOfProbs,
  passOverZeros,
  refinedCounts,
  totalOfCounts,
  totalOfProbs,
} from './masses';
import { areNearForms, endNearForms } from './near-forms';
import { beginNear, totalOfNear } from './near-logits';
import { add, compare, counts, done, logits, logProbs, mix, near, probs, range, refine, refineSparse, sparse, write } from './steps';
import { beginZeros, lowestP, lowestQ, partsOfZeros, refinedZeros, totalOfZeros } from './zero-masses';

export let kind: i32 = 0;
/** What logits are divided by where they stand. */
export let temperature: f64 = 1;
let wantsTerms: bool = false;
export let pass: i32 = 0;
let length: i32 = 0;
/** Whether the forms that are asked for may follow from what the pass over nearly equal logits keeps. */
let keepsNear: bool = false;
let total: f64 = 0;
/** Where the sums of the forms of the row go. */
let place: usize = 0;
let isRegular: bool = false;
/** Whether outcomes of it have no mass, so that the definition has something to report. */
let hasZeros: bool = false;
/** Whether the row stands in memory as a whole. */
let isWhole: bool = false;

/** Begins a row of n that comes in pieces: between two calls of `advance`, all of them are given to `piece` once. */
export function begin(ofKind: i32, n: i32, dividedBy: f64, pseudocount: f64, withTerms: bool): void {
  kind = ofKind;
  temperature = dividedBy;
  wantsTerms = withTerms;
  length = n;
  pass = done;
  isRegular = isWhole = hasZeros = false;
  place = totals;
  beginFamily();
  if (kind === logits) {
    beginRange();
    beginLogits();
    keepsNear = formCount > 0 && n <= capacity && areNearForms();
    beginNear(keepsNear);
  } else if (kind <= counts) beginMasses(pseudocount);
  else beginLogProbs(kind <= logProbs + 1, kind !== logProbs + 1);
}

/** The next pass over the row: `write` if it leaves terms, 0 if there is none. Then `finish` has the result. */
export function advance(): i32 {
  if (pass === done) pass = kind === logits ? near : add;
  else if (pass === near) pass = afterNear();
  else if (pass === range) pass = isPlainRange() ? add : beginSparse();
  else if (pass === add) pass = formCount === 0 ? afterAdd() : afterAddOfFamily();
  else if (pass === refine) pass = afterRefine();
  else if (pass === sparse) pass = afterSparse();
  else if (pass === refineSparse) pass = afterRefine();
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

/** Says that the row stands in memory as a whole. */
export function takeWhole(): void {
  isWhole = true;
}

/** Says where the sums of the forms of the row go. */
export function sumTo(at: usize): void {
  place = at;
}

/** Takes a row that is not read as regular. */
export function skipRow(): void {
  total = 0;
  isRegular = true;
  hasZeros = false;
}

/** Writes the result to place `row`. */
export function finish(row: i32): void {
  if (formCount === 0) store<f64>(totals + (row << 3), total);
  store<u8>(regular + row, hasZeros ? 2 : isRegular ? 1 : 0);
}

// a total this far below what was added up to it has lost too many digits: its rounding error is a few units of 2⁻⁵³ of the parts
function afterAdd(): i32 {
  if (kind > counts) {
    total = totalOfLogProbs();
    return isNaN(total) ? done : trust();
  }
  if (kind !== logits) {
    endMasses();
    if (haveZeros()) return beginSparse();
  }
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
  if (formCount === 0) return trust();
  isRegular = keepsNear && endNearForms(total, length, place);
  return isRegular ? done : compare;
}

export function keepsPowers(): bool {
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

// terms and forms of such a row are left to the definition
function beginSparse(): i32 {
  if (wantsTerms || formCount > 0) return done;
  if (kind === logits) beginMasked();
  else beginZeros();
  return sparse;
}

function afterSparse(): i32 {
  if (kind === logits) {
    total = totalOfMasked();
    if (isNaN(total)) return done;
    return total >= 2.0 ** -6 * partsOfMasked() ? trustSparse() : refineSparse;
  }
  passOverZeros(lowestP(), lowestQ());
  if (kind === probs) {
    total = totalOfZeros(1, 1);
    return areProbs() && total > max<f64>(0, 2 * massDifference()) && total >= 2.0 ** -8 * partsOfZeros(1, 1) ? trustSparse() : done;
  }
  if (!areCounts()) return done;
  total = totalOfZeros(massP, massQ);
  return total >= 2.0 ** -6 * partsOfZeros(massP, massQ) ? trustSparse() : refineSparse;
}

function trustSparse(): i32 {
  isRegular = hasZeros = true;
  return done;
}

// below this total the rounding of what all summands share, squared, would show
function afterRefine(): i32 {
  if (pass === refine) total = kind === logits ? refinedLogits() : refinedCounts();
  else total = kind === logits ? refinedMasked() : refinedZeros();
  if (total < 2.0 ** -50 || isNaN(total)) return done;
  return pass === refine ? trust() : trustSparse();
}

function trust(): i32 {
  isRegular = true;
  return wantsTerms ? write : done;
}
