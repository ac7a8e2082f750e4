import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { capacity, generate, isServed, mix } from '../capacity.ts';
import { endChild, startHelper } from '../child.ts';
import { inDigits } from '../digits.ts';
import { countOf, inWords, type Latencies, type Statistics } from '../load-statistics.ts';
import { paced } from '../paced.ts';
import { quantile } from '../rounds.ts';
import { absentRow, atLeast, atMost, type Place, type Requirement, type Row, row } from '../row.ts';
import { type Server, withServers } from '../servers.ts';
import { besideSaturated } from './saturated.ts';

const seconds = 2.5;
const secondsAtOnce = 2;
const group = 'overload';

/** How often a platform might ask whether the service is alive, were it in a hurry. */
const aliveness = 20;

/** Goodput in capacities that is required at a load of so many capacities. */
const loads = [
  { times: 2, required: atLeast(0.95) },
  { times: 10, required: atLeast(0.9) },
];

type Say = (line: string) => void;

/** What the service does when more is asked of it than it can do: an open loop of small requests and of some large ones. */
export async function overload(say: Say): Promise<Row[]> {
  const ceiling = await withServers(['constant'], {}, ({ servers: [constant] }) => withGenerators(constant, ceilingOf));
  say(`the generator alone: ${Math.round(ceiling)} small requests a second`);
  const rows = await withServers(['ours'], {}, ({ servers: [ours] }) =>
    withGenerators(ours, (generator, prober) => underLoad({ ours, generator, prober, ceiling, say })),
  );
  return [...rows, ...(await besideSaturated(group, say))];
}

async function withGenerators<T>(server: Server, use: (generator: ChildProcess, prober: ChildProcess) => Promise<T>): Promise<T> {
  const generators: ChildProcess[] = [];
  try {
    for (let k = 0; k < 2; k++) generators.push(await startHelper('open-loop', new URL(server.origin).port));
    return await use(generators[0], generators[1]);
  } finally {
    await Promise.all(generators.map(endChild));
  }
}

/** How many small requests a second the generator gets answered by a server that does nothing. */
async function ceilingOf(generator: ChildProcess): Promise<number> {
  const load = { rate: 200_000, seconds: 2, large: 0, expects: false };
  const answered: number[] = [];
  // the first is to warm up
  for (let k = 0; k < 2; k++) answered.push(countOf(await generate(generator, load), 'good', 'late'));
  return answered[1] / load.seconds;
}

type Stage = {
  readonly ours: Server;
  readonly generator: ChildProcess;
  readonly prober: ChildProcess;
  readonly ceiling: number;
  readonly say: Say;
};

async function underLoad(stage: Stage): Promise<Row[]> {
  const { generator, ceiling, say } = stage;
  const highest = await capacity(generator, say);
  const place = { group, work: 'C: the highest rate of 95 % 5 × 2 and 5 % JSON of 1 MB with p99 of at most 250 ms and none refused' };
  const detail = `the generator alone does ${inDigits(ceiling)}/s`;
  const rows = [row(place, 'requests/s', highest, undefined, { medians: { capacity: highest, generator: ceiling }, detail })];
  for (const { times, required } of loads) {
    const rate = times * highest;
    const last = times === loads[loads.length - 1].times;
    // a program that has not run yet is slow
    if (last) await generate(stage.prober, { ...mix, rate: highest / 2, seconds: 1 });
    const { statistics, alive, recovery } = await loadedWith(stage, rate, last ? highest / 2 : undefined);
    say(`${times} C: ${inWords(statistics)}`);
    rows.push(...rowsOf({ group, work: `a load of ${times} C` }, statistics, highest, required));
    if (recovery !== undefined) rows.push(...aroundRows(`a load of ${times} C`, alive, recovery));
    const atOnce = await generate(generator, { ...mix, rate, seconds: secondsAtOnce, expects: false });
    say(`${times} C, bodies sent at once: ${inWords(atOnce)}`);
    rows.push(...rowsOf({ group, work: 'loads whose large bodies are sent at once', variant: `${times} C` }, atOnce, highest));
  }
  return rows;
}

/** A load; how long /livez takes meanwhile; and after it, how many seconds until `after` requests a second are served well again. */
async function loadedWith({ ours, generator, prober, say }: Stage, rate: number, after: number | undefined) {
  const [statistics, alive, recovery] = await Promise.all([
    generate(generator, { ...mix, rate, seconds }),
    paced(aliveness, seconds, () => timeOfLivez(ours)),
    after === undefined ? undefined : sleep(1000 * seconds).then(() => secondsUntilServed(prober, after, say)),
  ]);
  return { statistics, alive: quantile(alive, 0.99), recovery };
}

async function secondsUntilServed(prober: ChildProcess, rate: number, say: Say): Promise<number> {
  const begin = performance.now();
  for (let attempt = 0; attempt < 20; attempt++) {
    const since = (performance.now() - begin) / 1000;
    const statistics = await generate(prober, { ...mix, rate, seconds: 0.5 });
    say(`${since.toFixed(2)} s after the load: ${inWords(statistics)}`);
    if (isServed(statistics)) return since;
  }
  return Number.POSITIVE_INFINITY;
}

const ownConnection = new Agent({ connections: 1 });

async function timeOfLivez({ origin }: Server): Promise<number> {
  const begin = performance.now();
  const { statusCode, body } = await request(`${origin}/livez`, { dispatcher: ownConnection });
  await body.dump();
  if (statusCode !== 200) throw new Error(`/livez answers ${statusCode}`);
  return performance.now() - begin;
}

function rowsOf(place: Place, statistics: Statistics, highest: number, required?: Requirement): Row[] {
  const { all, lag, bySize, refused, seconds, unsent } = statistics;
  const good = countOf(statistics, 'good') / seconds;
  const large = bySize.large.good.count / seconds;
  const detail = [
    `${inDigits(good)}/s; ${inDigits((all.count - unsent) / seconds)}/s sent of ${inDigits(all.count / seconds)}/s, for want of connections`,
    `of the large ones in C ${inDigits(large / (mix.large * highest))}`,
    `sends late by ${inDigits(lag.p99)} ms (p99)`,
  ];
  const bad = countOf(statistics, 'wrong', 'reset');
  const any = { group, work: 'all loads above C', variant: [place.work, place.variant].join(' ').trim() };
  return [
    row(place, 'answered within 250 ms ÷ C', good / highest, required, {
      unit: 'req/s',
      medians: { goodput: good, capacity: highest },
      detail: detail.join('; '),
    }),
    refusalsRow(place, refused, required && atMost(25)),
    row(any, 'wrong answers and lost connections', bad, atMost(0), { medians: {}, detail: inWords(statistics) }),
  ];
}

function refusalsRow(place: Place, { count, p50, p99 }: Latencies, required: Requirement | undefined): Row {
  const figure = 'ms from a request to its refusal, p99';
  if (count === 0) return absentRow(place, figure, 'nothing was refused', required);
  return row(place, figure, p99, required, { medians: { p50, p99 }, detail: `${count} refused; p50 ${inDigits(p50)} ms` });
}

function aroundRows(work: string, alive: number, recovery: number): Row[] {
  return [
    row({ group, work }, 'ms that `/livez` takes, p99', alive, atMost(50), {
      medians: { alive },
      detail: `${aliveness}/s on a connection of its own`,
    }),
    row({ group, work: `after ${work}` }, 'seconds until half of C is served well again', recovery, atMost(2), {
      medians: { recovery },
      detail: 'in probes of 0.5 s',
    }),
  ];
}
