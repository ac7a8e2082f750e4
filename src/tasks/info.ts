import { kindNames, kinds } from '../core/kinds.ts';
import { reductionNames, reductions } from '../core/reductions.ts';
import { kernelIsSupported } from '../kernels/divergence-kernel.ts';
import { maxRank } from '../tensor/shape.ts';
import { maxExplainedElements } from './explain.ts';
import type { Limits } from './task.ts';

/** Returns the limits of a request, and the kinds and reductions that it may name. */
export function computeInfo({ maxElements }: Limits) {
  return {
    kernels: kernelIsSupported() ? ('wasm-relaxed-simd' as const) : ('typescript' as const),
    limits: {
      elements_per_tensor: maxElements,
      explained_elements_per_tensor: Math.min(maxElements, maxExplainedElements),
      rank: maxRank,
    },
    kinds: kindNames.map((name) => ({ name, meaning: kinds[name].meaning })),
    reductions: reductionNames.map((name) => {
      const { value, formula, equivalent } = reductions[name];
      return { name, value, formula, equivalent_to: equivalent };
    }),
  };
}
