import type { ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endChild, startChild } from '../child.ts';
import { findPython } from '../python.ts';
import { median, medians } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';

type Core = { readonly name: string; readonly child: ChildProcess; readonly lines: AsyncIterator<string> };

const ratios = [
  { over: 'textbook', under: 'ours', required: atLeast(3.5) },
  { over: 'pytorch', under: 'ours', required: atLeast(1.3) },
  { over: 'ours', under: 'half at weight 0', required: atLeast(1.6) },
];

const ofCounts = [{ over: 'counts', under: 'with a pseudocount', required: atLeast(0.7) }];
const ofFamily = [{ over: 'each on its own', under: 'in one pass', required: atLeast(1.5) }];

/** The computation alone, in processes that compute once for every line that they are sent. */
export async function core(say: (line: string) => void): Promise<Row[]> {
  const python = findPython();
  const absent = typeof python === 'string' ? { pytorch: python } : {};
  const cores = [
    startCore('ours', process.execPath, [fileOf('../servers/core-ours.ts')]),
    startCore('textbook', process.execPath, [fileOf('../servers/core-textbook.ts')]),
    startCore('half at weight 0', process.execPath, [fileOf('../servers/core-ours.ts'), 'half']),
    startCore('counts', process.execPath, [fileOf('../servers/core-ours.ts'), 'counts']),
    startCore('with a pseudocount', process.execPath, [fileOf('../servers/core-ours.ts'), 'counts', 'pseudocount']),
    startCore('in one pass', process.execPath, [fileOf('../servers/core-family.ts')]),
    startCore('each on its own', process.execPath, [fileOf('../servers/core-family.ts'), 'each']),
    ...(typeof python === 'string' ? [] : [startCore('pytorch', python.path, [fileOf('../peers/core.py')])]),
  ];
  try {
    await sameValue(cores[0], cores[1]);
    const times = await medians({ competitors: cores, warmUps: 3, rounds: 15, measure: milliseconds, say });
    const measured = { group: 'core', unit: 'ms', medians: times, absent };
    return [
      ...ratioRows({ ...measured, work: 'float64 logits, 10000 x 100, batchmean' }, ratios),
      ...ratioRows({ ...measured, work: 'float64 counts, 10000 x 100, batchmean' }, ofCounts),
      ...ratioRows({ ...measured, work: 'float64 logits, 10000 x 100, the four default divergences' }, ofFamily),
    ];
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}

/** Of several computations in a row, so that caches and clock are those of a processor at work. */
async function milliseconds(core: Core): Promise<number> {
  const samples: number[] = [];
  for (let run = 0; run < 5; run++) samples.push((await computed(core)).ms);
  return median(samples);
}

function startCore(name: string, command: string, args: string[]): Core {
  const child = startChild(command, args, {}, { stdio: ['pipe', 'pipe', 'inherit'] });
  // a process that is gone is noticed where its answer is read
  child.stdin?.on('error', () => undefined);
  const lines: Interface = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return { name, child, lines: lines[Symbol.asyncIterator]() };
}

async function computed({ name, child, lines }: Core): Promise<{ ms: number; value: number }> {
  child.stdin?.write('\n');
  const { value, done } = await lines.next();
  if (done) throw new Error(`${name} ended`);
  const [ms, result] = value.split(' ').map(Number);
  return { ms, value: result };
}

/** Both work on the same tensors, so that neither can win by leaving something out. */
async function sameValue(one: Core, other: Core): Promise<void> {
  const [a, b] = [await computed(one), await computed(other)];
  if (!(Math.abs(a.value / b.value - 1) < 1e-9)) throw new Error(`${one.name} finds ${a.value}, ${other.name} ${b.value}`);
}

function fileOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
