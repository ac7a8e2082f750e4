import type { TensorName } from '../../core/comparison.ts';
import type { RowReader, StoredRows } from '../../sources/read-rows.ts';
import { SourceFault } from '../../sources/source-fault.ts';
import { rowBytes, type StoredTensor } from '../../sources/stored-tensor.ts';
import type { PlannedItem, Slice } from './job-plan.ts';

/** Distributions as they are stored, those from `from` on. Their bytes are overwritten while the piece after the next is read. */
export type Piece = {
  readonly from: number;
  readonly rows: number;
  readonly input: StoredRows;
  readonly target: StoredRows;
  readonly weights: StoredRows | undefined;
};

/** Bytes of both sides that are in memory at once, while as many are read: a processor's own cache holds most of them. */
const pieceBytes = 2 ** 22;

type Buffers = Partial<Record<TensorName, Uint8Array>>;

/** What pieces are read to: of two in turn, one is computed and one is read. Kept from shard to shard, since new memory takes time. */
type PieceMemory = readonly [Buffers, Buffers];

export const newPieceMemory = (): PieceMemory => [{}, {}];

/** How rows of a tensor are read, and to where. One memory is for one slice at a time. */
export type PieceTools = { readonly readerOf: (tensor: StoredTensor) => RowReader; readonly memory: PieceMemory };

/**
 * Reads the distributions of a slice piece by piece, the next while one is computed. When it ends, nothing is open and nothing is read.
 * @throws SourceFault whose place leads to the operand in the request
 */
export async function* piecesOf(
  item: PlannedItem,
  { from, to }: Pick<Slice, 'from' | 'to'>,
  { readerOf, memory }: PieceTools,
): AsyncGenerator<Piece> {
  const atOnce = Math.max(1, Math.floor(pieceBytes / (bytesOf(item, item.input) + bytesOf(item, item.target))));
  const operand = (name: TensorName, tensor: StoredTensor) => operandOf(item, name, tensor, readerOf(tensor));
  const input = operand('input', item.input);
  const target = operand('target', item.target);
  const weights = item.weights && operand('weights', item.weights);

  async function read(first: number, buffers: Buffers): Promise<Piece> {
    const rows = Math.min(to - first, atOnce);
    const of = (operand: Operand) => operand.read(first, rows, buffers);
    const reads = [of(input), of(target), weights && of(weights)] as const;
    // nothing may write to the memory any more when one has failed
    await Promise.allSettled(reads);
    const [ofInput, ofTarget, ofWeights] = await Promise.all(reads);
    return { from: first, rows, input: ofInput, target: ofTarget, weights: ofWeights };
  }

  let next = read(from, memory[0]);
  try {
    for (let first = from, turn = 1; first < to; first += atOnce, turn ^= 1) {
      const piece = await next;
      if (first + atOnce < to) {
        next = read(first + atOnce, memory[turn]);
        // it is waited for in any case, but maybe after something else has failed
        next.catch(() => {});
      }
      yield piece;
    }
  } finally {
    await next.catch(() => {});
    await Promise.all([input, target, weights].map((one) => one?.close()));
  }
}

/** Reads distributions of one operand. */
type Operand = {
  readonly read: (first: number, count: number, buffers: Buffers) => Promise<StoredRows>;
  readonly close: RowReader['close'];
};

function operandOf(item: PlannedItem, name: TensorName, tensor: StoredTensor, { read, close }: RowReader): Operand {
  const each = rowsIn(item, tensor);
  return {
    async read(first, count, buffers) {
      try {
        return await read(first * each, (first + count) * each, bufferOf(buffers, name, count * bytesOf(item, tensor)));
      } catch (error) {
        throw error instanceof SourceFault ? error.at(`${item.pointer}/${name}/uri`) : error;
      }
    },
    close,
  };
}

/** A distribution that takes all axes of a tensor has all of its rows. */
function rowsIn({ distributions }: PlannedItem, { shape }: StoredTensor): number {
  return distributions === 1 ? shape[0] : 1;
}

/** How many bytes a distribution takes in a tensor. */
function bytesOf(item: PlannedItem, tensor: StoredTensor): number {
  return rowsIn(item, tensor) * rowBytes(tensor);
}

/** Memory of at least so many bytes: that which is kept, unless it is too small. What a long distribution needs is not kept. */
function bufferOf(buffers: Buffers, name: TensorName, bytes: number): Uint8Array {
  const kept = buffers[name];
  if (kept !== undefined && kept.byteLength >= bytes) return kept;
  const buffer = new Uint8Array(bytes);
  if (bytes <= pieceBytes) buffers[name] = buffer;
  return buffer;
}
