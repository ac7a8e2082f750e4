import type { TensorName } from '../../core/comparison.ts';
import { selectQuantiles } from '../../core/statistics.ts';
import { divergencesOf } from '../../kernels/compute.ts';
import type { KernelRunner } from '../../kernels/run-kernel.ts';
import { withTaskMemory } from '../../memory/task-memory.ts';
import type { StoredRows } from '../../sources/read-rows.ts';
import { SourceFault } from '../../sources/source-fault.ts';
import { rowBytes, type StoredTensor } from '../../sources/stored-tensor.ts';
import { readNumbers } from '../../tensor/dtypes.ts';
import { computePiece } from './compute-piece.ts';
import { checkWeights } from './element-faults.ts';
import { type JobPlan, type PlannedItem, type Slice, slicesOf } from './job-plan.ts';
import { emptyItem, type ItemPartial, type Partial, type Rows } from './partial.ts';
import type { Work } from './work.ts';
import { writeDivergences } from './write-divergences.ts';

/** What a shard needs of its surroundings. */
export type ShardTools = {
  /** Reads rows of a tensor, into memory that it may be given. */
  readonly readRows: (tensor: StoredTensor, from: number, to: number, into: Uint8Array) => Promise<StoredRows>;
  readonly write: (uri: string, bytes: Uint8Array) => Promise<void>;
  readonly kernel: KernelRunner | undefined;
  /** How this machine rounds. */
  readonly rounding: string;
  /** Called between pieces, and within those that take long. It throws where nobody waits for the shard any more. */
  readonly check: () => void;
};

/** Bytes of both sides that are in memory at once, while as many are read: a processor's own cache holds most of them. */
const pieceBytes = 2 ** 22;

/**
 * Computes a shard of a plan.
 * @throws RequestError the faults of elements and distributions; SourceFault, whose place leads to the operand in the request; what `check` throws
 */
export async function computeShard(plan: JobPlan, shard: number, tools: ShardTools): Promise<Partial> {
  const items: ItemPartial[] = [];
  const written: { readonly item: number; readonly rows: Rows }[] = [];
  for (const slice of slicesOf(plan, shard)) {
    const { partial, rows } = await computeSlice(plan, slice, tools);
    items.push(plan.items[slice.item].keepsRows ? { ...partial, rows: [rows] } : partial);
    if (plan.output !== undefined) written.push({ item: slice.item, rows });
  }
  if (plan.output !== undefined) await writeDivergences(plan, shard, written, tools.write);
  return { shard, rounding: tools.rounding, items };
}

async function computeSlice(plan: JobPlan, { item: number, from, to }: Slice, tools: ShardTools) {
  const item = plan.items[number];
  const work = workOf(plan, item, tools.kernel);
  const partial = emptyItem(number, work.asked?.length ?? 1, work.wantsStatistics && !item.keepsRows);
  const rows: Rows = {
    from,
    values: partial.members.map(() => new Float64Array(to - from)),
    agrees: new Uint8Array(to - from),
    weights: item.weights === undefined ? undefined : new Float64Array(to - from),
  };
  const atOnce = Math.max(1, Math.floor(pieceBytes / bytesOfRow(item)));
  const memory = [0, 1].map(() => memoryOf(item, atOnce));
  let next = read(item, from, Math.min(to, from + atOnce), memory[0], tools);
  // it is waited for below, unless something else fails before
  next.catch(() => {});
  for (let first = from, turn = 1; first < to; first += atOnce, turn ^= 1) {
    const piece = await next;
    tools.check();
    const begin = first + atOnce;
    if (begin < to) {
      next = read(item, begin, Math.min(to, begin + atOnce), memory[turn], tools);
      next.catch(() => {});
    }
    const compute = () => computePiece(work, decoded(item, first, piece), partial, rows, tools.check);
    withTaskMemory(
      Number.POSITIVE_INFINITY,
      () => {},
      compute,
      () => [],
    );
  }
  return { partial, rows };
}

function workOf({ options }: JobPlan, item: PlannedItem, kernel: KernelRunner | undefined): Work {
  const outcomeOffsets = new Uint32Array(item.outcomes);
  for (let k = 0; k < item.outcomes; k++) outcomeOffsets[k] = k;
  const asked = options.divergences === undefined ? undefined : divergencesOf(options);
  const wantsStatistics = selectQuantiles(options.statistics) !== undefined;
  return { item, options, asked, wantsStatistics, kernel, outcomeOffsets };
}

type Piece = { readonly rows: number; readonly input: StoredRows; readonly target: StoredRows; readonly weights: StoredRows | undefined };

type Memory = Readonly<Record<TensorName, Uint8Array>>;

/** A distribution that takes all axes of a tensor has all of its rows. */
function rowsIn(tensor: StoredTensor, { distributions }: PlannedItem): number {
  return distributions === 1 ? tensor.shape[0] : 1;
}

function bytesOfRow(item: PlannedItem): number {
  return rowsIn(item.input, item) * rowBytes(item.input) + rowsIn(item.target, item) * rowBytes(item.target);
}

function memoryOf(item: PlannedItem, rows: number): Memory {
  const of = (tensor: StoredTensor | undefined) =>
    new Uint8Array(tensor === undefined ? 0 : Math.min(rows, item.distributions) * rowsIn(tensor, item) * rowBytes(tensor));
  return { input: of(item.input), target: of(item.target), weights: of(item.weights) };
}

async function read(item: PlannedItem, from: number, to: number, memory: Memory, { readRows }: ShardTools): Promise<Piece> {
  const of = async (name: TensorName, tensor: StoredTensor) => {
    try {
      return await readRows(tensor, from * rowsIn(tensor, item), to * rowsIn(tensor, item), memory[name]);
    } catch (error) {
      throw error instanceof SourceFault ? error.at(`${item.pointer}/${name}/uri`) : error;
    }
  };
  const [input, target, weights] = await Promise.all([
    of('input', item.input),
    of('target', item.target),
    item.weights === undefined ? undefined : of('weights', item.weights),
  ]);
  return { rows: to - from, input, target, weights };
}

/** The numbers of a piece. @throws RequestError the faults of its weights */
function decoded(item: PlannedItem, from: number, { rows, input, target, weights }: Piece) {
  const numbers = ({ dtype, bytes }: StoredRows) => readNumbers(dtype, bytes);
  const given = weights === undefined ? undefined : Float64Array.from(numbers(weights));
  if (given !== undefined) checkWeights(item, from, given);
  return { from, rows, input: numbers(input), target: numbers(target), weights: given };
}
