import { divergence } from '../../../src/core/divergence.ts';
import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { computePerLine, logits, shape } from './core-loop.ts';

const { input, target } = logits();
const kernel = loadKernel();
if (kernel === undefined) throw new Error('this platform has no relaxed SIMD');
const runner = { kernel };
// every second distribution is left out where it is asked for
const weights = process.argv.includes('half') ? Float64Array.from({ length: shape[0] }, (_, d) => d % 2) : undefined;

computePerLine(() => {
  const comparison = {
    input: { tensor: { shape, data: input }, kind: 'logits' },
    target: { tensor: { shape, data: target }, kind: 'logits' },
    axes: distributionAxes(shape, -1),
    temperature: 1,
    weights,
  } as const;
  return (
    divergence(comparison, { base: 'e', wantsTerms: false, found: runKernel(runner, comparison, { wantsTerms: false }) }).sum / shape[0]
  );
});
