import type { KindName } from './kinds.ts';

/** How many positions a fact names; it counts all of them. */
const namedPositions = 10;

/** Positions where something holds: the first ten, and how many there are. */
export type Places = { count: number; readonly first: number[] };

export function noPlaces(): Places {
  return { count: 0, first: [] };
}

export function addPlace(places: Places, position: number): void {
  if (places.count < namedPositions) places.first.push(position);
  places.count++;
}

/** Whether enough positions are named, so that others need only be counted. */
export function areNamed({ first }: Places): boolean {
  return first.length === namedPositions;
}

/** What was seen of one side while it was read. Positions are of distributions. */
export type SideFacts = {
  readonly kind: KindName;
  /** Distributions whose mass is off 1 by more than `massTolerance`; only for kinds that are used as they stand. */
  readonly offMass: Places;
  /** The mass that is farthest from 1, and where. */
  worstMass: number;
  worstAt: number;
  /** Every value lies in [0, 1] and every distribution of values sums to 1, for a kind that holds logarithms. */
  looksLikeProbs: boolean;
  /** The one other axis along which the masses sum to 1, where they do not along dim. */
  otherAxis: number | undefined;
};

/** What was seen while computing, and what the numbers do not tell by themselves. */
export type Facts = {
  readonly input: SideFacts;
  readonly target: SideFacts;
  /** Elements where P > 0 and Q = 0. */
  readonly infiniteTerms: Places;
  /** Elements where P = 0, as a float64, and Q = 0. */
  readonly zeroOverZero: Places;
  /** Distributions whose divergence is below 0, and the lowest of them with the masses of its two sides and Σ (p - q), which has digits where the masses are 1 but for rounding. */
  readonly negativeTotals: Places;
  lowestTotal:
    | {
        readonly value: number;
        readonly at: number;
        readonly targetMass: number;
        readonly inputMass: number;
        readonly massDifference: number;
      }
    | undefined;
  /** Elements whose term is below 0. */
  readonly negativeTerms: Places;
};

/** How far from 1 a sum of probabilities may be. */
export const massTolerance = 1e-6;
