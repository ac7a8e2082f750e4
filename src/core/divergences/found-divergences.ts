import type { KernelForm, KernelOutput } from '../kernel.ts';
import { type NamedDivergence, rowOf } from './named-divergence.ts';

/** What a kernel is to find of a divergence; undefined where only the definition computes it. */
export function kernelFormOf({ name, parameter }: NamedDivergence): KernelForm | undefined {
  return rowOf({ name }).kernelForm?.(parameter);
}

/** What a kernel is to find of several, in their order. */
export function kernelFormsOf(asked: readonly NamedDivergence[]): KernelForm[] {
  return asked.map(kernelFormOf).filter((form) => form !== undefined);
}

/** A divergence, and where its value of every distribution goes. */
type Place = { readonly divergence: NamedDivergence; readonly perDistribution: Float64Array };

/**
 * Writes what a kernel has found and trusts. Its output is that for the forms of these divergences.
 * @param unit nats in a unit of the divergences that have one
 */
export function takeFound(members: readonly Place[], { totals, trusted }: KernelOutput, unit: number): void {
  const inKernel = members.filter(({ divergence }) => kernelFormOf(divergence) !== undefined);
  for (const [place, { divergence, perDistribution }] of inKernel.entries()) {
    const { ofKernel = same, finish = same, hasUnit } = rowOf(divergence);
    const divisor = hasUnit ? unit : 1;
    for (let d = 0; d < trusted.length; d++) {
      if (trusted[d] === 1) perDistribution[d] = finish(ofKernel(totals[d * inKernel.length + place], divergence.parameter) / divisor);
    }
  }
}

const same = (sum: number): number => sum;
