import type { NamedDivergence } from '../../core/divergences/named-divergence.ts';
import type { KernelRunner } from '../../kernels/run-kernel.ts';
import type { Numbers, Tensor } from '../../tensor/tensor.ts';
import type { PlannedItem, PlannedOptions } from './job-plan.ts';

/** How the distributions of an item are computed. */
export type Work = {
  readonly item: PlannedItem;
  readonly options: PlannedOptions;
  /** Undefined for KL alone, with the answer of `/v1/kl-divergence`. */
  readonly asked: readonly NamedDivergence[] | undefined;
  readonly wantsStatistics: boolean;
  readonly kernel: KernelRunner | undefined;
  /** The offsets of the outcomes of a distribution. */
  readonly outcomeOffsets: Uint32Array;
};

/** The numbers of distributions `from` on, which lie one after the other. */
export type PieceNumbers = {
  readonly from: number;
  readonly rows: number;
  readonly input: Tensor<Numbers>;
  readonly target: Tensor<Numbers>;
  readonly weights: Float64Array | undefined;
};
