import { type SideName, sideNames } from '../core/comparison.ts';
import { kinds } from '../core/kinds.ts';
import type { Lookalike } from '../core/lookalike.ts';
import { type ReductionName, reduce, reductions } from '../core/reductions.ts';
import { totalWeight } from '../core/weights.ts';
import { float64s } from '../memory/small-arrays.ts';
import { type Axes, offsetsIn, someOf } from '../tensor/axes.ts';
import { jsonNumber } from '../tensor/json-number.ts';
import { sameShape } from '../tensor/tensor.ts';
import type { WarningContext } from './warning.ts';

/** What the sides look like. */
export type Lookalikes = Partial<Record<SideName, Lookalike>>;

/**
 * The numbers that the reductions would be if each side were what it looks like, over the distributions that are no padding, and whether
 * there is padding. Undefined where the sides lie along different axes, or their distributions have no weights because they lie along
 * others.
 */
export function valuesUnder(found: Lookalikes, answered: WarningContext): { values: ValueIf; isPadded: boolean } | undefined {
  const { operands, reductions: asked, shape, evaluate } = answered;
  const looks = sideNames.flatMap((name) => found[name] ?? []);
  if (looks.length === 0) return undefined;
  if (!looks.every(({ axes }) => sameShape(axes.dims, looks[0].axes.dims))) return undefined;
  const isAlongDim = sameShape(looks[0].axes.dims, answered.axes.dims);
  if (answered.weights !== undefined && !isAlongDim) return undefined;
  const axes = axesOfAll(found, answered);
  const weights = weightsAt(axes, answered);
  const operand = (name: SideName) => {
    const kind = found[name]?.kind ?? operands[name].kind;
    return { ...(kinds[kind].scale === 'log' ? operands[name] : asListed(operands[name])), kind };
  };
  const scalars = asked.filter((name) => 'divisor' in reductions[name]);
  const names: readonly ReductionName[] = scalars.length > 0 ? scalars : ['distribution_mean'];
  // kinds other than logits have no temperature
  const results = evaluate({ input: operand('input'), target: operand('target'), axes, temperature: 1, pseudocount: 0, weights });
  const sizes = { shape, axes, weight: totalWeight(axes.distributionOffsets.length, weights) };
  const values = Object.fromEntries(
    results.flatMap(({ prefix, totals }) => names.map((name) => [`${prefix}${name}`, jsonNumber(reduce(name, totals, sizes) as number)])),
  );
  return { values, isPadded: axes.distributionOffsets.length < looks[0].axes.distributionOffsets.length };
}

/** Numbers by the names of their reductions. */
export type ValueIf = Readonly<Record<string, number | string>>;

/** The weights of some of the distributions. */
function weightsAt({ distributionOffsets }: Axes, { axes, weights }: WarningContext): Float64Array | undefined {
  if (weights === undefined) return undefined;
  const kept = new Set(distributionOffsets);
  return Float64Array.from(weights.filter((_, d) => kept.has(axes.distributionOffsets[d])));
}

/** The axes of the sides, without distributions that look like padding on any of them: where there are counts, those that are all 0. */
function axesOfAll(found: Lookalikes, { operands }: Pick<WarningContext, 'operands'>): Axes {
  const looks = sideNames.flatMap((name) => (found[name] === undefined ? [] : { ...found[name], data: operands[name].tensor.data }));
  const { axes } = looks[0];
  const tests = looks.map(({ what, distributions, data }) => {
    if (what === 'counts') return (d: number) => offsetsIn(axes, d).some((step) => data[axes.distributionOffsets[d] + step] > 0);
    const kept = new Set(distributions);
    return (d: number) => kept.has(d);
  });
  return someOf(axes, (d) => tests.every((isKept) => isKept(d)));
}

/**
 * An operand in which outcomes that a list lacks have the number 0, as they would have in any kind but logarithms. Where another number is
 * negative the operand is returned as it is: it is no other kind.
 */
export function asListed(operand: WarningContext['operands'][SideName]): WarningContext['operands'][SideName] {
  const { tensor } = operand;
  if (!tensor.isSpread || tensor.data.some((value) => value < 0 && value !== Number.NEGATIVE_INFINITY)) return operand;
  const data = float64s(tensor.data.length);
  for (let element = 0; element < data.length; element++) data[element] = Math.max(0, tensor.data[element]);
  return { ...operand, tensor: { ...tensor, data } };
}
