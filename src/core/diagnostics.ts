import { ExactSum } from './exact-sum.ts';
import type { KindName } from './kinds.ts';

/** How many positions a fact names; it counts all of them. */
export const namedPositions = 10;

/** Positions where something holds: the first ten, and how many there are. */
export type IndexSample = { count: number; first: readonly number[] };

const none: readonly number[] = [];

export function emptySample(): IndexSample {
  return { count: 0, first: none };
}

export function addIndex(sample: IndexSample, position: number): void {
  // all empty samples have one list, so a sample gets a new one
  if (sample.count < namedPositions) sample.first = [...sample.first, position];
  sample.count++;
}

/** Whether enough positions are named, so that others need only be counted. */
export function areNamed({ first }: IndexSample): boolean {
  return first.length === namedPositions;
}

/** Facts about one side, recorded while it is read. Positions are of distributions. */
export type SideDiagnostics = {
  readonly kind: KindName;
  /** Distributions whose mass is off 1 by more than `massTolerance`; only for kinds that are used as they stand. */
  readonly offMass: IndexSample;
  /** The mass that is farthest from 1, and where. */
  worstMass: number;
  worstAt: number;
};

/** Where something holds, and Σ w·|D| of these distributions; undefined where there are none. */
export type MassDifferences = IndexSample & { total: ExactSum | undefined };

export function noMassDifferences(): MassDifferences {
  return { ...emptySample(), total: undefined };
}

export function addMassDifference(found: MassDifferences, size: number, position: number): void {
  addIndex(found, position);
  found.total ??= new ExactSum();
  found.total.add(size);
}

/** Facts about both sides and the terms, recorded during the computation. */
export type Diagnostics = {
  readonly input: SideDiagnostics;
  readonly target: SideDiagnostics;
  /** Elements where P > 0 and Q = 0. */
  readonly infiniteTerms: IndexSample;
  /** Elements where P = 0, as a float64, and Q = 0. */
  readonly zeroOverZero: IndexSample;
  /**
   * Distributions whose divergence is below 0, and the lowest of them with the masses of its two sides and Σ (p - q), which has digits
   * where the masses are 1 but for rounding.
   */
  readonly negativeTotals: IndexSample;
  lowestTotal:
    | {
        readonly value: number;
        readonly at: number;
        readonly targetMass: number;
        readonly inputMass: number;
        readonly massDifference: number;
      }
    | undefined;
  /**
   * Distributions whose divergence is mostly the difference of two masses that are both 1 but for rounding, and Σ w·|D| of them: below 0,
   * or no more than twice the difference.
   */
  readonly massDifferences: MassDifferences;
  /** Elements whose term is below 0. */
  readonly negativeTerms: IndexSample;
};

/** Facts about a side that is not read yet. */
export function noSideDiagnostics(kind: KindName): SideDiagnostics {
  return { kind, offMass: emptySample(), worstMass: 1, worstAt: 0 };
}

/** Facts about both sides before anything is computed. */
export function noDiagnostics(input: SideDiagnostics, target: SideDiagnostics): Diagnostics {
  return {
    input,
    target,
    infiniteTerms: emptySample(),
    zeroOverZero: emptySample(),
    negativeTotals: emptySample(),
    lowestTotal: undefined,
    massDifferences: noMassDifferences(),
    negativeTerms: emptySample(),
  };
}

/** How much was noted, but for negative terms, which are normal. */
export function notesIn({ input, target, infiniteTerms, zeroOverZero, negativeTotals, massDifferences }: Diagnostics): number {
  const ofSides = input.offMass.count + target.offMass.count;
  return ofSides + infiniteTerms.count + zeroOverZero.count + negativeTotals.count + massDifferences.count;
}

/** How far from 1 a sum of probabilities may be. */
export const massTolerance = 1e-6;

/** Whether a sum of probabilities is farther from 1 than rounding explains. */
export function isOffMass(mass: number): boolean {
  return Math.abs(mass - 1) > massTolerance;
}
