import type { Axes } from '../tensor/axes.ts';
import { elementCount, type Numbers } from '../tensor/tensor.ts';
import type { Comparison, Operand } from './comparison.ts';
import { massTolerance } from './diagnostics.ts';
import { kinds } from './kinds.ts';

/** The single axis of several outcomes, other than the ones given, along which every mass is 1; undefined where none or several are. */
export function otherNormalizedAxis({ tensor, kind }: Operand, axes: Axes, weights: Comparison['weights']): number | undefined {
  const { shape, data } = tensor;
  const { dims } = axes;
  const all = kinds[kind].scale === 'log' ? new Float64Array(data).map(Math.exp) : data;
  const masses = weights === undefined ? all : withoutUnread(all, axes, weights);
  let found: number | undefined;
  for (let axis = 0; axis < shape.length; axis++) {
    const isGiven = dims.length === 1 && dims[0] === axis;
    if (isGiven || shape[axis] === 1 || !isNormalized(masses, shape, axis)) continue;
    if (found !== undefined) return undefined;
    found = axis;
  }
  return found;
}

/** The masses with those of distributions of weight 0 left out. */
function withoutUnread(masses: Numbers, { distributionOffsets, outcomeOffsets }: Axes, weights: Numbers): Numbers {
  const read = masses.slice();
  for (const [d, start] of distributionOffsets.entries()) {
    if (weights[d] === 0) for (const offset of outcomeOffsets) read[start + offset] = 0;
  }
  return read;
}

function isNormalized(masses: Numbers, shape: readonly number[], axis: number): boolean {
  const stride = elementCount(shape.slice(axis + 1));
  const block = stride * shape[axis];
  for (let start = 0; start < masses.length; start += block) {
    for (let first = start; first < start + stride; first++) {
      let mass = 0;
      for (let element = first; element < first + block; element += stride) mass += masses[element];
      if (Math.abs(mass - 1) > massTolerance) return false;
    }
  }
  return true;
}
