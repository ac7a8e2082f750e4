import type { Comparison } from '../core/comparison.ts';
import { type Kernel, type KernelForm, type KernelOutput, kernelPairOf } from '../core/kernel.ts';
import { float64s, uint8s } from '../memory/small-arrays.ts';
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
export type Wanted = { readonly wantsTerms: boolean; readonly forms?: readonly KernelForm[]; readonly wantsAgreement?: boolean };

/** Returns the kernel's output for a comparison; undefined if no kernel reads its kinds. */
export function runKernel(
  { kernel, requestHelp, minElements = 0 }: KernelRunner,
  { input, target, axes, temperature, pseudocount, weights }: Comparison,
  { wantsTerms, forms, wantsAgreement }: Wanted,
  check: () => void = () => {},
): KernelOutput | undefined {
  const pair = kernelPairOf(target.kind, input.kind, forms !== undefined);
  const { shape, data } = target.tensor;
  if (pair === undefined || data.length < minElements) return undefined;
  const operands = { pair, input: input.tensor.data, target: data, axes, temperature, pseudocount, weights, forms, wantsAgreement };
  if (requestHelp !== undefined && areShared(operands) && data.length >= sharedMinElements)
    return computeShared(kernel, operands, shape, wantsTerms, requestHelp, check);
  const found = {
    totals: float64s(axes.distributionOffsets.length * (forms?.length ?? 1)),
    trusted: uint8s(axes.distributionOffsets.length),
    terms: float64s(wantsTerms ? data.length : 0),
    agrees: wantsAgreement ? uint8s(axes.distributionOffsets.length) : undefined,
  };
  const atOnce = blockSize(operands);
  for (let first = 0; first < axes.distributionOffsets.length; first += atOnce) {
    check();
    kernel.find(operands, found, first, Math.min(first + atOnce, axes.distributionOffsets.length));
  }
  return found;
}
