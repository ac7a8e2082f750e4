import { divergence } from '../../../src/core/divergence.ts';
import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { computePerLine, logits, shape } from './core-loop.ts';

const { input, target } = logits();
const kernel = loadKernel();
if (kernel === undefined) throw new Error('this platform has no relaxed SIMD');
const runner = { kernel };

computePerLine(() => {
  const comparison = {
    input: { tensor: { shape, data: input }, kind: 'logits' },
    target: { tensor: { shape, data: target }, kind: 'logits' },
    axes: distributionAxes(shape, -1),
    temperature: 1,
  } as const;
  return divergence(comparison, { base: 'e', wantsTerms: false, found: runKernel(runner, comparison, false) }).sum / shape[0];
});
