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
  const q = { tensor: { shape, data: input }, kind: 'logits' } as const;
  const p = { tensor: { shape, data: target }, kind: 'logits' } as const;
  const axes = distributionAxes(shape, -1);
  return divergence(q, p, axes, 'e', false, runKernel(runner, q, p, axes, false)).sum / shape[0];
});
