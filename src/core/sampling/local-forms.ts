import type { DivergenceName, NamedDivergence } from '../divergences/named-divergence.ts';

/** How a divergence behaves where both sides are nearly equal. */
type LocalForm = {
  /**
   * c, where the divergence, or the square of a distance, is about c·Σ (P − Q)² / P, in nats: f″(1)/2 for an f-divergence of Csiszár's.
   * Absent where it has no such form.
   */
  readonly curvature?: (parameter: number) => number;
  /** Whether it is of the first order in P − Q, so that its square behaves as the others do. */
  readonly isDistance?: true;
  /** The largest value that the divergence, or the square of a distance, can have, in nats. Absent where there is none. */
  readonly most?: (parameter: number) => number;
};

/**
 * One row for each divergence. Csiszár and Shields 2004, theorem 4.1: doi:10.1561/0100000004; Rényi's as van Erven and Harremoës have it:
 * doi:10.1109/TIT.2014.2320500
 */
const localForms: Readonly<Record<DivergenceName, LocalForm>> = {
  kl: { curvature: () => 1 / 2 },
  reverse_kl: { curvature: () => 1 / 2 },
  jeffreys: { curvature: () => 1 },
  jensen_shannon: { curvature: (beta) => (beta * (1 - beta)) / 2, most: (beta) => -beta * Math.log(beta) - (1 - beta) * Math.log1p(-beta) },
  jensen_shannon_distance: { curvature: () => 1 / 8, isDistance: true, most: () => Math.LN2 },
  renyi: { curvature: (alpha) => alpha / 2 },
  cross_entropy: {},
  hellinger: { curvature: () => 1 / 8, isDistance: true, most: () => 1 },
  total_variation: { isDistance: true, most: () => 1 },
  chi_squared: { curvature: () => 1 },
  // estimates from log-probabilities of samples, which are no counts
  k1: {},
  k2: {},
  k3: {},
};

export function localFormOf({ name }: Pick<NamedDivergence, 'name'>): LocalForm {
  return localForms[name];
}
