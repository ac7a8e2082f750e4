import { type Fault, RequestError, reportedFaults } from '../../errors/request-error.ts';
import { offsetsIn } from '../../tensor/axes.ts';
import { type Comparison, type PlaceOf, sideNames } from '../comparison.ts';

/**
 * Counts of observations are whole numbers.
 * @throws RequestError INVALID_VALUE for others in distributions that are read
 */
export function refuseFractions(comparison: Comparison, placeOf: PlaceOf): void {
  const faults: Fault[] = [];
  let count = 0;
  const { axes } = comparison;
  for (const name of sideNames) {
    const { data } = comparison[name].tensor;
    for (const [d, start] of axes.distributionOffsets.entries()) {
      if (comparison.weights?.[d] === 0) continue;
      for (const [k, step] of offsetsIn(axes, d).entries()) {
        const value = data[start + step];
        if (Number.isSafeInteger(value)) continue;
        count++;
        if (faults.length >= reportedFaults) continue;
        faults.push(fraction(placeOf(name, start + step, d, k), value));
      }
    }
  }
  if (count > 0) throw new RequestError(faults, count);
}

function fraction({ pointer, where }: ReturnType<PlaceOf>, value: number): Fault {
  const detail = `${where}sampling counts observations, so expected a whole number up to 2^53 - 1, got ${value}: leave sampling out for weights and rates`;
  return { pointer, code: 'INVALID_VALUE', detail };
}
