import { type Dtype, dtypes } from '../tensor/dtypes.ts';
import { maxRank } from '../tensor/shape.ts';
import { elementCount } from '../tensor/tensor.ts';
import type { Access, Pin, Source } from './source.ts';
import { SourceFault } from './source-fault.ts';

/** Where the rows of a part lie: from a byte on, one behind the other, or in a column of a Parquet file, from its first row on. */
type Place = { readonly offset: number } | { readonly column: string };

/** The rows of a tensor that lie in one source. */
export type TensorPart = { readonly uri: string; readonly pin: Pin; readonly rows: number } & Place;

/**
 * A tensor that lies in one or several sources, as JSON. Its rows are those of the leading axis, row-major and little-endian; the parts
 * follow one another. A column of Parquet is decoded when it is read, to `dtype`.
 */
export type StoredTensor = { readonly dtype: Dtype; readonly shape: readonly number[]; readonly parts: readonly TensorPart[] };

/** A tensor that a request names: one source or several, and which tensor or column of it, where it has several. */
export type StoredOperand = {
  readonly uri: string | readonly string[];
  readonly tensor?: string | undefined;
  readonly column?: string | undefined;
};

/** A tensor in one source. */
export type Described = { readonly dtype: Dtype; readonly shape: readonly number[]; readonly place: Place };

/** Finds the tensor that an operand names in a source that was read. @throws SourceFault SOURCE_NOT_READABLE */
export type FindTensor = (operand: StoredOperand) => Described;

/** Reads what a source of one format says of its tensors. @throws SourceFault SOURCE_NOT_READABLE */
export type ReadHeader = (source: Source, access: Access) => Promise<FindTensor>;

/** How many bytes a row of a tensor takes. */
export function rowBytes({ dtype, shape }: Pick<StoredTensor, 'dtype' | 'shape'>): number {
  return elementCount(shape.slice(1)) * dtypes[dtype].size;
}

/** @throws SourceFault EMPTY_TENSOR, SCALAR_TENSOR, DEPTH_LIMIT, SOURCE_NOT_READABLE */
export function checkShape(shape: unknown): readonly number[] {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new SourceFault('SOURCE_NOT_READABLE', 'the shape of the tensor is no list of sizes');
  }
  if (shape.length === 0) throw new SourceFault('SCALAR_TENSOR', 'the tensor is a scalar: a distribution needs an axis to lie along');
  if (shape.length > maxRank) throw new SourceFault('DEPTH_LIMIT', `the tensor has ${shape.length} axes; at most ${maxRank} are accepted`);
  const empty = shape.indexOf(0);
  if (empty !== -1) throw new SourceFault('EMPTY_TENSOR', `axis ${empty} of the tensor has size 0, so it has no elements`);
  return shape;
}

/** Checks that the bytes of a tensor lie within its source. @throws SourceFault SOURCE_NOT_READABLE */
export function checkExtent({ size }: Source, offset: number, tensor: Pick<StoredTensor, 'dtype' | 'shape'>): void {
  const end = offset + tensor.shape[0] * rowBytes(tensor);
  if (end <= size) return;
  const need = `shape [${tensor.shape.join(', ')}] of ${tensor.dtype} would end at byte ${end}`;
  throw new SourceFault('SOURCE_NOT_READABLE', `${need}, and the source has ${size} bytes: it may have been cut short`);
}
