import type { Comparison } from '../core/comparison.ts';
import { type Kernel, type KernelForm, type KernelOutput, kernelPairOf } from '../core/kernel.ts';
import { float64s, uint8s, uint32s } from '../memory/small-arrays.ts';
import type { Axes } from '../tensor/axes.ts';
import type { KernelNumbers, Numbers, Tensor } from '../tensor/tensor.ts';
import { areInOrder } from './gather.ts';
import { areShared, blockSize, computeShared, type RequestHelp } from './shared-blocks.ts';

/** The kernel of a thread, and its means to share work. */
export type KernelRunner = {
  readonly kernel: Kernel;
  /** Tensors of fewer elements are computed sooner than they are brought to the kernel. */
  readonly minElements?: number;
  /** Asks other threads for help. */
  readonly requestHelp?: RequestHelp;
};

/** Fewer elements are computed sooner than another thread comes. */
const sharedMinElements = 2 ** 18;

/**
 * What is wanted of a comparison: D(P ‖ Q), with its terms or without, or several forms, which have none; and whether the most likely
 * outcomes agree.
 */
type Wanted = { readonly wantsTerms: boolean; readonly forms?: readonly KernelForm[]; readonly wantsAgreement?: boolean };

/**
 * Returns the kernel's output for a comparison; undefined if that takes longer than the definition.
 * @param check is called between blocks of distributions, and may throw
 * @param arrived waits for the first `count` elements of both tensors, and returns whether all are there
 */
export function runKernel(
  { kernel, requestHelp, minElements = 0 }: KernelRunner,
  { input, target, axes, temperature, pseudocount, weights }: Comparison,
  { wantsTerms, forms, wantsAgreement }: Wanted,
  check: () => void = () => {},
  arrived: (count: number) => boolean = () => true,
): KernelOutput | undefined {
  const { shape } = target.tensor;
  const [p, q] = [target, input].map(({ tensor }) => numbersFor(tensor, axes, arrived));
  if (p.length < minElements) return undefined;
  const pair = kernelPairOf(target.kind, input.kind);
  const operands = { pair, input: q, target: p, axes, temperature, pseudocount, weights, forms, wantsAgreement };
  const before = (end: number) => {
    check();
    return arrived(elementsBefore(axes, end));
  };
  if (requestHelp !== undefined && areShared(operands) && p.length >= sharedMinElements)
    return computeShared(kernel, operands, shape, wantsTerms, requestHelp, before);
  const found = {
    totals: float64s(axes.distributionOffsets.length * (forms?.length ?? 1)),
    trusted: uint8s(axes.distributionOffsets.length),
    terms: float64s(wantsTerms ? p.length : 0),
    missing: wantsTerms || forms ? undefined : uint32s(axes.distributionOffsets.length),
    agrees: wantsAgreement ? uint8s(axes.distributionOffsets.length) : undefined,
  };
  const atOnce = blockSize(operands);
  for (let first = 0; first < axes.distributionOffsets.length; first += atOnce) {
    const end = Math.min(first + atOnce, axes.distributionOffsets.length);
    before(end);
    kernel.find(operands, found, first, end);
  }
  return found;
}

/** What the kernel reads of a tensor: the bits of bfloat16 where distributions are copied as they lie. */
function numbersFor(tensor: Tensor<Numbers>, axes: Axes, arrived: (count: number) => boolean): KernelNumbers {
  if (tensor.bfloat16 === undefined) return tensor.data;
  if (areInOrder(axes)) return tensor.bfloat16;
  // all of them are widened at once
  arrived(elementsBefore(axes, axes.distributionOffsets.length));
  return tensor.data;
}

/** How many elements there must be for the distributions before `end`: offsets ascend, of distributions and of outcomes. */
function elementsBefore({ distributionOffsets, outcomeOffsets }: Axes, end: number): number {
  return distributionOffsets[end - 1] + outcomeOffsets[outcomeOffsets.length - 1] + 1;
}
