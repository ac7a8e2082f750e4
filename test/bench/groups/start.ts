import { readFileSync } from 'node:fs';
import { notebookBody } from '../bodies.ts';
import { timedPost } from '../post.ts';
import { median } from '../rounds.ts';
import { absentRow, type Row, row } from '../row.ts';
import { withServers } from '../servers.ts';

const runs = 5;

/** What the service costs before it does anything. Nothing is required here. */
export async function start(say: (line: string) => void): Promise<Row[]> {
  const seconds: number[] = [];
  for (let run = 1; run <= runs; run++) {
    seconds.push(await secondsToFirstAnswer());
    say(`run ${run} of ${runs}: ${seconds[run - 1].toFixed(3)} s`);
  }
  const toAnswer = median(seconds);
  const { direct, all } = dependencies();
  const detail = `${direct} in package.json, ${all} with theirs`;
  return [
    row({ group: 'start', work: 'start of the process to its first answer, 5 × 2' }, 'seconds', toAnswer, undefined, {
      medians: { seconds: toAnswer },
      detail: `median of ${runs}`,
    }),
    row({ group: 'start', work: 'packages in production' }, 'in package.json', direct, undefined, { medians: { direct }, detail }),
    row({ group: 'start', work: 'packages in production' }, 'with what they need, and optional ones', all, undefined, {
      medians: { all },
      detail,
    }),
    imageRow({ group: 'start', work: 'container image' }),
  ];
}

async function secondsToFirstAnswer(): Promise<number> {
  const begin = performance.now();
  return withServers(['ours'], {}, async ({ servers: [ours] }) => {
    await timedPost(ours, notebookBody);
    return (performance.now() - begin) / 1000;
  });
}

function dependencies(): { direct: number; all: number } {
  const read = (file: string) => JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'));
  const installed: [string, { dev?: boolean; link?: boolean }][] = Object.entries(read('package-lock.json').packages);
  return {
    direct: Object.keys(read('package.json').dependencies).length,
    all: installed.filter(([path, { dev, link }]) => path.startsWith('node_modules/') && dev !== true && link !== true).length,
  };
}

function imageRow(place: { group: string; work: string }): Row {
  const megabytes = process.env.IMAGE_MB;
  if (megabytes === undefined) return absentRow(place, 'MB', 'build the image');
  return row(place, 'MB', Number(megabytes), undefined, { medians: { megabytes: Number(megabytes) }, detail: 'from IMAGE_MB' });
}
