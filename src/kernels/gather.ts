import type { KernelOperands, KernelOutput } from '../core/kernel.ts';
import type { Axes } from '../tensor/axes.ts';
import type { KernelNumbers } from '../tensor/tensor.ts';
import type { Exports, Scratch } from './divergence-module.ts';

/** What distributions are copied from, and the memory that they are copied to as rows of float64. */
type Gathering = {
  readonly exported: Pick<Exports, 'widenSingles' | 'widenHalves' | 'widenUpperHalves'>;
  readonly scratch: Scratch;
  readonly operands: KernelOperands;
  /** Whether outcomes lie one after the other: their offsets ascend by 1. */
  readonly inOrder: boolean;
};

/** Distributions that are to be found. */
export type Search = Gathering & {
  readonly found: KernelOutput;
  /** The number of the kinds of both sides together, as `operands.pair` has it. */
  readonly pair: number;
  /** How many outcomes a distribution has, or the longest of rows of different lengths. */
  readonly n: number;
  readonly wantsTerms: boolean;
  /** How many numbers are found of a distribution. */
  readonly width: number;
};

/** So many are read at once of each side as a processor's own cache holds. */
export const numbersAtOnce = 8192;

export function areInOrder({ outcomeOffsets }: Axes): boolean {
  return outcomeOffsets[outcomeOffsets.length - 1] === outcomeOffsets.length - 1;
}

/** Copies `count` distributions from `first` on, of both sides, to the rows from `row` on. */
export function readRows(gathering: Gathering, first: number, count: number, row: number): void {
  const { scratch, operands } = gathering;
  readRowsOf(gathering, operands.input, scratch.input, first, count, row);
  readRowsOf(gathering, operands.target, scratch.target, first, count, row);
}

/** Copies outcomes `from` to `from + count` of distribution d, of both sides, to the first places. */
export function readPiece(gathering: Gathering, d: number, from: number, count: number): void {
  const { scratch, operands } = gathering;
  readPieceOf(gathering, operands.input, scratch.input, d, from, count);
  readPieceOf(gathering, operands.target, scratch.target, d, from, count);
}

function readPieceOf(gathering: Gathering, data: KernelNumbers, to: Float64Array, d: number, from: number, count: number): void {
  const { distributionOffsets, outcomeOffsets } = gathering.operands.axes;
  const start = distributionOffsets[d];
  if (gathering.inOrder) copy(gathering, data, start + from, count, to, 0);
  else for (let k = 0; k < count; k++) to[k] = data[start + outcomeOffsets[from + k]];
}

/** A distribution of fewer outcomes is copied number by number sooner than a view of it is made. */
const fewOutcomes = 64;

/** So many outcomes of a distribution are copied before those of the next, whose numbers are their neighbours. */
const outcomesAtOnce = 8;

function readRowsOf(gathering: Gathering, data: KernelNumbers, to: Float64Array, first: number, count: number, row: number): void {
  const { distributionOffsets, outcomeOffsets } = gathering.operands.axes;
  const n = outcomeOffsets.length;
  const start = distributionOffsets[first];
  if (gathering.inOrder && distributionOffsets[first + count - 1] - start === (count - 1) * n) {
    copy(gathering, data, start, count * n, to, row * n);
  } else if (gathering.inOrder && (n >= fewOutcomes || data instanceof Uint16Array)) {
    for (let r = 0; r < count; r++) copy(gathering, data, distributionOffsets[first + r], n, to, (row + r) * n);
  } else {
    for (let from = 0; from < n; from += outcomesAtOnce) {
      const end = Math.min(from + outcomesAtOnce, n);
      for (let r = 0; r < count; r++) {
        const begin = distributionOffsets[first + r];
        const at = (row + r) * n;
        for (let k = from; k < end; k++) to[at + k] = data[begin + outcomeOffsets[k]];
      }
    }
  }
}

/** Fewer numbers are copied one by one sooner than a view of them is made. */
const fewNumbers = 128;

/**
 * Copies numbers that lie one after the other. Shorter ones are copied to the end of their place as they are, and widened by the module.
 */
function copy({ exported, scratch }: Gathering, data: KernelNumbers, from: number, count: number, to: Float64Array, at: number): void {
  const isBfloat16 = data instanceof Uint16Array;
  if (count < fewNumbers && !isBfloat16) {
    for (let k = 0; k < count; k++) to[at + k] = data[from + k];
    return;
  }
  const address = to.byteOffset + 8 * at;
  const width = data.BYTES_PER_ELEMENT;
  // not set, which goes byte by byte in shared memory where the two are not aligned alike, as every second row of an odd length is
  const bytes = Buffer.from(data.buffer, data.byteOffset + width * from, width * count);
  bytes.copy(scratch.bytes, address + (8 - width) * count);
  if (width === 4) exported.widenSingles(address, count);
  else if (isBfloat16) exported.widenUpperHalves(address, count);
  else if (width === 2) exported.widenHalves(address, count);
}

/** The way back: copies `terms[at…]` to outcomes `from` to `from + count` of distribution d. */
export function writeTerms(gathering: Gathering, terms: Float64Array, d: number, from: number, at: number, count: number): void {
  const { scratch, operands, inOrder } = gathering;
  const { distributionOffsets, outcomeOffsets } = operands.axes;
  const start = distributionOffsets[d];
  if (inOrder) terms.set(scratch.terms.subarray(at, at + count), start + from);
  else for (let k = 0; k < count; k++) terms[start + outcomeOffsets[from + k]] = scratch.terms[at + k];
}
