import { endChild } from '../child.ts';
import { coreFile, milliseconds, startCore } from '../cores.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows } from '../row.ts';

const klAlone = 'KL alone';
const four = 'four defaults';

const asked: Readonly<Record<string, readonly string[]>> = {
  [klAlone]: [],
  [four]: ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'],
  ...Object.fromEntries(
    ['kl', 'jensen_shannon:0.1', 'renyi:0.5', 'hellinger', 'total_variation', 'chi_squared'].map((name) => [name, [name]]),
  ),
};

/** Logits of a standard deviation, and how far the other side's are from them: the logits of two models are nearly equal. */
const workloads = [
  { work: 'nearly equal float32 logits, 30 x 32000', args: [30, 32_000, 3, 0.1], competitors: Object.keys(asked) },
  { work: 'nearly equal float32 logits, 8 x 128000', args: [8, 128_000, 3, 0.1], competitors: [klAlone, four] },
  { work: 'independent float32 logits, 100 x 10000', args: [100, 10_000, 1, 0], competitors: [klAlone, four] },
];

/** Several divergences, and each alone, against KL alone: everything but reading and writing, in one thread. */
export async function family(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workload of workloads) rows.push(...(await ofWorkload(workload, say)));
  return rows;
}

async function ofWorkload({ work, args, competitors }: (typeof workloads)[number], say: (line: string) => void): Promise<Row[]> {
  say(work);
  const cores = competitors.map((name) =>
    startCore(name, process.execPath, [coreFile('core-several.ts'), ...args.map(String), ...asked[name]]),
  );
  try {
    const times = await medians({ competitors: cores, warmUps: 3, rounds: 9, measure: milliseconds, say });
    const ratios = competitors.slice(1).map((over) => ({ over, under: klAlone, ...(over === four ? { required: atMost(1.6) } : {}) }));
    return ratioRows({ group: 'family', work, unit: 'ms', medians: times }, ratios);
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
