import { otherSide, type SideName } from '../core/comparison.ts';
import { countAndIndices, type Finding, indexInWords, quantity, type WarningContext } from './warning.ts';

type ListedContext = Pick<WarningContext, 'axes' | 'listed'>;

/**
 * Lists that leave no more to 1 than the rounding of their numbers, where the other side leaves more: how much less decides the divergence.
 * @param sides those whose lack of mass makes the divergence infinite
 * @param name what the divergence is called
 */
export function restByRounding(sides: readonly SideName[], name: string, context: ListedContext): Finding[] {
  const { axes } = context;
  return sides.flatMap((side) => {
    const found = context.listed?.restsByRounding?.[side];
    if (found === undefined || found.count === 0) return [];
    const first = axes.shape.length === 0 ? '' : `, the first ${indexInWords(found.first[0], axes.shape)}`;
    const message =
      `The list of ${side} leaves at most 1e-6 to 1 in ${quantity(found.count, 'distribution', axes.distributionOffsets.length)}${first}, where that of ${otherSide(side)} ` +
      `leaves more: rounding to float32 may be all of it, and then it decides how large ${name} is there, which is no lower bound. ` +
      'Send numbers that were computed in float64, or "weights" of 0 for these distributions.';
    return [{ pointer: `#/${side}`, message, details: { side, ...countAndIndices(found, axes.shape) } }];
  });
}

/** Whether rounding may be all that the list of a side leaves to 1, where the other one leaves more. */
export function isInDoubt(side: SideName, listed: WarningContext['listed']): boolean {
  return (listed?.restsByRounding?.[side].count ?? 0) > 0;
}

/** What there is to say of an infinite divergence, in words that follow a colon. @param lacking the side without mass */
export function whetherRight(lacking: SideName, { listed }: Pick<WarningContext, 'listed'>): string {
  return isInDoubt(lacking, listed)
    ? `that is right where the list of ${lacking} is complete, and not only rounded`
    : 'that is the right value, not an error';
}
