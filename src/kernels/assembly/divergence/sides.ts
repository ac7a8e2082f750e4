import { counts, logits, logProbs, mixed, ofLogs, ofMasses } from './steps';

/** That of `src/tensor/domain.ts`. */
export const largestNumber: f64 = 1e270;

/** The kinds of `target` and of `input`. */
export let kindP: i32 = 0;
export let kindQ: i32 = 0;
/** By which way the row is computed: `ofLogs`, `ofMasses` or `mixed`. */
export let way: i32 = 0;
/** What logits are divided by where they stand. */
export let temperature: f64 = 1;
/** What is added to the numbers of each side: 0 but for counts. */
export let pseudocountP: f64 = 0;
export let pseudocountQ: f64 = 0;

/** @param pair the place of both kinds in `kernelPairs` of `src/core/kernel.ts` */
export function beginSides(pair: i32, dividedBy: f64, pseudocount: f64): void {
  kindP = pair >> 2;
  kindQ = pair & 3;
  temperature = dividedBy;
  pseudocountP = kindP === counts ? pseudocount : 0;
  pseudocountQ = kindQ === counts ? pseudocount : 0;
  way = isLog(kindP) === isLog(kindQ) ? (isLog(kindP) ? ofLogs : ofMasses) : mixed;
}

/** Whether numbers of a kind are logarithms of mass. */
export function isLog(kind: i32): bool {
  return kind <= logProbs;
}

/** Whether masses of a kind are divided by their sum, and not used as they stand. */
export function isNormalized(kind: i32): bool {
  return kind === logits || kind === counts;
}

/** Whether both sides are normalised: then a total may be summed from p·φ(d), which keeps its digits. */
export function areNormalized(): bool {
  return isNormalized(kindP) && isNormalized(kindQ);
}

/** Whether both sides are log-probabilities, which are used as they stand. */
export function areLogProbs(): bool {
  return kindP === logProbs && kindQ === logProbs;
}

/** A mass of log-probabilities in Q, which is only compared with 1, may be off by nearly half of this. */
const roughness: f64 = 1e-8;

/** How far a mass may be off 1 where the definition has nothing to report: a bit less than the tolerance of `src/core/diagnostics.ts`. */
export const tolerance: f64 = 0.99e-6;

/**
 * Whether the definition has nothing to report of a total and of masses that are used as they stand: none is off 1 by more than the
 * tolerance, and the total is not mostly their difference.
 */
export function arePlain(total: f64, massP: f64, massQ: f64): bool {
  if (areNormalized()) return true;
  const p = isNormalized(kindP) ? 1 : massP;
  const q = isNormalized(kindQ) ? 1 : massQ;
  return abs(p - 1) <= tolerance && abs(q - 1) <= tolerance && total > max<f64>(0, 2 * (p - q)) + roughness;
}

/**
 * The total of sides of which some are used as they stand, from that of their normalised distributions, which is D:
 * massP·(D + log massP - log massQ), where the masses of normalised sides are 1.
 */
export function asTheyStand(normalised: f64, massP: f64, logMassP: f64, logMassQ: f64): f64 {
  let total = normalised;
  if (!isNormalized(kindQ)) total -= logMassQ;
  return isNormalized(kindP) ? total : massP * (total + logMassP);
}

/**
 * Whether such a total has the digits of its definition, Σ p·d. `normalised` is Σ p·φ(d), of which Σ p·|d| is no more than 2.8 times, or
 * the root of that; the logarithms of the masses have the rounding of numbers near 1.
 */
export function isSure(total: f64, normalised: f64): bool {
  if (areNormalized()) return true;
  const bound = 2.8 * normalised;
  const isShifted = isNormalized(kindP) || isNormalized(kindQ);
  return total >= 2.0 ** -8 * (bound + sqrt(bound)) && total >= (isShifted ? 2.0 ** -13 : 2.0 ** -10);
}
