import { addPairs, formCount } from './family';
import { block, computedP, computedQ, filledP, filledQ, input, powersP, powersQ, skipped, spans, target, terms, totals } from './layout';
import { addMixtures } from './logs/far-logits';
import { addLogProbs, weigh as weighLogProbs } from './logs/log-probs';
import { addLogits } from './logs/logits';
import { widenRange } from './logs/logits-range';
import { refineLogits, writeLogits } from './logs/logits-terms';
import { addNear, isFar } from './logs/near-logits';
import { fill, hasMasked } from './masked';
import { addMasses, refineMasses, writeMasses } from './masses';
import { divide } from './math/simd';
import { addMixed, writeMixed } from './mixed';
import { pairLogits, pairMasses, pairMixed } from './pairs';
import { advance, begin, fills, finish, keepsPowers, pass, skipRow, sumTo, takeWhole } from './passes';
import { areLogProbs, kindP, kindQ, temperature, way } from './sides';
import { add, compare, done, logits, mix, mixed, near, ofLogs, range, refine, weigh } from './steps';

export { ask } from './family';
export { capacity, forms, input, missing, mostForms, mostRows, parameters, regular, skipped, spans, target, terms, totals } from './layout';
export { advance, begin, finish } from './passes';
export { range, write } from './steps';
export { agrees, agreesAt, beginTop, widenTop } from './top-one';
export { widenHalves, widenSingles, widenUpperHalves } from './widen';

/**
 * D(P ‖ Q) of `count` rows of n, P in `target` and Q in `input`, each row in turn: to `totals`, to `regular` whether it is what
 * `divergence` in `src/core` finds, with nothing to report, and to `terms` the terms of the regular rows if they are wanted.
 * After `ask`, instead of it the sums of the forms that are asked for, those of a row together.
 * Where n is 0, each row is where and as long as `spans` has it.
 */
export function rows(pair: i32, count: i32, n: i32, dividedBy: f64, pseudocount: f64, withTerms: bool): void {
  for (let row = 0; row < count; row++) {
    if (load<u8>(skipped + row)) {
      skipRow();
      finish(row);
      continue;
    }
    const span = spans + (row << 3);
    const offset = (n === 0 ? load<i32>(span) : row * n) << 3;
    const length = n === 0 ? load<i32>(span, 4) : n;
    begin(pair, dividedBy, pseudocount, withTerms);
    takeWhole();
    sumTo(totals + ((row * formCount) << 3));
    temper(offset, length);
    while (advance() !== done) over(offset, length);
    finish(row);
  }
}

/** The pass over the first n numbers of `input` and `target`. Returns whether it needs those that follow. */
export function piece(n: i32): bool {
  temper(0, n);
  over(0, n);
  return !(pass === near && isFar);
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
  if (kindP === logits) divide(target + offset, n, temperature);
  if (kindQ === logits) divide(input + offset, n, temperature);
}

function over(offset: usize, n: i32): void {
  for (let left = n; left > 0; left -= block) {
    overBlock(target + offset, input + offset, terms + offset, min(left, block));
    offset += block << 3;
  }
}

function overBlock(p: usize, q: usize, out: usize, n: i32): void {
  if (way === mixed) {
    if (pass === add) addMixed(p, q, n, fills);
    else if (pass === compare) addPairs(pairMixed(p, q, n));
    else writeMixed(p, q, out, n);
  } else if (pass === near) addNear(p, q, n, fills);
  else if (pass === range) widenRange(p, q, n);
  else if (way === ofLogs) overLogs(p, q, out, n);
  else overMasses(p, q, out, n);
}

function overLogs(p: usize, q: usize, out: usize, n: i32): void {
  const powers = p - target;
  if (areLogProbs() && (pass === add || pass === weigh)) {
    if (pass === add) addLogProbs(p, q, n, fills);
    else weighLogProbs(p, q, n);
    return;
  }
  if (fills && (pass === add || pass === refine)) {
    fill(p, q, n);
    p = filledP;
    q = filledQ;
  }
  if (pass === add) {
    const keeps = keepsPowers();
    addLogits(p, q, n, keeps, keeps ? powersP + powers : computedP, keeps ? powersQ + powers : computedQ);
  } else if (pass === refine) refineLogits(p, q, n);
  else if (pass === mix) addMixtures(powersP + powers, powersQ + powers, n);
  else if (pass === compare) addPairs(pairLogits(p, q, n));
  else writeLogits(p, q, out, n);
}

function overMasses(p: usize, q: usize, out: usize, n: i32): void {
  if (pass === add) addMasses(p, q, n, fills);
  else if (pass === refine) {
    if (hasMasked) fill(p, q, n);
    refineMasses(hasMasked ? filledP : p, hasMasked ? filledQ : q, n);
  } else if (pass === compare) addPairs(pairMasses(p, q, n));
  else writeMasses(p, q, out, n);
}
