import type { Axes } from '../../tensor/axes.ts';
import type { KindName } from '../kinds.ts';
import type { ByHand } from './textbook.ts';

/**
 * torch.nn.functional.kl_div, reduction none: xlogy(t, t) - t·input, or exp(t)·(t - input) with log_target.
 * Its products are taken as they are: 0·∞ is NaN. pytorch/pytorch aten/src/ATen/native/Loss.cpp
 */
export function torchTerms({ inputLogProbs, targetProbs, targetLogProbs }: ByHand, targetKind: KindName): Float64Array {
  if (targetKind === 'log_probs') return targetLogProbs.map((t, element) => Math.exp(t) * (t - inputLogProbs[element]));
  return targetProbs.map((t, element) => (t === 0 ? 0 : t * Math.log(t)) - t * inputLogProbs[element]);
}

/** scipy.special.rel_entr: x·log(x/y) for x, y > 0; 0 for x = 0, y ≥ 0; ∞ otherwise. */
export function relEntr(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x > 0 && y > 0) return x * (Math.log(x) - Math.log(y));
  return x === 0 && y >= 0 ? 0 : Number.POSITIVE_INFINITY;
}

/** scipy.stats.entropy(pk, qk, axis): Σ rel_entr after both are divided by their sums; NaN where a sum is 0. */
export function scipyEntropy({ targetProbs, inputProbs }: ByHand, { distributionOffsets, outcomeOffsets }: Axes): Float64Array {
  return Float64Array.from(distributionOffsets, (start) => {
    let pSum = 0;
    let qSum = 0;
    for (const step of outcomeOffsets) {
      pSum += targetProbs[start + step];
      qSum += inputProbs[start + step];
    }
    let total = 0;
    for (const step of outcomeOffsets) total += relEntr(targetProbs[start + step] / pSum, inputProbs[start + step] / qSum);
    return total;
  });
}

/** keras.losses.kl_divergence: Σ p·log(p/q) after both are clipped to [1e-7, 1]. */
export function kerasPerDistribution({ targetProbs, inputProbs }: ByHand, { distributionOffsets, outcomeOffsets }: Axes): Float64Array {
  return Float64Array.from(distributionOffsets, (start) => {
    let total = 0;
    for (const step of outcomeOffsets) {
      const p = clip(targetProbs[start + step]);
      total += p * Math.log(p / clip(inputProbs[start + step]));
    }
    return total;
  });
}

const clip = (p: number): number => Math.min(Math.max(p, 1e-7), 1);
