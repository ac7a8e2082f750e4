import type { ElementRules } from '../tensor/domain.ts';

/** What is asked of a tensor, whatever its format. */
export type TensorRules = ElementRules & {
  readonly maxElements: number;
  /** Whether it may have no axes, so that it is a single number. */
  readonly allowsScalar?: boolean;
};
