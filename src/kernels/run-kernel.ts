import type { Operand } from '../core/divergence.ts';
import { type Found, type Kernel, kernelKinds } from '../core/kernel.ts';
import type { Axes } from '../tensor/axes.ts';
import { blockSize, type Call, findTogether } from './shared-blocks.ts';

/** What a thread has for large tensors. */
export type Finder = {
  readonly kernel: Kernel;
  /** Tensors of fewer elements are computed sooner than they are brought to the kernel. */
  readonly fewest?: number;
  /** Asks other threads to come and help. */
  readonly call?: Call;
};

/** Fewer elements are computed sooner than another thread comes. */
const worthSharing = 2 ** 18;

/** What a kernel finds of two operands; undefined where none reads their kinds. */
export function find(
  { kernel, call, fewest = 0 }: Finder,
  input: Operand,
  target: Operand,
  axes: Axes,
  wantsTerms: boolean,
  check: () => void = () => {},
): Found | undefined {
  const kind = kernelKinds.find((name) => name === input.kind && name === target.kind);
  const { shape, data } = target.tensor;
  if (kind === undefined || data.length < fewest) return undefined;
  const operands = { kind, input: input.tensor.data, target: data, axes };
  const isShared = input.tensor.data.buffer instanceof SharedArrayBuffer && data.buffer instanceof SharedArrayBuffer;
  if (call !== undefined && isShared && data.length >= worthSharing) return findTogether(kernel, operands, shape, wantsTerms, call, check);
  const found = {
    totals: new Float64Array(axes.starts.length),
    regular: new Uint8Array(axes.starts.length),
    terms: new Float64Array(wantsTerms ? data.length : 0),
  };
  const atOnce = blockSize(axes.steps.length);
  for (let first = 0; first < axes.starts.length; first += atOnce) {
    check();
    kernel.find(operands, found, first, Math.min(first + atOnce, axes.starts.length));
  }
  return found;
}
