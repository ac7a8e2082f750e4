import { sideNames } from '../../core/comparison.ts';
import { attempt } from '../../errors/fault-list.ts';
import { type Fault, RequestError, refuse } from '../../errors/request-error.ts';
import { checkWeightShape } from '../../formats/operands.ts';
import type { Options } from '../../schema/parse-request.ts';
import type { StoredTensor } from '../../sources/stored-tensor.ts';
import { dimsInWords, remainingShape, resolveDims } from '../../tensor/axes.ts';
import { dtypes } from '../../tensor/dtypes.ts';
import { elementCount, sameShape } from '../../tensor/tensor.ts';
import type { DescribedItem, PlannedItem } from './job-plan.ts';

/** Longer distributions take more memory than a worker has: one is computed at once. */
const mostOutcomes = 2 ** 21;

/** A request of so few bytes is computed where it arrives, by the definition: so is a job of the same tensors. */
const smallBytes = 2 ** 15;

/**
 * Plans the computation of one pair. Whether all of its divergences are kept is up to the job as a whole.
 * @throws RequestError SHAPE_MISMATCH, DIM_OUT_OF_RANGE, DUPLICATE_DIM, DIM_NOT_CONTIGUOUS, TOO_MANY_ELEMENTS, INVALID_VALUE
 */
export function planItem(item: DescribedItem, { dim }: Pick<Options, 'dim'>): Omit<PlannedItem, 'keepsRows'> {
  const { id, pointer, input, target, weights } = item;
  const at = (name: string) => `${pointer}/${name}`;
  const faults = sideNames.flatMap((name) => flagsFault(item[name], at(name)));
  if (faults.length > 0) throw new RequestError(faults);
  const { shape } = input;
  if (!sameShape(shape, target.shape)) throw refuse('SHAPE_MISMATCH', at('target'), mismatch(shape, target.shape));
  const dims = resolveDims(shape.length, dim);
  refuseScattered(shape, dims);
  const rest = remainingShape(shape, dims);
  const distributions = elementCount(rest);
  const outcomes = elementCount(dims.map((axis) => shape[axis]));
  if (outcomes > mostOutcomes) {
    const detail = `a distribution along ${dimsInWords(dims)} has ${outcomes} outcomes; a job computes up to ${mostOutcomes} at once`;
    throw refuse('TOO_MANY_ELEMENTS', '#/dim', detail);
  }
  if (weights !== undefined) checkWeights(weights, shape, dim, at('weights'));
  const bytes = elementCount(shape) * (dtypes[input.dtype].size + dtypes[target.dtype].size);
  return {
    ...(id === undefined ? {} : { id }),
    pointer,
    shape,
    dims,
    distributions,
    outcomes,
    input: inRows(input, distributions),
    target: inRows(target, distributions),
    ...(weights === undefined ? {} : { weights: inRows(weights, distributions) }),
    usesKernel: bytes > smallBytes,
  };
}

function flagsFault({ dtype }: StoredTensor, pointer: string): Fault[] {
  if (dtype !== 'bool') return [];
  return [{ pointer, code: 'INVALID_VALUE', detail: 'the tensor is of true and false: expected numbers' }];
}

function mismatch(input: readonly number[], target: readonly number[]): string {
  const inWords = (shape: readonly number[]) => `[${shape.join(', ')}]`;
  const odd = input.length === target.length ? input.findIndex((size, axis) => size !== target[axis]) : -1;
  const where = odd === -1 ? 'the number of axes differs' : `axis ${odd} differs`;
  return `input has shape ${inWords(input)}, target ${inWords(target)}: ${where}. Store both in one shape; nothing is broadcast`;
}

/** @throws RequestError DIM_NOT_CONTIGUOUS unless the numbers of a distribution lie one after the other */
function refuseScattered(shape: readonly number[], dims: readonly number[]): void {
  const long = shape.map((_, axis) => axis).filter((axis) => shape[axis] > 1);
  const last = long.slice(long.findIndex((axis) => dims.includes(axis)));
  if (last.every((axis) => dims.includes(axis)) || !long.some((axis) => dims.includes(axis))) return;
  const ends = dims.map((_, place) => place - dims.length);
  const [from, to] = dims.length === 1 ? [dims[0], -1] : [`(${dims.join(', ')})`, `(${ends.join(', ')})`];
  const detail =
    `a job reads a distribution as one run of bytes, so ${dimsInWords(dims)} of shape [${shape.join(', ')}] would have to be the last. ` +
    `Store both tensors with np.ascontiguousarray(np.moveaxis(x, ${from}, ${to})), and leave dim out or send the last axes`;
  throw refuse('DIM_NOT_CONTIGUOUS', '#/dim', detail);
}

/** @throws RequestError SHAPE_MISMATCH */
function checkWeights({ shape }: StoredTensor, of: readonly number[], dim: Options['dim'], pointer: string): void {
  const fault = attempt(() => checkWeightShape({ shape, data: new Float64Array(0) }, of, dim));
  if (fault instanceof RequestError) throw new RequestError(fault.faults.map((one) => ({ ...one, pointer })));
}

/**
 * The tensor with a row for each distribution. A distribution that takes all axes keeps the rows of the first, which are then read
 * together.
 */
function inRows(tensor: StoredTensor, distributions: number): StoredTensor {
  const { dtype, shape, parts } = tensor;
  if (distributions === 1 || shape[0] === distributions) return tensor;
  const each = distributions / shape[0];
  return {
    dtype,
    shape: [distributions, elementCount(shape) / distributions],
    parts: parts.map((part) => ({ ...part, rows: part.rows * each })),
  };
}
