import { refuse } from '../errors/request-error.ts';
import { type Axes, dimsInWords } from '../tensor/axes.ts';
import { type Numbers, type Tensor, unravel } from '../tensor/tensor.ts';
import type { Operand, SideName } from './comparison.ts';
import { compensatedSum } from './compensated-sum.ts';
import { addIndex, emptySample, massTolerance, type SideDiagnostics } from './diagnostics.ts';
import { type Distribution, emptyDistribution } from './distribution.ts';
import { type Kind, kinds } from './kinds.ts';

/** One of the two tensors, read a distribution at a time. */
export type DistributionReader = {
  readonly kind: Kind;
  /** The distribution read last. */
  readonly current: Distribution;
  readonly facts: SideDiagnostics;
  /** Reads distribution d into `current`. @throws RequestError ZERO_MASS */
  readonly read: (d: number) => void;
  /** Σ p of the distribution read last. */
  readonly mass: () => number;
};

/** @param temperature what logits are divided by; 1 for other kinds */
export function createReader(name: SideName, { tensor, kind: kindName }: Operand, axes: Axes, temperature: number): DistributionReader {
  const kind: Kind = kinds[kindName];
  const current = emptyDistribution(axes.outcomeOffsets.length);
  const facts: SideDiagnostics = {
    kind: kindName,
    offMass: emptySample(),
    worstMass: 1,
    worstAt: 0,
    looksLikeProbs: kind.scale === 'log' && axes.outcomeOffsets.length > 1,
    otherAxis: undefined,
  };
  const mass = () => compensatedSum(current.mass);

  function read(d: number): void {
    gather(tensor.data, axes.distributionOffsets[d], axes.outcomeOffsets, current.values);
    if (facts.looksLikeProbs) facts.looksLikeProbs = sumsToOneWithin(current.values);
    if (temperature !== 1) divide(current.values, temperature);
    if (!kind.read(current)) throw zeroMass(name, kind, tensor, axes, d);
    if (!kind.normalises) recordMass(facts, mass(), d);
  }
  return { kind, current, facts, read, mass };
}

function gather(data: Numbers, start: number, steps: Uint32Array, values: Float64Array): void {
  for (let k = 0; k < steps.length; k++) values[k] = data[start + steps[k]];
}

function divide(values: Float64Array, by: number): void {
  for (let k = 0; k < values.length; k++) values[k] /= by;
}

function recordMass(facts: SideDiagnostics, mass: number, d: number): void {
  const off = Math.abs(mass - 1);
  if (off > massTolerance) addIndex(facts.offMass, d);
  if (off > Math.abs(facts.worstMass - 1)) {
    facts.worstMass = mass;
    facts.worstAt = d;
  }
}

// the rounding of a float32 softmax over n classes grows with √n
function sumsToOneWithin(values: Float64Array): boolean {
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    if (!(values[k] >= 0 && values[k] <= 1)) return false;
    sum += values[k];
  }
  return Math.abs(sum - 1) <= massTolerance * Math.sqrt(values.length);
}

function zeroMass(name: SideName, kind: Kind, tensor: Tensor<Numbers>, axes: Axes, d: number) {
  const first = unravel(axes.distributionOffsets[d], tensor.shape);
  return refuse(
    'ZERO_MASS',
    `#/${name}`,
    `the ${kind.noMass} along ${dimsInWords(axes.dims)} in the distribution that starts at [${first.join(', ')}]: it has no mass to normalise`,
  );
}
