import { computeFamily } from '../../../src/core/divergences/compute-family.ts';
import { defaultDivergences, parseDivergence } from '../../../src/core/divergences/named-divergence.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { computePerLine, logits, shape } from './core-loop.ts';

const { input, target } = logits();
const all = defaultDivergences.map(parseDivergence).filter((divergence) => typeof divergence !== 'string');
// `each` makes a pass over the data for each of the divergences
const passes = process.argv.includes('each') ? all.map((divergence) => [divergence]) : [all];

computePerLine(() => {
  const comparison = {
    input: { tensor: { shape, data: input }, kind: 'logits' },
    target: { tensor: { shape, data: target }, kind: 'logits' },
    axes: distributionAxes(shape, -1),
    temperature: 1,
    pseudocount: 0,
  } as const;
  const members = passes.flatMap((asked) => computeFamily(comparison, { base: 'e', asked, wantsTerms: false }).members);
  return members.reduce((sum, member) => sum + member.sum, 0);
});
