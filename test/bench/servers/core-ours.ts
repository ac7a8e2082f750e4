import { divergence } from '../../../src/core/divergence.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { computePerLine, logits, shape } from './core-loop.ts';

const { input, target } = logits();

computePerLine(() => {
  const q = { tensor: { shape, data: input }, kind: 'logits' } as const;
  const p = { tensor: { shape, data: target }, kind: 'logits' } as const;
  return divergence(q, p, distributionAxes(shape, -1), 'e', false).sum / shape[0];
});
