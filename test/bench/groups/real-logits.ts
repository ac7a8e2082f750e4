import { build } from '../native.ts';
import { ofWorkload, type Workload } from '../pair-workload.ts';
import type { Row } from '../row.ts';

const near = { rows: 16, support: 128_000, dtype: 'float16', distance: 0.1 };

/** Logits of two nearly equal models: KL 0.0006 to 0.05. */
const workloads: readonly Workload[] = [
  near,
  { ...near, dtype: 'bfloat16' },
  { ...near, dtype: 'float32' },
  { ...near, rows: 32, support: 32_000, dtype: 'float32', distance: 0.035 },
  { ...near, rows: 8, support: 262_144, dtype: 'float32', distance: 0.3 },
  ...['statistics', 'weights', 'temperature', 'family'].map((option) => ({ ...near, dtype: 'float32', option })),
  { ...near, dtype: 'float32', masked: 0.1 },
];

/** From the bytes of both tensors to the warnings, in one thread, beside PyTorch in float64 and a loop in C in float32. */
export async function realLogits(say: (line: string) => void): Promise<Row[]> {
  const loop = build('logits');
  const rows: Row[] = [];
  for (const workload of workloads) rows.push(...(await ofWorkload('real-logits', workload, say, loop)));
  return rows;
}
