import { divergence } from '../../../src/core/divergence.ts';
import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { computePerLine, counts, logits, shape } from './core-loop.ts';

/** What is computed: `half` leaves out every second distribution, `counts` are counts, and `pseudocount` is added to them. */
const asked = process.argv.slice(2);
const areCounts = asked.includes('counts');
const { input, target } = areCounts ? counts() : logits();
const kernel = loadKernel();
if (kernel === undefined) throw new Error('this platform has no relaxed SIMD');
const runner = { kernel };
const weights = asked.includes('half') ? Float64Array.from({ length: shape[0] }, (_, d) => d % 2) : undefined;

computePerLine(() => {
  const comparison = {
    input: { tensor: { shape, data: input }, kind: areCounts ? 'counts' : 'logits' },
    target: { tensor: { shape, data: target }, kind: areCounts ? 'counts' : 'logits' },
    axes: distributionAxes(shape, -1),
    temperature: 1,
    pseudocount: asked.includes('pseudocount') ? 0.1 : 0,
    weights,
  } as const;
  return (
    divergence(comparison, { base: 'e', wantsTerms: false, found: runKernel(runner, comparison, { wantsTerms: false }) }).sum / shape[0]
  );
});
