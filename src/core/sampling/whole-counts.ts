import { type Fault, RequestError, reportedFaults } from '../../errors/request-error.ts';
import { unravel } from '../../tensor/tensor.ts';
import { type Comparison, type SideName, sideNames } from '../comparison.ts';

/** Counts of observations are whole numbers. @throws RequestError INVALID_VALUE for others in distributions that are read */
export function refuseFractions(comparison: Comparison): void {
  const faults: Fault[] = [];
  let count = 0;
  const { distributionOffsets, outcomeOffsets } = comparison.axes;
  for (const name of sideNames) {
    const { data } = comparison[name].tensor;
    for (const [d, start] of distributionOffsets.entries()) {
      if (comparison.weights?.[d] === 0) continue;
      for (const step of outcomeOffsets) {
        if (Number.isSafeInteger(data[start + step])) continue;
        count++;
        if (faults.length < reportedFaults) faults.push(fraction(name, start + step, comparison));
      }
    }
  }
  if (count > 0) throw new RequestError(faults, count);
}

function fraction(name: SideName, element: number, comparison: Comparison): Fault {
  const { data, shape } = comparison[name].tensor;
  const where = unravel(element, shape).join(', ');
  const detail = `element [${where}]: sampling counts observations, so expected a whole number up to 2^53 - 1, got ${data[element]}: leave sampling out for weights and rates`;
  return { pointer: `#/${name}`, code: 'INVALID_VALUE', detail };
}
