import { counted } from '../pictures/numbers.ts';
import { countsOnlyRead, unitCount } from '../pictures/units.ts';
import type { Seen } from '../results/seen.ts';
import type { KlAnswer } from '../service/answers.ts';
import type { Layout } from '../tensors/layout.ts';

/** A reduction as a sum, what it is divided by, and the value. */
export type Equation = { readonly name: string; readonly divisor: number; readonly value: number; readonly divides: string };

/** The reductions that are numbers, in the order in which they are shown. */
export const order = ['sum', 'mean', 'batchmean', 'distribution_mean'];

type Reduced = Pick<KlAnswer, 'divisors' | 'dim'> & { readonly results: Readonly<Record<string, unknown>> };

/** How many distributions have a weight above 0, and whether these weights differ from 1; undefined where they are not known. */
type Weights = { readonly read: number; readonly isWeighted: boolean | undefined };

/** Returns the reductions that are numbers, each with what its divisor counts. */
export function equationsOf({ results, divisors, dim }: Reduced, layout: Layout, weights: Weights): Equation[] {
  return order
    .filter((name) => name in results)
    .map((name) => {
      const divisor = divisors[name] ?? 1;
      return { name, divisor, value: Number(results[name]), divides: dividesBy(name, divisor, { layout, dim, ...weights }) };
    });
}

type Counted = Weights & { readonly layout: Layout; readonly dim: readonly number[] };

function dividesBy(name: string, divisor: number, { layout, dim, read, isWeighted }: Counted): string {
  const count = unitCount(name, layout);
  if (divisor !== count || (isWeighted && countsOnlyRead(name))) {
    const isMask = isWeighted === false && divisor === (name === 'mean' ? (read * count) / unitCount('distribution_mean', layout) : read);
    if (name === 'mean') return isMask ? `the ${counted(divisor, 'element')} that are read` : 'the weight of all elements';
    return isMask
      ? `the ${counted(divisor, 'distribution')} of weight 1: the mean divergence`
      : 'the sum of the weights: the weighted mean';
  }
  const perhaps = isWeighted === undefined ? ', weighted if there are weights' : '';
  if (name === 'sum') return 'nothing: all terms together';
  if (name === 'mean') return count === 1 ? 'the only element' : `all ${counted(count, 'element')}, outcome by outcome${perhaps}`;
  if (name === 'batchmean')
    return `the ${counted(count, 'row')} of axis 0${dim.includes(0) ? ', which are outcomes here, not a batch' : ''}`;
  return `the ${counted(count, 'distribution')}: the mean divergence${perhaps}`;
}

/** The sum of all terms, which every reduction divides. */
export function totalOf(equations: readonly Equation[]): number {
  const [first] = equations;
  return first === undefined ? Number.NaN : first.value * first.divisor;
}

/** Returns the reductions that are numbers with all their digits, for a spreadsheet. */
export function valuesAsText({ answer }: Seen): string {
  const rows = order
    .filter((name) => name in answer.results)
    .map((name) => `${name}\t${answer.divisors[name] ?? ''}\t${answer.results[name]}`);
  return ['reduction\tdivisor\tvalue', ...rows].join('\n');
}
