import type { KindName } from '../../core/kinds.ts';
import type { Options } from '../../schema/parse-request.ts';
import type { StoredTensor } from '../../sources/stored-tensor.ts';

/** A pair of operands of a request; `pointer` leads to it there: `#`, or `#/items/3`. */
export type ItemOf<Operand> = {
  readonly id?: string | number | undefined;
  readonly pointer: string;
  readonly input: Operand;
  readonly target: Operand;
  readonly weights?: Operand | undefined;
};

/** A pair whose tensors have been found. */
export type DescribedItem = ItemOf<StoredTensor>;

/** Everything that a shard and the merge of a job know, as JSON. The same request and the same stored tensors make the same plan. */
export type JobPlan = {
  readonly client: string;
  readonly options: PlannedOptions;
  /** Whether the answer is a list, with an entry for each item. */
  readonly isList: boolean;
  readonly items: readonly PlannedItem[];
  /** Where each shard ends: the distributions of all items are counted one after the other. */
  readonly ends: readonly number[];
  /** Below this prefix of URIs the divergence of each distribution is written. */
  readonly output?: string | undefined;
};

/** The options of a request that a job may have, with their defaults. */
export type PlannedOptions = Pick<
  Options,
  'input_kind' | 'target_kind' | 'temperature' | 'pseudocount' | 'base' | 'reduction' | 'statistics' | 'strict' | 'divergences'
> & { readonly input_kind: KindName; readonly target_kind: KindName };

/** A pair of tensors whose rows are distributions, or, where there is one distribution, parts of it. */
export type PlannedItem = {
  readonly id?: string | number | undefined;
  /** Leads to the item in the request: `#`, or `#/items/3`. */
  readonly pointer: string;
  /** The shape of both tensors as it is stored, and the axes of a distribution. */
  readonly shape: readonly number[];
  readonly dims: readonly number[];
  readonly distributions: number;
  readonly outcomes: number;
  readonly input: StoredTensor;
  readonly target: StoredTensor;
  readonly weights?: StoredTensor | undefined;
  /** Whether every divergence is kept until the merge, so that quantiles are exact. */
  readonly keepsRows: boolean;
  /** Whether the kernel computes it, as it does the same request unless that is small. */
  readonly usesKernel: boolean;
};

/**
 * What a shard needs of a plan: of items that it has nothing of, how many distributions they have. A plan may take megabytes, and is copied
 * for each shard from the event loop to a thread.
 */
export function planOfShard(plan: JobPlan, shard: number): JobPlan {
  const items = plan.items.map(({ distributions }) => ({ distributions }) as PlannedItem);
  for (const { item } of slicesOf(plan, shard)) items[item] = plan.items[item];
  return { ...plan, items };
}

/** Some distributions of one item. */
export type Slice = { readonly item: number; readonly from: number; readonly to: number };

/** The slices of a shard, in order. */
export function slicesOf({ items, ends }: JobPlan, shard: number): Slice[] {
  const [begin, end] = [shard === 0 ? 0 : ends[shard - 1], ends[shard]];
  const slices: Slice[] = [];
  let first = 0;
  for (const [item, { distributions }] of items.entries()) {
    const [from, to] = [Math.max(begin, first) - first, Math.min(end, first + distributions) - first];
    if (from < to) slices.push({ item, from, to });
    first += distributions;
  }
  return slices;
}
