import { splitAxes } from '../tensor/axes.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { emptyDistribution } from './distribution.ts';
import { massTolerance } from './facts.ts';
import { type KindName, kinds } from './kinds.ts';

/** The single axis of several outcomes, other than the ones given, along which every mass is 1; undefined where none or several are. */
export function otherNormalisedAxis(tensor: Tensor, kindName: KindName, dims: readonly number[]): number | undefined {
  const candidates = [...tensor.shape.keys()].filter((axis) => tensor.shape[axis] > 1 && !(dims.length === 1 && dims[0] === axis));
  const normalised = candidates.filter((axis) => isNormalised(tensor, kindName, axis));
  return normalised.length === 1 ? normalised[0] : undefined;
}

function isNormalised({ shape, data }: Tensor, kindName: KindName, axis: number): boolean {
  const { starts, steps } = splitAxes(shape, [axis]);
  const distribution = emptyDistribution(steps.length);
  return starts.every((start) => {
    for (let k = 0; k < steps.length; k++) distribution.values[k] = data[start + steps[k]];
    kinds[kindName].read(distribution);
    return Math.abs(distribution.mass.reduce((sum, p) => sum + p, 0) - 1) <= massTolerance;
  });
}
