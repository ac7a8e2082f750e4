import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { noRedis, startedRedis } from '../../jobs/engines/redis-server.ts';
import { notebookBody } from '../bodies.ts';
import { endChild } from '../child.ts';
import { computed, coreFile, startCore } from '../cores.ts';
import { inDigits } from '../digits.ts';
import { writeLogits } from '../logits-files.ts';
import { paced } from '../paced.ts';
import { timedPost } from '../post.ts';
import { residentBytes } from '../proc.ts';
import { missing } from '../proxy.ts';
import { findPython } from '../python.ts';
import { medians, minima, quantile } from '../rounds.ts';
import { absentRow, atLeast, atMost, type Row, ratioRows, row } from '../row.ts';
import { pin, type Server, startOurs } from '../servers.ts';

/** float16 logits of two nearly equal models (KL 0.005). */
const tokens = 768;
const vocabulary = 128_000;

const group = 'jobs';
const work = 'float16 logits, 2 × (768 × 128 000), 0.1 apart, in files of safetensors';

/** Bytes of both sides that a shard has. */
const shardBytes = 2 ** 26;
const shards = Math.ceil((tokens * vocabulary * 4) / shardBytes);

/** Jobs over files: on one core and on two beside PyTorch, what a queue costs, and small requests beside a job. */
export async function jobs(say: (line: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    say(`writing ${work}`);
    writeLogits(folder, tokens, vocabulary);
    return [...(await ofCores(folder, say)), ...(await ofEngines(folder, say)), ...(await ofService(folder, say))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A thread computes and the system's threads read for it, so that a core is only one where the process is kept on it. */
async function ofCores(folder: string, say: (line: string) => void): Promise<Row[]> {
  const python = findPython();
  const peer = fileURLToPath(new URL('../peers/stored.py', import.meta.url));
  const files = ['target', 'input'].map((name) => join(folder, `${name}.safetensors`));
  const ours = (name: string, threads: number) => startCore(name, process.execPath, [coreFile('core-jobs.ts'), folder, String(threads)]);
  const oneCore = ours('one core', 1);
  const cores = [
    oneCore,
    ours('two cores', 2),
    ours('one thread on two cores', 1),
    ...(typeof python === 'string' ? [] : [startCore('pytorch', python.path, [peer, ...files])]),
  ];
  const noPin = missing('taskset', '--version');
  try {
    if (noPin === undefined) await pin(oneCore.child, 0);
    const times = await minima({ competitors: cores, warmUps: 1, rounds: 4, measure: async (core) => (await computed(core)).ms, say });
    const absent = { ...(typeof python === 'string' && { pytorch: python }), ...(noPin !== undefined && { 'one core': noPin }) };
    const speeds = ['one core', 'two cores'].map((variant) => {
      if (variant in absent) return absentRow({ group, work, variant }, 'millions of pairs/s', `${noPin}`);
      const speed = (tokens * vocabulary) / 1000 / times[variant];
      return row({ group, work, variant }, 'millions of pairs/s', speed, undefined, { medians: {}, detail: '' });
    });
    const ratios = [
      { over: 'pytorch', under: 'one core', required: atLeast(1) },
      { over: 'one core', under: 'two cores', required: atLeast(1.7) },
      { over: 'one thread on two cores', under: 'two cores' },
    ];
    return [...ratioRows({ group, work, unit: 'ms', medians: times, absent }, ratios), ...speeds];
  } finally {
    await Promise.all(cores.map(({ child }) => endChild(child)));
  }
}

/** What each engine takes to hand out a shard and to keep its partial, beside one thread that computes one. */
async function ofEngines(folder: string, say: (line: string) => void): Promise<Row[]> {
  const redis = noRedis === false ? await startedRedis() : undefined;
  const start = (name: string, ...more: string[]) => startCore(name, process.execPath, [coreFile('core-engine.ts'), ...more]);
  const engines = [start('`JOBS=local`'), ...(redis === undefined ? [] : [start('`JOBS=redis`', redis.url)])];
  const thread = startCore('computing a shard', process.execPath, [coreFile('core-jobs.ts'), folder, '1']);
  try {
    const competitors = [
      ...engines.map((core) => ({ name: core.name, run: async () => (await computed(core)).ms })),
      { name: thread.name, run: async () => (await computed(thread)).ms / shards },
    ];
    const times = await minima({ competitors, warmUps: 1, rounds: 4, measure: ({ run }) => run(), say });
    const one = { group, work: `handing out a shard of ${shardBytes / 2 ** 20} MiB that computes nothing`, unit: 'ms', medians: times };
    const ratios = engines.map(({ name }) => ({ over: name, under: thread.name, required: atMost(0.01) }));
    const absent = noRedis === false ? [] : [absentRow(one, 'time, `JOBS=redis` ÷ computing a shard', noRedis, atMost(0.01))];
    return [...ratioRows(one, ratios), ...absent];
  } finally {
    await Promise.all([...engines, thread].map(({ child }) => endChild(child)));
    await redis?.kill();
    redis?.remove();
  }
}

const seconds = 3;
const perSecond = 50;

/** The service with its queue in a file. */
async function ofService(folder: string, say: (line: string) => void): Promise<Row[]> {
  const prefix = pathToFileURL(`${folder}/`).href;
  const ours = await startOurs([], { JOB_SOURCES: prefix, JOBS_DIR: join(folder, 'queue'), JOB_WORKERS: '2' });
  const idle = residentBytes(ours.pid).now;
  const bare = startCore('without a queue', process.execPath, [coreFile('core-jobs.ts'), folder, '2']);
  try {
    const competitors = [
      { name: 'with a queue', run: () => jobMs(ours, prefix) },
      { name: bare.name, run: async () => (await computed(bare)).ms },
    ];
    const times = await minima({ competitors, warmUps: 1, rounds: 4, measure: ({ run }) => run(), say });
    const rows = ratioRows({ group, work: `${work}, through the service`, unit: 'ms', medians: times }, [
      { over: 'with a queue', under: bare.name },
    ]);
    const above = residentBytes(ours.pid).peak - idle;
    const memory = row({ group, work }, 'MB at the peak above idle, two threads', above / 1e6, atMost(200), {
      medians: { idle },
      detail: `${inDigits(idle / 1e6)} MB idle`,
    });
    const p99 = await medians({
      competitors: [
        { name: 'beside jobs', load: () => untilStopped(ours, prefix) },
        { name: 'alone', load: () => async () => {} },
      ],
      warmUps: 1,
      rounds: 2,
      measure: async ({ load }) => {
        const stop = load();
        const sample = quantile(await latencies(ours), 0.99);
        await stop();
        return sample;
      },
      say,
    });
    const small = `5 × 2 at ${perSecond}/s beside job after job`;
    return [
      ...rows,
      memory,
      ...ratioRows({ group, work: small, unit: 'ms p99', medians: p99 }, [{ over: 'beside jobs', under: 'alone', required: atMost(3) }]),
    ];
  } finally {
    await Promise.all([endChild(ours.child), endChild(bare.child)]);
  }
}

/** How long a job takes, from its submission to its result. */
async function jobMs({ origin }: Server, prefix: string): Promise<number> {
  const begin = performance.now();
  const request = { input: { uri: `${prefix}input.safetensors` }, target: { uri: `${prefix}target.safetensors` }, statistics: true };
  const headers = { 'content-type': 'application/json', prefer: 'wait=60' };
  const reply = await fetch(`${origin}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(request) });
  const { status, problem } = (await reply.json()) as { status: string; problem?: { detail: string } };
  if (status !== 'succeeded') throw new Error(`the job is ${status}: ${problem?.detail}`);
  return performance.now() - begin;
}

/** Has the service compute job after job, until the returned function is called. */
function untilStopped(ours: Server, prefix: string): () => Promise<void> {
  let isStopped = false;
  const running = (async () => {
    while (!isStopped) await jobMs(ours, prefix);
  })();
  return () => {
    isStopped = true;
    return running;
  };
}

const latencies = (ours: Server) => paced(perSecond, seconds, () => timedPost(ours, notebookBody));
