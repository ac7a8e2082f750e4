import { float64s } from '../memory/small-arrays.ts';
import { elementCount, type Numbers, type Tensor } from '../tensor/tensor.ts';
import { massTolerance } from './diagnostics.ts';
import { type KindName, kinds } from './kinds.ts';

/** The single axis of several outcomes, other than the ones given, along which every mass is 1; undefined where none or several are. */
export function otherNormalizedAxis({ shape, data }: Tensor<Numbers>, kind: KindName, dims: readonly number[]): number | undefined {
  const masses = kinds[kind].scale === 'log' ? exponentials(data) : data;
  let found: number | undefined;
  for (let axis = 0; axis < shape.length; axis++) {
    const isGiven = dims.length === 1 && dims[0] === axis;
    if (isGiven || shape[axis] === 1 || !isNormalized(masses, shape, axis)) continue;
    if (found !== undefined) return undefined;
    found = axis;
  }
  return found;
}

function exponentials(data: Numbers): Float64Array {
  const masses = float64s(data.length);
  for (let element = 0; element < data.length; element++) masses[element] = Math.exp(data[element]);
  return masses;
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
