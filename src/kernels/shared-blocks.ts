import type { Kernel, KernelOperands, KernelOutput } from '../core/kernel.ts';
import { takeGarbage } from '../memory/task-memory.ts';
import { distributionAxes, rowAxes } from '../tensor/axes.ts';

/** The distributions of one request in blocks, which any thread may take: all of it lies in shared memory. */
export type SharedBlocks = {
  readonly operands: Omit<KernelOperands, 'axes'>;
  readonly shape: readonly number[];
  readonly dims: readonly number[];
  /** Rows of different lengths: where each starts, and how long it is. */
  readonly rows?: { readonly starts: Uint32Array; readonly lengths: Uint32Array } | undefined;
  readonly found: KernelOutput;
  /** How many distributions a block has. */
  readonly size: number;
  /** The next block to take, how many are done, and for every block whether it is. */
  readonly progress: Int32Array;
};

/** Asks other threads for help. They may all be busy. */
export type RequestHelp = (blocks: SharedBlocks) => void;

const next = 0;
const finished = 1;
const flags = 2;

/** Elements of a block: less than a millisecond of work, so that threads end together, and stop soon after a cancellation. */
const blockElements = 2 ** 16;

/** Whether other threads can read the operands where they lie. */
export function areShared({ input, target, axes }: Pick<KernelOperands, 'input' | 'target' | 'axes'>): boolean {
  const ofRows = axes.rows === undefined ? [] : [axes.distributionOffsets, axes.rows.lengths];
  return [input, target, ...ofRows].every(({ buffer }) => buffer instanceof SharedArrayBuffer);
}

/** How many distributions a block has: fewer where several forms are found, of which four take up to 1.6 times as long as one. */
export function blockSize({ axes, target, forms = [] }: Pick<KernelOperands, 'axes' | 'forms' | 'target'>): number {
  const outcomes = axes.rows === undefined ? axes.outcomeOffsets.length : target.length / axes.distributionOffsets.length;
  const work = outcomes * Math.max(1, (forms.length + 1) / 3);
  return Math.max(1, Math.floor(blockElements / work));
}

/** Milliseconds without any block done, after which the caller computes the missing blocks itself: a helper may have died. */
const helperTimeoutMs = 100;

/**
 * Computes all distributions of operands in shared memory, with the help of idle threads once everything is there.
 * @param before is called before the distributions up to `end` are read: it waits until they are there, and returns whether all are; or it
 * throws
 */
export function computeShared(
  kernel: Kernel,
  operands: KernelOperands,
  shape: readonly number[],
  wantsTerms: boolean,
  requestHelp: RequestHelp,
  before: (end: number) => boolean = () => true,
): KernelOutput {
  const { axes, ...shared } = { ...operands, weights: inSharedMemory(operands.weights) };
  const distributions = axes.distributionOffsets.length;
  const totals = distributions * (operands.forms?.length ?? 1);
  const hasCounts = !wantsTerms && operands.forms === undefined;
  const bytes = bytesOfOutput(distributions, totals + (wantsTerms ? shared.input.length : 0), hasCounts);
  takeGarbage(bytes);
  const found = {
    totals: new Float64Array(new SharedArrayBuffer(8 * totals)),
    trusted: new Uint8Array(new SharedArrayBuffer(distributions)),
    terms: new Float64Array(new SharedArrayBuffer(wantsTerms ? 8 * shared.input.length : 0)),
    missing: hasCounts ? new Uint32Array(new SharedArrayBuffer(4 * distributions)) : undefined,
    agrees: operands.wantsAgreement ? new Uint8Array(new SharedArrayBuffer(distributions)) : undefined,
  };
  const size = blockSize(operands);
  const blocks = Math.ceil(distributions / size);
  const progress = new Int32Array(new SharedArrayBuffer(4 * (flags + blocks)));
  const rows = axes.rows && { starts: axes.distributionOffsets, lengths: axes.rows.lengths };
  const work = { operands: shared, shape, dims: axes.dims, rows, found, size, progress };
  let wasAsked = false;
  const prepare = (block: number) => {
    const isWhole = before(endOfBlock(work, block));
    if (!isWhole || wasAsked) return;
    wasAsked = true;
    // a helper takes longer to come than the last block to compute
    if (block + 1 < blocks) requestHelp(work);
  };
  let isSure = true;
  try {
    takeBlocks(kernel, operands, work, prepare);
  } catch (error) {
    // no helper may start another block
    Atomics.store(progress, next, blocks);
    throw error;
  }
  for (let done = Atomics.load(progress, finished); done < blocks; done = Atomics.load(progress, finished)) {
    if (Atomics.wait(progress, finished, done, helperTimeoutMs) !== 'timed-out') continue;
    doMissing(kernel, operands, work);
    isSure = false;
  }
  // a late helper may still run, when the memory already holds other numbers
  if (isSure) return found;
  takeGarbage(bytes);
  return {
    totals: found.totals.slice(),
    trusted: found.trusted.slice(),
    missing: found.missing?.slice(),
    terms: found.terms.slice(),
    agrees: found.agrees?.slice(),
  };
}

/** The flags of a distribution are two bytes, and its count is four. */
function bytesOfOutput(distributions: number, numbers: number, hasCounts: boolean): number {
  return (hasCounts ? 6 : 2) * distributions + 8 * numbers;
}

function inSharedMemory(weights: KernelOperands['weights']): Float64Array | undefined {
  if (weights === undefined) return undefined;
  takeGarbage(8 * weights.length);
  const shared = new Float64Array(new SharedArrayBuffer(8 * weights.length));
  shared.set(weights);
  return shared;
}

/** Computes blocks for another thread. */
export function computeBlocks(kernel: Kernel, blocks: SharedBlocks): void {
  const { operands, shape, dims, rows } = blocks;
  const axes = rows === undefined ? distributionAxes(shape, dims) : rowAxes(shape.slice(0, -1), rows.starts, rows.lengths);
  takeBlocks(kernel, { ...operands, axes }, blocks);
}

function takeBlocks(kernel: Kernel, operands: KernelOperands, blocks: SharedBlocks, prepare: (block: number) => void = () => {}): void {
  const blockCount = blocks.progress.length - flags;
  for (let block = Atomics.add(blocks.progress, next, 1); block < blockCount; block = Atomics.add(blocks.progress, next, 1)) {
    prepare(block);
    doBlock(kernel, operands, blocks, block);
  }
}

function doMissing(kernel: Kernel, operands: KernelOperands, blocks: SharedBlocks): void {
  const blockCount = blocks.progress.length - flags;
  for (let block = 0; block < blockCount; block++) {
    if (Atomics.load(blocks.progress, flags + block) === 0) doBlock(kernel, operands, blocks, block);
  }
}

function endOfBlock({ found, size }: Pick<SharedBlocks, 'found' | 'size'>, block: number): number {
  return Math.min((block + 1) * size, found.trusted.length);
}

function doBlock(kernel: Kernel, operands: KernelOperands, blocks: SharedBlocks, block: number): void {
  const { found, size, progress } = blocks;
  kernel.find(operands, found, block * size, endOfBlock(blocks, block));
  // a block computed twice has the same result, and counts once
  if (Atomics.exchange(progress, flags + block, 1) === 0) Atomics.add(progress, finished, 1);
  Atomics.notify(progress, finished);
}
