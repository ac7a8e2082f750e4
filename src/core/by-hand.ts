import type { Axes } from '../tensor/axes.ts';
import { logMass } from './distribution.ts';
import type { Base, Operand } from './divergence.ts';
import type { Totals } from './reductions.ts';
import { type Side, side } from './side.ts';

/** The derivation step by step, each a row-major array; logarithms and probabilities in the shape of the operands. */
export type ByHand = Totals & {
  readonly inputLogProbs: Float64Array;
  readonly targetLogProbs: Float64Array;
  readonly inputProbs: Float64Array;
  readonly targetProbs: Float64Array;
};

/**
 * KL(P ‖ Q) as a textbook has it: log-probabilities, probabilities, P·(log P - log Q) with 0·log 0 = 0, and plain sums.
 * Terms and sums are in units of log `base`, log-probabilities in nats. Kullback and Leibler 1951, doi:10.1214/aoms/1177729694
 * @throws RequestError ZERO_MASS
 */
export function byHand(input: Operand, target: Operand, axes: Axes, base: Base): ByHand {
  const { starts, steps } = axes;
  const q = side('input', input.tensor, input.kind, axes);
  const p = side('target', target.tensor, target.kind, axes);
  const unit = base === 'e' ? 1 : Math.log(base);
  const empty = () => new Float64Array(target.tensor.data.length);
  const hand = { inputLogProbs: empty(), targetLogProbs: empty(), inputProbs: empty(), targetProbs: empty(), terms: empty() };
  const perDistribution = new Float64Array(starts.length);

  for (let d = 0; d < starts.length; d++) {
    p.read(d);
    q.read(d);
    for (let k = 0; k < steps.length; k++) {
      const element = starts[d] + steps[k];
      write(p, k, element, hand.targetLogProbs, hand.targetProbs);
      write(q, k, element, hand.inputLogProbs, hand.inputProbs);
      const mass = hand.targetProbs[element];
      hand.terms[element] = mass === 0 ? 0 : (mass * (hand.targetLogProbs[element] - hand.inputLogProbs[element])) / unit;
      perDistribution[d] += hand.terms[element];
    }
  }
  return { ...hand, perDistribution, sum: perDistribution.reduce((sum, total) => sum + total, 0) };
}

function write({ kind, current }: Side, k: number, element: number, logProbs: Float64Array, probs: Float64Array): void {
  logProbs[element] = logMass(current, kind.scale, k);
  probs[element] = current.mass[k];
}
