import { leastOfForms, massOfP } from './as-they-stand';
import { beginFamily, endFamily, formCount } from './family';
import { missing as counts, regular, totals } from './layout';
import { areFar, endFarLogits } from './logs/far-logits';
import { areLogProbsPlain, beginLogProbs, endLogProbs, isTooRough, totalOfLogProbs } from './logs/log-probs';
import * as logs from './logs/logits';
import { beginRange, isPlainRange, peakP, peakQ, settlePeaks } from './logs/logits-range';
import { areTermsOfLogitsExact, beginTerms, refinedLogits } from './logs/logits-terms';
import { areNearForms, endNearForms, needKept } from './logs/near-forms';
import { beginNear, totalOfNear } from './logs/near-logits';
import { beginMasked, beginMissing, hasMasked, isInfinite, isUnsure, missing, setPeaks } from './masked';
import * as masses from './masses';
import { beginMixed, totalOfMixed } from './mixed';
import { areLogProbs, areNormalized, arePlain, beginSides, kindQ, way } from './sides';
import { add, compare, done, logProbs, mix, mixed, near, ofLogs, range, refine, weigh, write } from './steps';

let wantsTerms: bool = false;
export let pass: i32 = 0;
/** Whether the forms that are asked for may follow from the pass over nearly equal logits. */
let hasNearForms: bool = false;
let total: f64 = 0;
let place: usize = 0;
let isRegular: bool = false;
let isWhole: bool = false;
export let fills: bool = false;

/** Begins a row that comes in pieces: between two calls of `advance`, all of them are given to `piece` once. */
export function begin(pair: i32, dividedBy: f64, pseudocount: f64, withTerms: bool): void {
  beginSides(pair, dividedBy, pseudocount);
  wantsTerms = withTerms;
  pass = done;
  isRegular = isWhole = false;
  place = totals;
  // terms and forms of such a row are left to the definition
  fills = !wantsTerms && formCount === 0;
  beginMasked();
  beginFamily();
  if (way === ofLogs) {
    if (areLogProbs()) return;
    beginRange();
    logs.beginLogits();
    beginTerms();
    hasNearForms = formCount > 0 && areNormalized() && areNearForms();
    beginNear(hasNearForms && needKept());
  } else if (way === mixed) beginMixed();
  else masses.beginMasses();
}

/** The next pass over the row: `write` if it leaves terms, 0 if there is none. Then `finish` has the result. */
export function advance(): i32 {
  if (pass === done) pass = firstPass();
  else if (pass === near) pass = afterNear();
  else if (pass === range) pass = afterRange();
  else if (pass === add && areLogProbs()) pass = afterAddOfLogProbs();
  else if (pass === weigh) pass = afterWeigh();
  else if (pass === add) pass = formCount === 0 ? afterAdd() : afterAddOfFamily();
  else if (pass === refine) pass = afterRefine();
  else if (pass === mix) {
    isRegular = endFarLogits(place);
    if (!isRegular) beginFamily();
    pass = isRegular ? done : compare;
  } else if (pass === compare) {
    isRegular = endFamily(place, massOfP(), leastOfForms());
    pass = done;
  } else {
    isRegular = !areNormalized() || way === mixed || (way === ofLogs ? areTermsOfLogitsExact() : masses.areTermsOfCountsExact());
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
  beginMasked();
}

/** Writes the result to place `row`. */
export function finish(row: i32): void {
  if (formCount === 0) store<f64>(totals + (row << 3), total);
  if (hasMasked) store<i32>(counts + (row << 2), <i32>missing);
  store<u8>(regular + row, isRegular ? (hasMasked ? 2 : 1) : 0);
}

function firstPass(): i32 {
  if (way !== ofLogs) return add;
  if (!areLogProbs()) return near;
  beginLogProbs();
  settlePeaks(0, 0);
  return add;
}

// the next passes are those of P and Q that are far apart, or begin with the masses that this one has found
function afterNear(): i32 {
  total = totalOfNear();
  if (isNaN(total)) {
    beginMasked();
    return range;
  }
  if (formCount === 0) return trust();
  isRegular = hasNearForms && endNearForms(total, place);
  return isRegular ? done : compare;
}

function afterRange(): i32 {
  if (isPlainRange()) fills = false;
  else if (!fills) return done;
  settlePeaks(peakP, peakQ);
  setPeaks(peakP, peakQ);
  return add;
}

// a total this far below what was added up to it has lost too many digits: its rounding error is a few units of 2⁻⁵³ of the parts
function afterAdd(): i32 {
  if (way === mixed) {
    total = totalOfMixed();
    return trustUnlessUnsure();
  }
  let parts: f64;
  let least: f64 = 2.0 ** -6;
  if (way === ofLogs) {
    total = logs.totalOfLogits();
    parts = logs.partsOfLogits();
    if (!areNormalized()) least = 2.0 ** -9;
  } else {
    masses.endMasses();
    if (!masses.areInRange()) return done;
    total = masses.totalOfMasses();
    parts = masses.partsOfMasses();
    if (!areNormalized()) least = 2.0 ** -8;
  }
  if (isInfinite || total >= least * parts) return trustIfPlain();
  if (isNaN(total) || kindQ === logProbs) return done; // the sum needs the masses, and that of log-probabilities is rough
  if (way === ofLogs) logs.normalizeBoth();
  beginMissing();
  return refine;
}

function afterAddOfLogProbs(): i32 {
  endLogProbs();
  if (!isTooRough()) return afterWeigh();
  beginMissing();
  return weigh;
}

function afterWeigh(): i32 {
  logs.takeAsTheyStand();
  if (formCount > 0) return areLogProbsPlain() ? compare : done;
  total = totalOfLogProbs();
  return trustUnlessUnsure();
}

export function keepsPowers(): bool {
  return isWhole && formCount > 0 && areNormalized();
}

function afterAddOfFamily(): i32 {
  if (way === mixed) return isNaN(totalOfMixed()) ? done : compare;
  if (way === ofLogs) {
    total = logs.totalOfLogits();
    if (keepsPowers() && areFar(total)) return mix;
    return !isNaN(total) && arePlain(Infinity, logs.massP, logs.massQ) ? compare : done;
  }
  masses.endMasses();
  if (!masses.areInRange()) return done;
  return arePlain(Infinity, masses.massP, masses.massQ) ? compare : done;
}

// below this total the rounding of what all summands share, squared, would show
function afterRefine(): i32 {
  total = way === ofLogs ? refinedLogits() : masses.refinedMasses();
  return total >= 2.0 ** -50 ? trustIfPlain() : done;
}

function trustIfPlain(): i32 {
  const isPlain = way === ofLogs ? arePlain(total, logs.massP, logs.massQ) : arePlain(total, masses.massP, masses.massQ);
  return isPlain ? trustUnlessUnsure() : done;
}

function trustUnlessUnsure(): i32 {
  if (isUnsure || isNaN(total)) return done;
  if (isInfinite) total = Infinity;
  return trust();
}

function trust(): i32 {
  isRegular = true;
  return wantsTerms ? write : done;
}
