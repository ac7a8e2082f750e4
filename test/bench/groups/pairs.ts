import { kernelPairs } from '../../../src/core/kernel.ts';
import { endChild } from '../child.ts';
import { coreFile, milliseconds, startCore } from '../cores.ts';
import { ofWorkload, startPyTorch, type Workload } from '../pair-workload.ts';
import { minima } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';

const far = { rows: 10_000, support: 100, distance: 0 };
const near = { rows: 16, support: 32_000, dtype: 'float32', distance: 0.1 };

/** All pairs of kinds, independent of each other; some nearly equal, some with outcomes without mass, and along another axis. */
const workloads: readonly Workload[] = [
  ...kernelPairs.map((pair) => ({ ...far, ...pair, among: 'all sixteen pairs of kinds' })),
  ...[
    { ...near, target: 'logits', input: 'log_probs' },
    { ...near, target: 'log_probs', input: 'log_probs' },
    { ...near, target: 'probs', input: 'log_probs' },
    { ...near, target: 'probs', input: 'logits' },
  ].map((pair) => ({ ...pair, among: 'nearly equal pairs of kinds' })),
  ...[
    { ...far, masked: 0.1 },
    { ...far, target: 'counts', input: 'counts', masked: 0.1 },
    { ...far, target: 'probs', input: 'log_probs', masked: 0.1 },
  ].map((pair) => ({ ...pair, among: 'pairs of kinds with masks' })),
  ...[
    { ...near, target: 'log_probs', input: 'log_probs' },
    { ...near, target: 'log_probs', input: 'probs' },
  ].map((pair) => ({ ...pair, option: 'family', among: 'four divergences of nearly equal pairs of kinds' })),
  ...['weights', 'dim0'].map((option) => ({ ...far, option, among: 'with weights, or along axis 0' })),
  { ...near, option: 'dim0' },
];

/** Everything but reading and writing, in one thread beside PyTorch in float64 and NumPy; and of logits in two threads beside one. */
export async function pairs(say: (line: string) => void): Promise<Row[]> {
  const pytorch = startPyTorch();
  try {
    const rows: Row[] = [];
    for (const workload of workloads) rows.push(...(await ofWorkload('pairs', workload, pytorch, say)));
    return [...rows, ...(await ofThreads(say))];
  } finally {
    if (typeof pytorch !== 'string') await endChild(pytorch.child);
  }
}

async function ofThreads(say: (line: string) => void): Promise<Row[]> {
  const work = 'nearly equal float32 logits, 64 × 128 000';
  say(work);
  const args = ['64', '128000', 'logits', 'logits', 'float32', '0.1', '0'];
  const cores = [
    startCore('one thread', process.execPath, [coreFile('core-pairs.ts'), ...args]),
    startCore('two threads', process.execPath, [coreFile('core-pairs.ts'), ...args, 'threads']),
  ];
  try {
    const times = await minima({ competitors: cores, warmUps: 1, rounds: 3, measure: milliseconds, say });
    return ratioRows({ group: 'pairs', work, unit: 'ms', medians: times }, [
      { over: 'one thread', under: 'two threads', required: atLeast(1.7) },
    ]);
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
