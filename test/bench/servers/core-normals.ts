import { closedForms } from '../../../src/core/closed-forms/closed-forms.ts';
import type { SideName } from '../../../src/core/comparison.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { seededRandom } from '../../kernels/rows.ts';
import { computePerLine, shape } from './core-loop.ts';

const random = seededRandom(1);
const uniform = (low: number, high: number) => Float64Array.from({ length: shape[0] * shape[1] }, () => low + (high - low) * random());
const side = (name: SideName) => ({
  name,
  parameters: { loc: { data: uniform(-1, 1), isShared: false }, scale: { data: uniform(0.5, 1.5), isShared: false } },
});
const comparison = { kind: 'normal', sides: { target: side('target'), input: side('input') }, axes: distributionAxes(shape, -1) } as const;

computePerLine(() => closedForms(comparison, ['kl'], { base: 'e', wantsTerms: false })[0].sum / shape[0]);
