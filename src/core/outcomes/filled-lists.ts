import { float64s } from '../../memory/small-arrays.ts';
import { type Axes, distributionAxes, outcomesIn } from '../../tensor/axes.ts';
import type { Comparison, SideName } from '../comparison.ts';
import { kinds, zeroMassOf } from '../kinds.ts';
import type { Totals } from '../reductions.ts';

/**
 * Replaces lists of outcomes by tensors, for answers that show tensors: outcomes without mass fill each list up to the longest, which
 * changes no divergence.
 */
export function filled<Computed extends Comparison & { readonly shape: readonly number[]; readonly divergence: Totals }>(
  computed: Computed,
): Computed {
  const { axes, divergence, shape, weights } = computed;
  if (axes.rows === undefined) return computed;
  const operand = (name: SideName) => {
    const { tensor, kind } = computed[name];
    return { kind, tensor: { ...tensor, data: filledRows(tensor.data, axes, () => zeroMassOf(kinds[kind])) } };
  };
  const { terms } = divergence;
  const filledTerms = () => filledRows(terms, axes, (d) => (weights?.[d] === 0 ? Number.NaN : 0));
  return {
    ...computed,
    axes: distributionAxes(shape, -1),
    input: operand('input'),
    target: operand('target'),
    divergence: { ...divergence, terms: terms.length === 0 ? terms : filledTerms() },
  };
}

function filledRows(data: ArrayLike<number>, axes: Axes, fillerOf: (d: number) => number): Float64Array {
  const size = axes.outcomeOffsets.length;
  const all = float64s(axes.distributionOffsets.length * size);
  for (const [d, start] of axes.distributionOffsets.entries()) {
    const length = outcomesIn(axes, d);
    for (let k = 0; k < size; k++) all[d * size + k] = k < length ? data[start + k] : fillerOf(d);
  }
  return all;
}
