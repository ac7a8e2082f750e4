import type { Comparison } from '../../src/core/comparison.ts';
import type { kernelPairs } from '../../src/core/kernel.ts';
import type { KindName } from '../../src/core/kinds.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';

export type Pair = (typeof kernelPairs)[number];

/** Probabilities as numbers of a kind. */
const ofKind: Readonly<Record<KindName, (p: number) => number>> = {
  logits: (p) => Math.log(p) + 2.5,
  log_probs: Math.log,
  probs: (p) => p,
  counts: (p) => 1000 * p,
};

/** Probabilities of both sides as numbers of their kinds. */
export function comparisonOfProbs({ target, input }: Pair, p: Float64Array, q: Float64Array, shape: number[], dim = -1): Comparison {
  const operand = (kind: KindName, probs: Float64Array) => ({ kind, tensor: { shape, data: probs.map(ofKind[kind]) } });
  return {
    target: operand(target, p),
    input: operand(input, q),
    axes: distributionAxes(shape, dim),
    temperature: 1,
    pseudocount: 0,
  };
}
