import { endChild } from '../child.ts';
import { build } from '../native.ts';
import { ofWorkload, startPyTorch, type Workload } from '../pair-workload.ts';
import type { Row } from '../row.ts';

const near = { rows: 16, support: 128_000, dtype: 'float16', distance: 0.1 };

const among = 'nearly equal logits with something else asked, or masked';

/** Logits of two nearly equal models: KL 0.0006 to 0.05. */
const workloads: readonly Workload[] = [
  near,
  { ...near, dtype: 'bfloat16' },
  { ...near, dtype: 'float32' },
  { ...near, rows: 32, support: 32_000, dtype: 'float32', distance: 0.035 },
  { ...near, rows: 8, support: 262_144, dtype: 'float32', distance: 0.3 },
  ...['statistics', 'weights', 'temperature', 'family'].map((option) => ({ ...near, dtype: 'float32', option, among })),
  { ...near, dtype: 'float32', masked: 0.1, among },
];

/** From the bytes of both tensors to the warnings, in one thread, beside PyTorch in float64 and a loop in C in float32. */
export async function realLogits(say: (line: string) => void): Promise<Row[]> {
  const loop = build('logits');
  const pytorch = startPyTorch();
  try {
    const rows: Row[] = [];
    for (const workload of workloads) rows.push(...(await ofWorkload('real-logits', workload, pytorch, say, loop)));
    return rows;
  } finally {
    if (typeof pytorch !== 'string') await endChild(pytorch.child);
  }
}
