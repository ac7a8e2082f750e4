import { type Fault, RequestError, reportedFaults } from '../../errors/request-error.ts';
import { offsetsIn } from '../../tensor/axes.ts';
import { unravel } from '../../tensor/tensor.ts';
import { type Comparison, type SideName, sideNames } from '../comparison.ts';

/**
 * Counts of observations are whole numbers.
 * @param outcomeAt the outcomes of lists; absent for tensors
 * @throws RequestError INVALID_VALUE for others in distributions that are read
 */
export function refuseFractions(comparison: Comparison, outcomeAt?: (distribution: number, k: number) => string | number | null): void {
  const faults: Fault[] = [];
  let count = 0;
  const { axes } = comparison;
  for (const name of sideNames) {
    const { data, shape } = comparison[name].tensor;
    for (const [d, start] of axes.distributionOffsets.entries()) {
      if (comparison.weights?.[d] === 0) continue;
      for (const [k, step] of offsetsIn(axes, d).entries()) {
        const value = data[start + step];
        if (Number.isSafeInteger(value)) continue;
        count++;
        if (faults.length >= reportedFaults) continue;
        const where =
          outcomeAt === undefined
            ? `element [${unravel(start + step, shape).join(', ')}]`
            : `outcome ${JSON.stringify(outcomeAt(d, k))} of list [${unravel(d, axes.shape).join(', ')}]`;
        faults.push(fraction(name, where, value));
      }
    }
  }
  if (count > 0) throw new RequestError(faults, count);
}

function fraction(name: SideName, where: string, value: number): Fault {
  const detail = `${where}: sampling counts observations, so expected a whole number up to 2^53 - 1, got ${value}: leave sampling out for weights and rates`;
  return { pointer: `#/${name}`, code: 'INVALID_VALUE', detail };
}
