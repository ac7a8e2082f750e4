import { fileURLToPath } from 'node:url';
import { endChild } from '../child.ts';
import { type Core, computed, coreFile, milliseconds, startCore } from '../cores.ts';
import { findPython } from '../python.ts';
import { medians } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';

const ratios = [
  { over: 'textbook', under: 'ours', required: atLeast(3.5) },
  { over: 'pytorch', under: 'ours', required: atLeast(1.3) },
  { over: 'ours', under: 'half of the rows at weight 0', required: atLeast(1.6) },
];

const ofCounts = [{ over: 'counts', under: 'with a pseudocount', required: atLeast(0.7) }];
const ofFamily = [{ over: 'each on its own', under: 'in one pass', required: atLeast(1.5) }];

/** The computation alone, in processes that compute once for every line that they are sent. */
export async function core(say: (line: string) => void): Promise<Row[]> {
  return [...(await ofLogits(say)), ...(await ofNormals(say))];
}

async function ofLogits(say: (line: string) => void): Promise<Row[]> {
  const python = findPython();
  const absent = typeof python === 'string' ? { pytorch: python } : {};
  const cores = [
    startCore('ours', process.execPath, [coreFile('core-ours.ts')]),
    startCore('textbook', process.execPath, [coreFile('core-textbook.ts')]),
    startCore('half of the rows at weight 0', process.execPath, [coreFile('core-ours.ts'), 'half']),
    startCore('counts', process.execPath, [coreFile('core-ours.ts'), 'counts']),
    startCore('with a pseudocount', process.execPath, [coreFile('core-ours.ts'), 'counts', 'pseudocount']),
    startCore('in one pass', process.execPath, [coreFile('core-family.ts')]),
    startCore('each on its own', process.execPath, [coreFile('core-family.ts'), 'each']),
    ...(typeof python === 'string'
      ? []
      : [startCore('pytorch', python.path, [fileURLToPath(new URL('../peers/core.py', import.meta.url))])]),
  ];
  try {
    await sameValue(cores[0], cores[1]);
    const times = await medians({ competitors: cores, warmUps: 1, rounds: 4, measure: milliseconds, say });
    const measured = { group: 'core', unit: 'ms', medians: times, absent };
    return [
      ...ratioRows({ ...measured, work: 'float64 logits, 10 000 × 100, one thread' }, ratios),
      ...ratioRows({ ...measured, work: 'float64 counts, 10 000 × 100, one thread' }, ofCounts),
      ...ratioRows(
        { ...measured, work: 'the four default divergences by the definition, float64 logits, 10 000 × 100, one thread' },
        ofFamily,
      ),
    ];
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}

/** Closed forms of 10⁶ univariate normal distributions, in rows of 100. */
async function ofNormals(say: (line: string) => void): Promise<Row[]> {
  const python = findPython();
  const absent = typeof python === 'string' ? { 'torch.distributions': python } : {};
  const cores = [
    startCore('ours', process.execPath, [coreFile('core-normals.ts')]),
    ...(typeof python === 'string'
      ? []
      : [startCore('torch.distributions', python.path, [fileURLToPath(new URL('../peers/normals.py', import.meta.url))])]),
  ];
  try {
    const times = await medians({ competitors: cores, warmUps: 1, rounds: 4, measure: milliseconds, say });
    const row = {
      group: 'core',
      work: '10⁶ univariate normals by loc and scale, float64, one thread',
      unit: 'ms',
      medians: times,
      absent,
    };
    return ratioRows(row, [{ over: 'torch.distributions', under: 'ours', required: atLeast(1) }]);
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}

/** Both work on the same tensors, so that neither can win by leaving something out. */
async function sameValue(one: Core, other: Core): Promise<void> {
  const [a, b] = [await computed(one), await computed(other)];
  if (!(Math.abs(a.value / b.value - 1) < 1e-9)) throw new Error(`${one.name} finds ${a.value}, ${other.name} ${b.value}`);
}
