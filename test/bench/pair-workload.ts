import { fileURLToPath } from 'node:url';
import { endChild } from './child.ts';
import { type Core, coreFile, milliseconds, prepare, startCore } from './cores.ts';
import { inGroups } from './digits.ts';
import type { Built } from './native.ts';
import { findPython } from './python.ts';
import { minima } from './rounds.ts';
import { atLeast, type Place, type Row, ratioRows } from './row.ts';

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
  /** Of which works it is one, without their data. */
  readonly among?: string;
};

/** PyTorch, waiting for workloads, or the reason why it is not here. Importing it takes longer than most workloads. */
export function startPyTorch(): Core | string {
  const python = findPython();
  if (typeof python === 'string') return python;
  return startCore('pytorch', python.path, [fileURLToPath(new URL('peers/pairs.py', import.meta.url))]);
}

/**
 * From the bytes of both tensors to the warnings, in one thread, beside PyTorch in float64, a loop in NumPy, and one in C in float32 where
 * it is given.
 */
export async function ofWorkload(
  group: string,
  { rows, support, target = 'logits', input = 'logits', dtype = 'float64', distance, masked = 0, option, among }: Workload,
  pytorch: Core | string,
  say: (line: string) => void,
  loop: Built = 'no loop for these',
): Promise<Row[]> {
  const apart = distance === 0 ? 'independent' : `${distance} apart`;
  const more = [masked > 0 ? `${100 * masked} % masked` : [], option ?? []].flat();
  const sides = target === input ? `both ${target}` : `${target} against ${input}`;
  const data = `${dtype}, ${inGroups(rows)} × ${inGroups(support)}, ${apart}`;
  const place: Place =
    among === undefined
      ? { group, work: [sides, data, ...more, 'one thread'].join(', ') }
      : { group, work: `${among}, ${data}, one thread`, variant: [sides, ...more].join(', ') };
  say([place.work, place.variant ?? []].flat().join(': '));
  const args = [rows, support, target, input, dtype, distance, masked, option ?? 'plain'].map(String);
  const isPlain = target === 'logits' && input === 'logits' && dtype === 'float32' && masked === 0 && option === undefined;
  const isByHand = masked === 0 && option === undefined && ['logits,logits', 'probs,log_probs'].includes(`${target},${input}`);
  const absent = {
    ...(typeof pytorch === 'string' ? { pytorch, numpy: pytorch } : {}),
    ...(typeof loop === 'string' ? { C: loop } : {}),
  };
  const own = [
    startCore('ours', process.execPath, [coreFile('core-pairs.ts'), ...args]),
    ...(isPlain && typeof loop !== 'string' ? [startCore('C', loop.path, [String(rows), String(support), String(distance)])] : []),
  ];
  try {
    if (typeof pytorch !== 'string') await prepare(pytorch, args);
    const numpy = typeof pytorch !== 'string' && isByHand ? [{ ...pytorch, name: 'numpy', line: 'numpy' }] : [];
    const competitors = typeof pytorch === 'string' ? own : [...own, pytorch, ...numpy];
    const times = await minima({ competitors, warmUps: 1, rounds: 3, measure: milliseconds, say });
    return ratioRows({ ...place, unit: 'ms', medians: times, absent }, [
      { over: 'pytorch', under: 'ours', required: atLeast(1) },
      ...(isByHand ? [{ over: 'numpy', under: 'ours' }] : []),
      ...(isPlain ? [{ over: 'C', under: 'ours' }] : []),
    ]);
  } finally {
    await Promise.all(own.map(({ child }) => endChild(child)));
  }
}
