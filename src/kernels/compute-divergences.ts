import type { Comparison } from '../core/comparison.ts';
import { type Divergence, divergence } from '../core/divergence.ts';
import { computeFamily, type Family } from '../core/divergences/compute-family.ts';
import { kernelFormsOf } from '../core/divergences/found-divergences.ts';
import { type NamedDivergence, parseDivergence } from '../core/divergences/named-divergence.ts';
import type { KernelOutput } from '../core/kernel.ts';
import type { Base } from '../core/log-base.ts';
import type { Unsure } from '../tensor/domain.ts';
import { type KernelRunner, runKernel } from './run-kernel.ts';

/** What is wanted of a comparison: in which unit, whether with its terms, and whether the most likely outcomes agree. */
type WantedNumbers = { readonly base: Base; readonly wantsTerms: boolean; readonly wantsAgreement: boolean };

/** What is wanted of KL. `noted` is set to 1 for each distribution that has something to warn about. */
type WantedKl = WantedNumbers & { readonly noted?: Uint8Array };

/**
 * What computes; what waits for elements that may still be arriving; and what checks elements that the reader has not checked, of all
 * distributions unless it is told which. @throws RequestError the faults of the elements
 */
type Means = {
  readonly kernel: KernelRunner | undefined;
  readonly check: (() => void) | undefined;
  readonly arrived?: ((count: number) => boolean) | undefined;
  readonly checkElements: ((unsure?: Unsure) => void) | undefined;
};

/** What `topOneAgreement` returns, where a kernel has found it. */
type Agreement = Pick<KernelOutput, 'agrees'>;

/** Computes KL by the kernel, and by its definition where the kernel is not to be trusted. */
export function computeKl(comparison: Comparison, wanted: WantedKl, means: Means): Divergence & Agreement {
  const { base, wantsTerms, wantsAgreement, noted } = wanted;
  const { kernel, check, arrived } = means;
  const found = kernel && runKernel(kernel, comparison, { wantsTerms, wantsAgreement }, check, arrived);
  checkUntrusted(comparison, found, means);
  return { ...divergence(comparison, { base, wantsTerms, found, noted, check }), agrees: found?.agrees };
}

/** Computes several divergences in one pass, by the kernel or by their definitions. Where terms are wanted, the definition computes all. */
export function computeSeveral(
  comparison: Comparison,
  asked: readonly NamedDivergence[],
  wanted: WantedNumbers,
  means: Means,
): Family & Agreement {
  const { base, wantsTerms, wantsAgreement } = wanted;
  const { kernel, check, arrived } = means;
  const forms = kernelFormsOf(asked);
  const isFound = kernel !== undefined && !wantsTerms && forms.length > 0;
  const found = isFound ? runKernel(kernel, comparison, { wantsTerms, forms, wantsAgreement }, check, arrived) : undefined;
  checkUntrusted(comparison, found, means);
  return { ...computeFamily(comparison, { base, asked, wantsTerms, found, check }), agrees: found?.agrees };
}

/** A kernel that trusts its output has seen no element outside of the domain. */
function checkUntrusted({ axes }: Comparison, found: KernelOutput | undefined, { checkElements }: Means): void {
  if (found === undefined || found.trusted.includes(0)) checkElements?.(found && { axes, trusted: found.trusted });
}

/** The divergences of a request, each once. The schema has checked their names. */
export function divergencesOf({ divergences = [] }: { readonly divergences?: readonly string[] | undefined }): NamedDivergence[] {
  return [...new Set(divergences)].map(parseDivergence).filter((named) => typeof named !== 'string');
}
