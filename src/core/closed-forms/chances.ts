import { logQuotient } from './gaps.ts';
import { type Columns, has, valueAt } from './side.ts';

/** The probabilities of 1 and 0, and their logarithms. */
export type Chances = { readonly chance: number; readonly other: number; readonly log: number; readonly otherLog: number };

/** Reads `probs` or `logits` of an element. */
export function chancesOf(columns: Columns): (element: number) => Chances {
  if (has(columns, 'logits')) {
    return (i) => {
      const logit = valueAt(columns.logits, i);
      const log = -softplus(-logit);
      const otherLog = -softplus(logit);
      return { chance: Math.exp(log), other: Math.exp(otherLog), log, otherLog };
    };
  }
  return (i) => {
    const chance = valueAt(columns.probs, i);
    return { chance, other: 1 - chance, log: Math.log(chance), otherLog: Math.log1p(-chance) };
  };
}

/** Makes the function that returns p₂ - p₁, of which nearly equal logits have more digits than their probabilities. */
export function differenceOf(p: Columns, q: Columns): (ofP: Chances, ofQ: Chances, element: number) => number {
  if (!(has(p, 'logits') && has(q, 'logits'))) return (ofP, ofQ) => ofQ.chance - ofP.chance;
  return (ofP, ofQ, i) => {
    const apart = valueAt(p.logits, i) - valueAt(q.logits, i);
    if (Math.abs(apart) < 1) return -ofQ.chance * ofP.other * Math.expm1(apart);
    return ofP.chance > 0.5 ? ofP.other - ofQ.other : ofQ.chance - ofP.chance;
  };
}

/** Makes the function that returns ln(p₁ / p₂): of small probabilities one logarithm has more digits than the difference of two. */
export function logRatioOf(p: Columns, q: Columns): (ofP: Chances, ofQ: Chances) => number {
  if (has(p, 'logits') || has(q, 'logits')) return (ofP, ofQ) => ofP.log - ofQ.log;
  return (ofP, ofQ) => logQuotient(ofP.chance, ofQ.chance);
}

/** ln(1 + exp(x)) */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
