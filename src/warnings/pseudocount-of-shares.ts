import { type SideName, sideNames } from '../core/comparison.ts';
import { sharesAlong } from '../core/shares.ts';
import { dimsInWords, offsetsIn } from '../tensor/axes.ts';
import { type Finding, inWords, quantity, type WarningContext } from './warning.ts';

/** What a pseudocount adds to shares may be so much of them without a word. */
const little = 0.1;

/** A pseudocount that outweighs what it is added to, because counts have been divided by their sums before. Jobs do not look for it. */
export function pseudocountOfShares(answered: WarningContext): Finding[] {
  const { pseudocount, read, axes, seen } = answered;
  const added = pseudocount * read.outcomeOffsets.length;
  if (added <= little || seen !== undefined) return [];
  const sides = sideNames.filter((name) => areShares(name, answered));
  if (sides.length === 0) return [];
  const verb = sides.length === 1 ? 'sums' : 'sum';
  const count = quantity(read.distributionOffsets.length, 'distribution', axes.distributionOffsets.length);
  return [
    {
      pointer: '#/pseudocount',
      message:
        `${sides.join(' and ')} ${verb} to 1 along ${dimsInWords(axes.dims)} in ${count}, as probabilities do, and a pseudocount of ${inWords(pseudocount)} adds ` +
        `${inWords(added)} to each sum, so that ${inWords((100 * added) / (1 + added))} % of the mass there is the pseudocount. ` +
        'Send what was counted, or a pseudocount that is small beside the probabilities, such as 1e-6.',
      details: { sides, pseudocount, added },
    },
  ];
}

/** Whether all counts of a side have been divided by their sums. A single observation has the sum 1 too. */
export function areShares(name: SideName, { operands, read }: Pick<WarningContext, 'operands' | 'read'>): boolean {
  const { kind, tensor } = operands[name];
  if (kind !== 'counts' || sharesAlong(tensor.data, read, 1) === undefined) return false;
  return read.distributionOffsets.some((start, d) => offsetsIn(read, d).some((step) => !Number.isInteger(tensor.data[start + step])));
}
