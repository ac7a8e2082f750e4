import { fileURLToPath } from 'node:url';
import { endChild } from './child.ts';
import { coreFile, milliseconds, startCore } from './cores.ts';
import type { Built } from './native.ts';
import { findPython } from './python.ts';
import { minima } from './rounds.ts';
import { atLeast, type Row, ratioRows } from './row.ts';

/** Both sides of a comparison as numbers of kinds, as `servers/core-pairs.ts` and `peers/pairs.py` make them. */
export type Workload = {
  readonly rows: number;
  readonly support: number;
  readonly target?: string;
  readonly input?: string;
  readonly dtype?: string;
  /** How far the logits of both sides are apart; 0 for independent ones. */
  readonly distance: number;
  readonly masked?: number;
  /** What is asked beside the divergence, or that distributions lie along dim 0. */
  readonly option?: string;
};

/** From the bytes of both tensors to the warnings, in one thread, beside PyTorch in float64, and a loop in C in float32 where one is given. */
export async function ofWorkload(
  group: string,
  { rows, support, target = 'logits', input = 'logits', dtype = 'float64', distance, masked = 0, option }: Workload,
  say: (line: string) => void,
  loop: Built = 'no loop for these',
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
  const peer = fileURLToPath(new URL('peers/pairs.py', import.meta.url));
  const cores = [
    startCore('ours', process.execPath, [coreFile('core-pairs.ts'), ...args]),
    ...(typeof python === 'string' ? [] : [startCore('pytorch', python.path, [peer, ...args])]),
    ...(isPlain && typeof loop !== 'string' ? [startCore('C', loop.path, [String(rows), String(support), String(distance)])] : []),
  ];
  try {
    const times = await minima({ competitors: cores, warmUps: 1, rounds: 5, measure: milliseconds, say });
    return ratioRows({ group, work, unit: 'ms', medians: times, absent }, [
      { over: 'pytorch', under: 'ours', required: atLeast(1) },
      ...(isPlain ? [{ over: 'C', under: 'ours' }] : []),
    ]);
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
