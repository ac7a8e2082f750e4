import { otherSide, type SideName, sideNames } from '../core/comparison.ts';
import { addIndex, emptySample, type IndexSample, massTolerance } from '../core/diagnostics.ts';
import { kinds, zeroMassOf } from '../core/kinds.ts';
import { offsetsIn, outcomesIn, positionOf } from '../tensor/axes.ts';
import { areShares } from './pseudocount-of-shares.ts';
import { isInDoubt } from './rest-by-rounding.ts';
import { countAndElements, type Finding, quantity, type WarningContext } from './warning.ts';

/**
 * What to send where a side has no mass and the other one has, so that the divergence is finite, in words that follow "If … should cover
 * these outcomes, ".
 * @param lacking the side without mass
 */
export function remedyFor(lacking: SideName, context: Pick<WarningContext, 'operands' | 'read' | 'listed' | 'seen'>): string {
  const { operands, listed, seen } = context;
  const { kind, tensor } = operands[lacking];
  if (isInDoubt(lacking, listed)) return 'list more of them there, with numbers that were computed in float64';
  const areKinds = (...some: string[]) => some.includes(kind) && some.includes(operands[otherSide(lacking)].kind);
  const haveShares = () => seen === undefined && sideNames.some((name) => areShares(name, context));
  if (areKinds('counts') && !haveShares()) return 'send a "pseudocount" such as 0.5, which is added to every count';
  if (areKinds('counts')) return 'send a "pseudocount" such as 1e-6, which is added to every number';
  // the rest of probabilities is no count
  if (areKinds('counts', 'probs') && listed?.coverage === undefined)
    return 'send both sides as "counts" with a "pseudocount" such as 1e-6, which is added to every number before they are divided by their sums';
  const isLog = kinds[kind].scale === 'log';
  const [number, none] = isLog ? ['a low number such as -100', '"-Infinity"'] : ['a small number such as 1e-9', '0'];
  if (!tensor.isSpread) return `send ${number} there in place of ${none}`;
  const toBucket = 'send "log_probs" as both kinds, with "rest": "bucket", where the lists are the top of longer ones, else ';
  return `${areTops(context) ? toBucket : ''}list them there, too, with ${number}`;
}

/** Whether lists of logits may be the most likely of more log-probabilities: exp of none sums to more than 1. */
function areTops({ operands, read }: Pick<WarningContext, 'operands' | 'read'>): boolean {
  return sideNames.every((name) => {
    const { kind, tensor } = operands[name];
    if (kind !== 'logits' || !tensor.isSpread) return false;
    return read.distributionOffsets.every((start, d) => {
      let mass = 0;
      for (const step of offsetsIn(read, d)) mass += Math.exp(tensor.data[start + step]);
      return mass <= 1 + massTolerance;
    });
  });
}

/** Elements without mass on both sides. */
export function zeroOverZero(answered: WarningContext): Finding[] {
  const zeros = withoutRests(answered);
  const { count } = zeros;
  if (count === 0) return [];
  return [
    {
      pointer: '#/target',
      message:
        `P and Q are both 0 in float64 at ${quantity(count, 'element')}, which counts as 0, the limit, as in SciPy; PyTorch computes 0·∞ there and ` +
        'answers NaN. Nothing to do, unless you compare with PyTorch.',
      details: countAndElements(zeros, answered),
    },
  ];
}

/** Where P and Q are both 0. The rest of lists that leave out nothing is no outcome. */
function withoutRests({ facts, listed, axes, operands, weights }: WarningContext): IndexSample {
  if (listed?.coverage === undefined || facts.zeroOverZero.count === 0) return facts.zeroOverZero;
  const zeros = emptySample();
  const { input, target } = operands;
  const isNone = (mass: number) => mass === zeroMassOf(kinds[input.kind]);
  const isZero = kinds[target.kind].scale === 'log' ? (mass: number) => Math.exp(mass) === 0 : (mass: number) => mass === 0;
  for (const [d, start] of axes.distributionOffsets.entries()) {
    if (weights?.[d] === 0) continue;
    const rest = outcomesIn(axes, d) - 1;
    for (let k = 0; k < rest; k++) {
      if (isNone(input.tensor.data[start + k]) && isZero(target.tensor.data[start + k])) addIndex(zeros, positionOf(axes, d, k));
    }
  }
  return zeros;
}
