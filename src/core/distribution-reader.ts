import { type Fault, RequestError, reportedFaults } from '../errors/request-error.ts';
import { type Axes, dimsInWords, offsetsIn, outcomesIn, positionOf } from '../tensor/axes.ts';
import { type Numbers, type Tensor, unravel } from '../tensor/tensor.ts';
import type { Comparison, SideName } from './comparison.ts';
import { compensatedSum } from './compensated-sum.ts';
import { addIndex, isOffMass, noSideDiagnostics, type SideDiagnostics } from './diagnostics.ts';
import { addPseudocount, type Distribution, emptyDistribution, frontsOf } from './distribution.ts';
import { type Kind, kinds, zeroMassOf } from './kinds.ts';
import { readAxes } from './weights.ts';

/** One of the two tensors, read a distribution at a time. */
export type DistributionReader = {
  readonly kind: Kind;
  /** The distribution read last; before one is read, one without outcomes. */
  current: Distribution;
  readonly facts: SideDiagnostics;
  /** Reads distribution d into `current`. False where it has no mass to normalise. */
  readonly read: (d: number) => boolean;
  /** ZERO_MASS for every distribution without mass; undefined where there is none. */
  readonly zeroMasses: () => RequestError | undefined;
  /** Σ p of the distribution read last. */
  readonly mass: () => number;
};

const nothing = emptyDistribution(0, false);

export function createReader(name: SideName, comparison: Comparison): DistributionReader {
  const { axes, weights } = comparison;
  const { tensor, kind: kindName } = comparison[name];
  const temperature = kindName === 'logits' ? comparison.temperature : 1;
  const pseudocount = kindName === 'counts' ? comparison.pseudocount : 0;
  const kind: Kind = kinds[kindName];
  let whole: Distribution | undefined;
  let ofLength: ReturnType<typeof frontsOf> | undefined;
  const facts = noSideDiagnostics(kindName);
  const mass = () => compensatedSum(reader.current.mass);

  function read(d: number): boolean {
    // not before: most distributions are found by a kernel
    whole ??= emptyDistribution(axes.outcomeOffsets.length, pseudocount !== 0);
    if (axes.rows !== undefined) ofLength ??= frontsOf(whole);
    const current = ofLength === undefined ? whole : ofLength(outcomesIn(axes, d));
    reader.current = current;
    gather(tensor.data, axes.distributionOffsets[d], axes.outcomeOffsets, current.values);
    if (temperature !== 1) divide(current.values, temperature);
    if (pseudocount !== 0) addPseudocount(current, pseudocount);
    if (!kind.read(current)) return false;
    if (!kind.normalizes) recordMass(facts, mass(), d);
    return true;
  }
  const zeroMass = () => zeroMasses(name, kind, tensor, readAxes(axes, weights), temperature);
  const reader: DistributionReader = {
    kind,
    current: nothing,
    facts,
    read,
    zeroMasses: zeroMass,
    mass,
  };
  return reader;
}

function gather(data: Numbers, start: number, steps: Uint32Array, values: Float64Array): void {
  for (let k = 0; k < values.length; k++) values[k] = data[start + steps[k]];
}

function divide(values: Float64Array, by: number): void {
  for (let k = 0; k < values.length; k++) values[k] /= by;
}

function recordMass(facts: SideDiagnostics, mass: number, d: number): void {
  const off = Math.abs(mass - 1);
  if (isOffMass(mass)) addIndex(facts.offMass, d);
  if (off > Math.abs(facts.worstMass - 1)) {
    facts.worstMass = mass;
    facts.worstAt = d;
  }
}

/** Whether outcome k has a mass of exactly 0, rather than one too small for float64. */
export function hasNoMass({ kind, current }: DistributionReader, k: number): boolean {
  return current.values[k] === zeroMassOf(kind);
}

function zeroMasses(
  name: SideName,
  kind: Kind,
  { shape, data }: Tensor<Numbers>,
  axes: Axes,
  temperature: number,
): RequestError | undefined {
  if (!kind.normalizes) return undefined;
  const none = zeroMassOf(kind);
  const noMass = temperature === 1 ? kind.noMass : `${kind.noMass} once they are divided by the temperature,`;
  const faults: Fault[] = [];
  let count = 0;
  for (const [d, start] of axes.distributionOffsets.entries()) {
    // a low temperature makes -Infinity of very low logits
    if (!offsetsIn(axes, d).every((step) => data[start + step] / temperature === none)) continue;
    count++;
    if (faults.length < reportedFaults) faults.push(zeroMass(name, noMass, unravel(positionOf(axes, d, 0), shape), axes));
  }
  return count === 0 ? undefined : new RequestError(faults, count);
}

function zeroMass(name: SideName, noMass: string | undefined, first: readonly number[], axes: Axes): Fault {
  const where = `along ${dimsInWords(axes.dims)} in the distribution that starts at [${first.join(', ')}]`;
  return { pointer: `#/${name}`, code: 'ZERO_MASS', detail: `the ${noMass} ${where}: it has no mass to normalise` };
}
