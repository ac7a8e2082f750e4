import { otherSide, type SideName } from '../core/comparison.ts';
import { kinds } from '../core/kinds.ts';
import { isInDoubt } from './rest-by-rounding.ts';
import type { WarningContext } from './warning.ts';

/**
 * What to send where a side has no mass and the other one has, so that the divergence is finite, in words that follow "If … should cover
 * these outcomes, ".
 * @param lacking the side without mass
 */
export function remedyFor(lacking: SideName, { operands, listed }: Pick<WarningContext, 'operands' | 'listed'>): string {
  const { kind, tensor } = operands[lacking];
  if (isInDoubt(lacking, listed)) return 'list more of them there, with numbers that were computed in float64';
  const areKinds = (...some: string[]) => some.includes(kind) && some.includes(operands[otherSide(lacking)].kind);
  if (areKinds('counts')) return 'send a "pseudocount" such as 0.5, which is added to every count';
  // the rest of probabilities is no count
  if (areKinds('counts', 'probs') && listed?.coverage === undefined)
    return 'send both sides as "counts" with a "pseudocount" such as 1e-6, which is added to every number before they are divided by their sums';
  const isLog = kinds[kind].scale === 'log';
  const [number, none] = isLog ? ['a low number such as -100', '"-Infinity"'] : ['a small number such as 1e-9', '0'];
  return tensor.isSpread ? `list them there, too, with ${number}` : `send ${number} there in place of ${none}`;
}
