import { addPairs, formCount } from './family';
import { addMixtures } from './far-logits';
import { block, input, powersP, powersQ, skipped, target, terms, totals } from './layout';
import { addLogProbs, writeLogProbs } from './log-probs';
import { addLogits, refineLogits, writeLogits } from './logits';
import { widenRange } from './logits-range';
import { addMasked, refineMasked } from './masked-logits';
import { addMasses, massP, massQ, refineCounts, writeMasses } from './masses';
import { addNear } from './near-logits';
import { pairLogits, pairMasses } from './pairs';
import { advance, begin, finish, keepsPowers, kind, pass, skipRow, sumTo, takeWhole, temperature } from './passes';
import { divide } from './simd';
import { add, compare, counts, done, logits, mix, near, probs, range, refine, refineSparse, sparse } from './steps';
import { addZeros, refineZeros } from './zero-masses';

export { ask } from './family';
export { capacity, forms, input, mostForms, mostRows, parameters, regular, skipped, target, terms, totals } from './layout';
export { advance, begin, finish } from './passes';
export { range, write } from './steps';
export { agrees, agreesAt, beginTop, widenTop } from './top-one';

/**
 * D(P ‖ Q) of `count` rows of n, P in `target` and Q in `input`, each row in turn: to `totals`, to `regular` whether it is what
 * `divergence` in `src/core` finds, with nothing to report, and to `terms` the terms of the regular rows if they are wanted.
 * After `ask`, instead of it the sums of the forms that are asked for, those of a row together.
 */
export function rows(ofKind: i32, count: i32, n: i32, dividedBy: f64, pseudocount: f64, withTerms: bool): void {
  for (let row = 0; row < count; row++) {
    if (load<u8>(skipped + row)) {
      skipRow();
      finish(row);
      continue;
    }
    const offset = (row * n) << 3;
    begin(ofKind, n, dividedBy, pseudocount, withTerms);
    takeWhole();
    sumTo(totals + ((row * formCount) << 3));
    while (advance() !== done) {
      if (pass === near) temper(offset, n);
      over(offset, n);
    }
    finish(row);
  }
}

/** The pass over the first n numbers of `input` and `target`. */
export function piece(n: i32): void {
  temper(0, n);
  over(0, n);
}

/** This pass and all that follow it, over a row of n that stands in memory as a whole. */
export function whole(n: i32): void {
  takeWhole();
  temper(0, n);
  do over(0, n);
  while (advance() !== done);
}

function temper(offset: usize, n: i32): void {
  if (temperature === 1) return;
  divide(target + offset, n, temperature);
  divide(input + offset, n, temperature);
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
    else if (pass === sparse) addMasked(p, q, n);
    else if (pass === refineSparse) refineMasked(p, q, n);
    else if (pass === mix) addMixtures(powersP + (p - target), powersQ + (p - target), n);
    else if (pass === compare) addPairs(pairLogits(p, q, n));
    else writeLogits(p, q, out, n);
  } else if (kind > counts) {
    if (pass === add) addLogProbs(p, q, n);
    else writeLogProbs(p, q, out, n);
  } else if (pass === add) addMasses(p, q, n);
  else if (pass === refine) refineCounts(p, q, n);
  else if (pass === sparse) addZeros(p, q, n);
  else if (pass === refineSparse) refineZeros(p, q, n, massP, massQ);
  else if (pass === compare) addPairs(pairMasses(p, q, n, kind !== probs));
  else writeMasses(p, q, out, n, kind !== probs);
}
