import type { Operand } from '../core/divergence.ts';
import { type Found, type Kernel, kernelKinds } from '../core/kernel.ts';
import type { Axes } from '../tensor/axes.ts';

/** What a kernel finds of two operands; undefined where there is none, or none for their kinds. */
export function find(kernel: Kernel | undefined, input: Operand, target: Operand, axes: Axes, wantsTerms: boolean): Found | undefined {
  const kind = kernelKinds.find((name) => name === input.kind && name === target.kind);
  if (kernel === undefined || kind === undefined) return undefined;
  const distributions = axes.starts.length;
  const found = {
    totals: new Float64Array(distributions),
    regular: new Uint8Array(distributions),
    terms: new Float64Array(wantsTerms ? target.tensor.data.length : 0),
  };
  kernel.find({ kind, input: input.tensor.data, target: target.tensor.data, axes }, found, 0, distributions);
  return found;
}
