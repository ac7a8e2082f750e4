import type { ElementRules } from '../tensor/domain.ts';

/** What is asked of a tensor, whatever its format. */
export type TensorRules = ElementRules & {
  readonly maxElements: number;
  /** Whether it may have no axes, so that it is a single number. */
  readonly allowsScalar?: boolean;
  /** Tells the rows of a list of outcomes that are not read, for distributions of a shape; absent where all are read. */
  readonly unreadRows?: ((shape: readonly number[]) => (row: number) => boolean) | undefined;
};
