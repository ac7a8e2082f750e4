import { massP as massOfLogProbs } from './logs/log-probs';
import { logNorms, massP as massOfLogs } from './logs/logits';
import { massP as massOfMasses } from './masses';
import { leastOfMixed, massP as massOfMixed } from './mixed';
import { areLogProbs, areNormalized, isNormalized, kindP, kindQ, way } from './sides';
import { mixed, ofLogs } from './steps';

// what the forms need to know of sides that are used as they stand, after the pass that finds the masses

/** Σ p of a P that is used as it stands, 1 of one beside such a Q, and 0 where both sides are normalised. */
export function massOfP(): f64 {
  if (areNormalized()) return 0;
  if (isNormalized(kindP)) return 1;
  if (way === mixed) return massOfMixed;
  return way === ofLogs ? (areLogProbs() ? massOfLogProbs : massOfLogs) : massOfMasses;
}

/** Sums that take the rounding of a logarithm as it is, as that of the sum of a side, have their digits from here on. */
export function leastOfForms(): f64 {
  if (way === mixed) return leastOfMixed;
  if (isNormalized(kindP) === isNormalized(kindQ)) return 0;
  return 2.0 ** -12 * (way === ofLogs ? 1 + abs(logNorms) : 1);
}
