import { writeSafetensors } from '../../formats/safetensors/write.ts';
import { divergencesOf } from '../../kernels/compute-divergences.ts';
import { SourceFault } from '../../sources/source-fault.ts';
import type { JobPlan } from './job-plan.ts';
import type { Rows } from './partial.ts';

/**
 * Writes the divergence of each distribution of a shard as a file of safetensors, `<prefix>00001-of-00020.safetensors`, with a tensor of
 * float64 for each divergence, of the distributions in row-major order; of several items, `0.kl` is that of the first. What was not read is
 * NaN.
 * @throws SourceFault at the place of the prefix in the request
 */
export async function writeDivergences(
  plan: JobPlan,
  shard: number,
  items: readonly { readonly item: number; readonly rows: Rows }[],
  write: (uri: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const keys = plan.options.divergences === undefined ? ['kl'] : divergencesOf(plan.options).map(({ key }) => key);
  const tensors = items.flatMap(({ item, rows }) =>
    rows.values.map((data, index) => [plan.isList ? `${item}.${keys[index]}` : keys[index], { shape: [data.length], data }] as const),
  );
  const bytes = Buffer.concat(writeSafetensors(Object.fromEntries(tensors), {}));
  try {
    await write(fileOfShard(plan.output ?? '', shard, plan.ends.length), bytes);
  } catch (error) {
    throw error instanceof SourceFault ? error.at('#/output/per_distribution') : error;
  }
}

/** The file of a shard below a prefix of URIs. */
export function fileOfShard(prefix: string, shard: number, shards: number): string {
  const number = (value: number) => String(value).padStart(5, '0');
  return `${prefix}${number(shard + 1)}-of-${number(shards)}.safetensors`;
}
