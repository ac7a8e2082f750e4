import { writeSafetensors } from '../../formats/safetensors/write.ts';
import { divergencesOf } from '../../kernels/compute.ts';
import type { JobPlan } from './job-plan.ts';
import type { Rows } from './partial.ts';

/**
 * Writes the divergence of each distribution of a shard as a file of safetensors, `<prefix>00001-of-00020.safetensors`, with a tensor of float64
 * for each divergence, of the distributions in row-major order; of several items, `0.kl` is that of the first. What was not read is NaN.
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
  const number = (value: number) => String(value).padStart(5, '0');
  const uri = `${plan.output}${number(shard + 1)}-of-${number(plan.ends.length)}.safetensors`;
  await write(uri, Buffer.concat(writeSafetensors(Object.fromEntries(tensors), {})));
}
