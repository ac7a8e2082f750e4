import type { NamedDivergence } from '../divergences/named-divergence.ts';
import { chiSquareExceededBy, meanOfChi } from './chi-square.ts';
import type { Counts, Homogeneity } from './homogeneity.ts';
import { localFormOf } from './local-forms.ts';

/** What a divergence would be if both sides were drawn from one distribution: its mean, and what it exceeds once in twenty times. */
type Chance = { readonly expected: number; readonly exceededOnceInTwenty: number };

/**
 * Returns what a divergence of sampled distributions comes to by chance, to the first order. Undefined where it has no such form.
 * @param spread the mean of Σ (P − Q)² / P, as `spreadOf` has it
 * @param unit what the divergence is divided by: log `base`, or 1 where it has no unit
 */
export function chanceOf(divergence: NamedDivergence, spread: number, degrees: number, unit: number): Chance | undefined {
  const { curvature, isDistance } = localFormOf(divergence);
  if (curvature === undefined) return undefined;
  const expected = (curvature(divergence.parameter) * spread) / unit;
  // where all observations are of one outcome, chance changes nothing: what there is comes from a pseudocount beside unlike numbers of them
  if (degrees === 0) {
    const always = isDistance ? Math.sqrt(expected) : expected;
    return { expected: always, exceededOnceInTwenty: always };
  }
  // of a multiple of a chi-square variable, whose mean is its degrees of freedom
  const scale = expected / degrees;
  const exceeded = scale * chiSquareExceededBy(0.05, degrees);
  if (isDistance) return { expected: Math.sqrt(scale) * meanOfChi(degrees), exceededOnceInTwenty: Math.sqrt(exceeded) };
  return { expected, exceededOnceInTwenty: exceeded };
}

/**
 * Returns the mean of Σ (P − Q)² / P where both sides are drawn from the distribution of both together: (B − 1)·(1/n + 1/m) for n and m
 * observations and B observed outcomes. A pseudocount a of each of K outcomes makes a share (count + a) / (n + a·K), which varies less, and
 * is drawn further towards 1/K on the smaller side.
 */
export function spreadOf({ input, target }: Counts, { sizes, degrees }: Homogeneity, pseudocount: number): number {
  if (pseudocount === 0) return degrees * (1 / sizes.input + 1 / sizes.target);
  const outcomes = input.length;
  const all = sizes.input + sizes.target;
  // without observations, both sides are the pseudocount alone
  if (all === 0) return 0;
  const [n, m] = [sizes.input + pseudocount * outcomes, sizes.target + pseudocount * outcomes];
  const variance = sizes.input / n ** 2 + sizes.target / m ** 2;
  let spread = 0;
  for (let k = 0; k < outcomes; k++) {
    const share = (input[k] + target[k]) / all;
    const [ofInput, ofTarget] = [(share * sizes.input + pseudocount) / n, (share * sizes.target + pseudocount) / m];
    spread += (variance * share * (1 - share) + (ofInput - ofTarget) ** 2) / ((ofInput + ofTarget) / 2);
  }
  return spread;
}
