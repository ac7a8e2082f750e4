import type { KindName } from '../core/kinds.ts';
import type { Base } from '../core/log-base.ts';
import type { ReductionName } from '../core/reductions.ts';
import type { IgnoredField } from '../warnings/warning.ts';

/** A request whose envelope has been checked; its tensors are still JSON. */
export type KlRequest = {
  readonly input: unknown;
  readonly target: unknown;
  readonly input_kind: KindName;
  readonly target_kind: KindName;
  readonly dim: number | readonly number[];
  readonly reduction: ReductionName | 'all' | readonly ReductionName[];
  readonly base: Base;
  readonly strict: boolean;
  /** Fields of its body that mean nothing here, where such fields are not refused. */
  readonly ignored?: readonly IgnoredField[];
};

/** What a request may cost. */
export type Limits = { readonly maxElements: number };
