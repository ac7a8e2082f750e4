import { selectQuantiles } from '../../core/statistics/statistics.ts';
import { divergencesOf } from '../../kernels/compute-divergences.ts';
import type { KernelRunner } from '../../kernels/run-kernel.ts';
import { withTaskMemory } from '../../memory/task-memory.ts';
import type { StoredRows } from '../../sources/read-rows.ts';
import { readNumbers, tensorOfBytes } from '../../tensor/dtypes.ts';
import { computePiece } from './compute-piece.ts';
import { checkWeights } from './element-faults.ts';
import { type JobPlan, type PlannedItem, type Slice, slicesOf } from './job-plan.ts';
import { emptyItem, type ItemPartial, type Partial, type Rows } from './partial.ts';
import { type Piece, type PieceTools, piecesOf } from './pieces.ts';
import type { PieceNumbers, Work } from './work.ts';
import { writeDivergences } from './write-divergences.ts';

/** What a shard needs of its surroundings. */
export type ShardTools = PieceTools & {
  readonly write: (uri: string, bytes: Uint8Array) => Promise<void>;
  readonly kernel: KernelRunner | undefined;
  /** How this machine rounds. */
  readonly rounding: string;
  /** Called between pieces, and within those that take long. It throws once the shard is cancelled. */
  readonly check: () => void;
};

/**
 * Computes a shard of a plan.
 * @throws RequestError the faults of elements and distributions; SourceFault, whose place leads to the operand in the request; what `check`
 * throws
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
  for await (const piece of piecesOf(item, { from, to }, tools)) {
    tools.check();
    withTaskMemory(
      Number.POSITIVE_INFINITY,
      () => {},
      () => computePiece(work, numbersOf(item, piece), partial, rows, tools.check),
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

/** The numbers of a piece. @throws RequestError the faults of its weights */
function numbersOf(item: PlannedItem, { from, rows, input, target, weights }: Piece): PieceNumbers {
  const tensor = ({ dtype, bytes }: StoredRows) => tensorOfBytes(dtype, bytes, { shape: [rows, item.outcomes] });
  const given = weights === undefined ? undefined : Float64Array.from(readNumbers(weights.dtype, weights.bytes));
  if (given !== undefined) checkWeights(item, from, given);
  return { from, rows, input: tensor(input), target: tensor(target), weights: given };
}
