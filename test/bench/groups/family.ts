import { endChild } from '../child.ts';
import { coreFile, milliseconds, startCore } from '../cores.ts';
import { medians } from '../rounds.ts';
import { atMost, type Row, ratioRows, variantRows } from '../row.ts';

const klAlone = 'KL alone';
const four = 'the four default divergences';

const asked: Readonly<Record<string, readonly string[]>> = {
  [klAlone]: [],
  [four]: ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'],
  ...Object.fromEntries(
    ['kl', 'jensen_shannon:0.1', 'renyi:0.5', 'hellinger', 'total_variation', 'chi_squared'].map((name) => [name, [name]]),
  ),
};

/** Logits of a standard deviation, and how far the other side's are from them: the logits of two models are nearly equal. */
const workloads = [
  { work: 'nearly equal float32 logits, 30 × 32 000, one thread', args: [30, 32_000, 3, 0.1], competitors: Object.keys(asked) },
  { work: 'nearly equal float32 logits, 8 × 128 000, one thread', args: [8, 128_000, 3, 0.1], competitors: [klAlone, four] },
  { work: 'independent float32 logits, 100 × 10 000, one thread', args: [100, 10_000, 1, 0], competitors: [klAlone, four] },
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
    const times = await medians({ competitors: cores, warmUps: 2, rounds: 7, measure: milliseconds, say });
    const { [four]: _, ...alone } = times;
    const measured = { group: 'family', work, unit: 'ms' };
    return [
      ...ratioRows({ ...measured, medians: times }, [{ over: four, under: klAlone, required: atMost(1.6) }]),
      ...variantRows({ ...measured, medians: alone }, 'one divergence', klAlone),
    ];
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}
