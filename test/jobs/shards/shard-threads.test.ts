import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { RequestError } from '../../../src/errors/request-error.ts';
import { planJob } from '../../../src/jobs/shards/plan.ts';
import { createShardThreads, type ShardThreads } from '../../../src/jobs/shards/shard-threads.ts';
import { parseOptions } from '../../../src/schema/parse-request.ts';
import { tensorDescriber } from '../../../src/sources/describe-tensor.ts';
import { SourceFault } from '../../../src/sources/source-fault.ts';
import { defaultLimits } from '../../../src/sources/source-settings.ts';
import { createSources } from '../../../src/sources/sources.ts';
import { answerOfRequest, type Pair, safetensorsOf, shardsOf } from './helper.ts';
import { pairOf } from './pairs.ts';

const folder = mkdtempSync(join(tmpdir(), 'shards-'));
after(() => rmSync(folder, { recursive: true }));

const prefix = `${pathToFileURL(folder)}/`;
const settings = { prefixes: [prefix], outputs: [prefix], privateNetworks: [], limits: defaultLimits };
const running = new AbortController().signal;

/** Plans a job of a pair in a file. */
async function planned(name: string, pair: Pair, shardBytes: number) {
  const file = join(folder, name);
  writeFileSync(file, safetensorsOf({ input: pair.input, target: pair.target }));
  const sources = createSources(settings);
  const describe = tensorDescriber(sources, { client: 'anyone', signal: running });
  const described = (tensor: string) => describe({ uri: `${prefix}${name}`, tensor });
  const items = [{ pointer: '#', input: await described('input'), target: await described('target') }];
  await sources.close();
  const { plan } = planJob({ client: 'anyone', options: parseOptions({}), isList: false, items }, 3000, shardBytes);
  return { plan, file };
}

async function withThreads(count: number, step: (threads: ShardThreads) => Promise<void>) {
  const threads = createShardThreads(count, settings);
  try {
    await step(threads);
  } finally {
    await threads.close();
  }
}

const pair = pairOf({ seed: 7, rows: 200, outcomes: 300, dtype: 'float16', odd: 0 }, 'logits', false);

test('threads compute shards of files at once, and merge them into the answer of the request', async () => {
  const { plan } = await planned('pair.safetensors', pair, 2 ** 15);
  await withThreads(2, async (threads) => {
    const partials = await Promise.all(shardsOf(plan).map((shard) => threads.shard(plan, shard, running)));
    assert.ok(partials.length > 5);
    assert.deepEqual(JSON.parse(await threads.merge(plan, partials.toReversed(), running)), answerOfRequest(pair, {}));
  });
});

test('a thread has the lowest priority, and no other thread of the process has', {
  skip: process.platform !== 'linux' && 'Linux only',
}, async () => {
  const { plan } = await planned('nice.safetensors', pair, 2 ** 26);
  // the 19th field: behind the name of the program, which may hold spaces
  const niceOf = (thread: string) => Number(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1].split(' ')[16]);
  const before = readdirSync('/proc/self/task');
  const own = niceOf(String(process.pid));
  await withThreads(1, async (threads) => {
    await threads.shard(plan, 0, running);
    const lowest = readdirSync('/proc/self/task').filter((thread) => niceOf(thread) === 19);
    assert.equal(niceOf(String(process.pid)), own);
    assert.equal(lowest.length, own === 19 ? lowest.length : 1);
    assert.ok(own === 19 || lowest.every((thread) => !before.includes(thread)));
  });
});

test('faults keep their class and their place between threads', async () => {
  const broken = pairOf({ seed: 7, rows: 200, outcomes: 300, dtype: 'float16', odd: 0 }, 'logits', false);
  new Float16Array(broken.target.bytes.buffer)[150 * 300 + 9] = Number.NaN;
  const { plan } = await planned('broken.safetensors', broken, 2 ** 26);
  const { plan: changed, file } = await planned('changed.safetensors', pair, 2 ** 26);
  writeFileSync(file, readFileSync(file).fill(0, 1000));
  await withThreads(1, async (threads) => {
    await assert.rejects(
      threads.shard(plan, 0, running),
      (error) => error instanceof RequestError && error.faults[0].pointer === '#/target/150/9',
    );
    await assert.rejects(threads.shard(changed, 0, running), (error) => {
      assert.ok(error instanceof SourceFault);
      assert.deepEqual([error.code, error.retryable], ['SOURCE_CHANGED', false]);
      assert.match(error.place, /^#\/(input|target)\/uri$/);
      return true;
    });
  });
});

test('a cancelled shard is given up at once, its thread soon computes another, and one that waits never starts', async () => {
  const large = pairOf({ seed: 7, rows: 40, outcomes: 100_000, dtype: 'float16', odd: 0 }, 'logits', false);
  const { plan } = await planned('large.safetensors', large, 2 ** 26);
  await withThreads(1, async (threads) => {
    const [first, second] = [new AbortController(), new AbortController()];
    const cancelled = threads.shard(plan, 0, first.signal);
    const waiting = threads.shard(plan, 0, second.signal);
    const last = threads.shard(plan, 0, running);
    first.abort(new Error('gone'));
    second.abort(new Error('gone as well'));
    await assert.rejects(cancelled, /^Error: gone$/);
    await assert.rejects(waiting, /gone as well/);
    assert.ok((await last).length > 100);
    await assert.rejects(threads.shard(plan, 0, AbortSignal.abort(new Error('before'))), /before/);
  });
});

test('a thread that dies fails its shard alone, and another takes its place', async () => {
  const { plan } = await planned('dies.safetensors', pair, 2 ** 15);
  const threads = createShardThreads(1, settings, new URL('./dying-thread.ts', import.meta.url));
  const outcomes = await Promise.allSettled([0, 1, 2].map((shard) => threads.shard(plan, shard, running)));
  await threads.close();
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('where no thread can start, what waits fails, and the process goes on', async () => {
  const { plan } = await planned('none.safetensors', pair, 2 ** 15);
  // a thread cannot start from another scheme
  const [script, nowhere] = [new URL('./dying-thread.ts', import.meta.url), 'http://127.0.0.1/'];
  const threads = createShardThreads(1, settings, script);
  const outcomes = [1, 0, 0].map((shard) => threads.shard(plan, shard, running));
  const { href } = script;
  script.href = nowhere;
  const settled = await Promise.allSettled(outcomes);
  await assert.rejects(threads.shard(plan, 0, running));
  script.href = href;
  assert.equal((await threads.shard(plan, 0, running)).length, 1);
  await threads.close();
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
});

test('closing ends what runs and what waits', async () => {
  const { plan } = await planned('closing.safetensors', pair, 2 ** 26);
  const threads = createShardThreads(1, settings);
  const shards = [threads.shard(plan, 0, running), threads.shard(plan, 0, running)];
  const outcomes = Promise.allSettled(shards);
  await setTimeout(0);
  await threads.close();
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await assert.rejects(threads.shard(plan, 0, running), /closed/);
});
