import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endChild } from '../child.ts';
import { coreFile, milliseconds, startCore } from '../cores.ts';
import { findPython } from '../python.ts';
import { minima } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';

type Workload = {
  readonly rows: number;
  readonly support: number;
  readonly target?: string;
  readonly input?: string;
  readonly dtype?: string;
  /** How far the logits of both sides are apart; 0 for independent ones. */
  readonly distance: number;
  readonly masked?: number;
  readonly option?: string;
};

const near = { rows: 16, support: 128_000, dtype: 'float16', distance: 0.1 };
const far = { rows: 10_000, support: 100, distance: 0 };

/** Logits of two nearly equal models (KL 0.0006 to 0.05), and the other kinds, which are mostly far apart. */
const workloads: readonly Workload[] = [
  near,
  { ...near, dtype: 'bfloat16' },
  { ...near, dtype: 'float32' },
  { ...near, rows: 32, support: 32_000, dtype: 'float32', distance: 0.035 },
  { ...near, rows: 8, support: 262_144, dtype: 'float32', distance: 0.3 },
  ...['statistics', 'weights', 'temperature', 'family'].map((option) => ({ ...near, dtype: 'float32', option })),
  { ...near, dtype: 'float32', masked: 0.1 },
  { ...far, masked: 0.1 },
  { ...far, target: 'counts', input: 'counts', masked: 0.1 },
  { ...far, target: 'probs', input: 'log_probs' },
  { ...far, target: 'log_probs', input: 'log_probs' },
  { ...far, target: 'probs', input: 'probs' },
  { ...far, target: 'counts', input: 'counts' },
  { ...far, target: 'probs', input: 'logits' },
];

/** From the bytes of both tensors to the warnings, in one thread, beside PyTorch in float64 and a loop in C in float32. */
export async function realLogits(say: (line: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const loop = buildLoop(join(folder, 'logits'));
    const rows: Row[] = [];
    for (const workload of workloads) rows.push(...(await ofWorkload(workload, loop, say)));
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The path of the loop in C, or why there is none. */
function buildLoop(path: string): { readonly path: string } | string {
  const source = fileURLToPath(new URL('../peers/logits.c', import.meta.url));
  const { status, error, stderr } = spawnSync('cc', ['-O3', '-march=native', source, '-o', path, '-lm'], { encoding: 'utf8' });
  return status === 0 ? { path } : (error?.message ?? stderr.trim());
}

async function ofWorkload(
  { rows, support, target = 'logits', input = 'logits', dtype = 'float64', distance, masked = 0, option }: Workload,
  loop: { readonly path: string } | string,
  say: (line: string) => void,
): Promise<Row[]> {
  const apart = distance === 0 ? 'independent' : `${distance} apart`;
  const work = `${target} against ${input}, ${dtype}, ${rows} x ${support}, ${apart}${masked > 0 ? `, ${masked} masked` : ''}${option ? `, ${option}` : ''}`;
  say(work);
  const args = [rows, support, target, input, dtype, distance, masked, option ?? 'plain'].map(String);
  const python = findPython();
  const isPlain = target === 'logits' && input === 'logits' && dtype === 'float32' && masked === 0 && option === undefined;
  const absent = {
    ...(typeof python === 'string' ? { pytorch: python } : {}),
    ...(typeof loop === 'string' ? { C: loop } : {}),
  };
  const peer = fileURLToPath(new URL('../peers/pairs.py', import.meta.url));
  const cores = [
    startCore('ours', process.execPath, [coreFile('core-pairs.ts'), ...args]),
    ...(typeof python === 'string' ? [] : [startCore('pytorch', python.path, [peer, ...args])]),
    ...(isPlain && typeof loop !== 'string' ? [startCore('C', loop.path, [String(rows), String(support), String(distance)])] : []),
  ];
  try {
    const times = await minima({ competitors: cores, warmUps: 1, rounds: 5, measure: milliseconds, say });
    return ratioRows({ group: 'real-logits', work, unit: 'ms', medians: times, absent }, [
      { over: 'pytorch', under: 'ours', required: atLeast(1) },
      ...(isPlain ? [{ over: 'C', under: 'ours' }] : []),
    ]);
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
