import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { median } from '../bench/rounds.ts';
import { cases, leftOut } from '../cases.ts';
import { crew, type Lane } from './crew.ts';
import type { Fault } from './faulty-worker.ts';

const threads = 2;

/** What may befall a request: how its thread goes wrong, what it is answered with, and how often among a thousand. */
type Trial = { readonly fault: Fault; readonly code: string; readonly share: number; readonly within?: number; readonly leaves?: number };

/** Times in ms. */
const trials: Record<string, Trial> = {
  'throws as it works': { fault: 'throws as it works', code: 'WORKER_LOST', share: 200 },
  'throws to the pool': { fault: 'throws to the pool', code: 'WORKER_LOST', share: 200 },
  'throws what nobody catches': { fault: 'throws uncaught', code: 'WORKER_LOST', share: 150 },
  'leaves a rejection unhandled': { fault: 'rejects unhandled', code: 'WORKER_LOST', share: 100 },
  'calls process.exit': { fault: 'exits', code: 'WORKER_LOST', share: 200 },
  'runs out of memory': { fault: 'runs out of memory', code: 'WORKER_LOST', share: 30 },
  'loops for ever, beyond its deadline,': { fault: 'loops', code: 'DEADLINE_EXCEEDED', share: 60, within: 20 },
  'loops for ever, for a client that leaves,': { fault: 'loops', code: 'BAD_REQUEST', share: 60, leaves: 20 },
};

const nothing = { lanes: ['small', 'large', 'stream'].map((lane) => ({ lane, running: 0, waiting: 0 })), bytes: 0, elements: 0 };

function started(t: TestContext) {
  const alive = countThreads(t);
  const { workers, losses, ask, meet } = crew(threads);
  t.after(() => workers.close());

  /** Whether a request came to the end that it must have. */
  async function suffer(lane: Lane, { fault, code, within, leaves }: Trial): Promise<void> {
    const gone = new AbortController();
    if (leaves !== undefined) setTimeout(() => gone.abort(), leaves);
    assert.equal(await ask(lane, { fault, within, gone: gone.signal }), code, fault);
  }
  /** All that is inside; a copy of `nothing` when nothing is. */
  function inside() {
    const { lanes, bytes, elements } = workers.load();
    return { lanes: Object.entries(lanes).map(([lane, load]) => ({ lane, ...load })), bytes, elements };
  }
  return { workers, losses, ask, meet, suffer, inside, alive };
}

/** How many threads there are at a time, of those that begin from now on. */
function countThreads(t: TestContext): () => number {
  let alive = 0;
  const onWorker = (message: unknown) => {
    alive++;
    (message as { worker: Worker }).worker.once('exit', () => alive--);
  };
  subscribe('worker_threads', onWorker);
  t.after(() => unsubscribe('worker_threads', onWorker));
  return () => alive;
}

/** What `read` gives becomes `value`, if not at once. */
async function settles(read: () => unknown, value: unknown): Promise<void> {
  for (let looks = 0; looks < 500 && JSON.stringify(read()) !== JSON.stringify(value); looks++) await sleep(10);
  assert.deepEqual(read(), value);
}

test('one pool has each fault after the other, beside ordinary requests', async (t) => {
  const { losses, ask, meet, suffer, inside, alive } = started(t);
  for (const [place, [name, trial]] of Object.entries(trials).entries()) {
    for (const lane of ['small', 'large'] as const) {
      // one fault has the body that the next one has not
      const skip = (lane === 'small') === (place % 2 === 0) && leftOut;
      await t.test(
        `a thread that ${name} with a ${lane} body fails this request only, with ${trial.code}, and the pool is whole again`,
        { skip },
        async () => {
          const before = losses.length;
          await meet();
          const neighbours = ['small', 'large', 'small', 'large'] as const;
          const [, ...answers] = await Promise.all([suffer(lane, trial), ...neighbours.map((each) => ask(each))]);
          assert.deepEqual(
            answers,
            neighbours.map(() => 'answered'),
          );
          await meet();
          await settles(inside, nothing);
          await settles(alive, threads + 1);
          assert.equal(losses.length - before, 1);
        },
      );
    }
  }
});

test('when all threads are lost at once, what waits for them is answered by those that follow', async (t) => {
  const { ask, meet, suffer, inside } = started(t);
  await meet();
  const lost = (['large', 'large', 'small'] as const).map((lane) => suffer(lane, trials['calls process.exit']));
  const waiting = await Promise.all((['small', 'large', 'small', 'large'] as const).map((lane) => ask(lane)));
  await Promise.all(lost);
  assert.deepEqual(waiting, Array(4).fill('answered'));
  await meet();
  await settles(inside, nothing);
});

test('many faults in any order leave as many threads as before, all of them at work, and nothing else', async (t) => {
  const { workers, losses, ask, meet, suffer, inside, alive } = started(t);
  await meet();
  const known = new WeakSet<SharedArrayBuffer>();
  const take = workers.allocateBody;
  let fresh = 0;
  Object.assign(workers, {
    allocateBody: (...args: Parameters<typeof take>) => {
      const body = take(...args);
      if (!known.has(body.memory)) fresh++;
      known.add(body.memory);
      return body;
    },
  });
  const count = cases(t, 1000, 25);
  const all = mixed(Object.values(trials).flatMap((trial) => Array<Trial>(Math.ceil((trial.share * count) / 1000)).fill(trial)));
  const wholeAfter: number[] = [];
  const resources = () => process.getActiveResourcesInfo().toSorted();

  async function sufferAll(some: readonly Trial[]): Promise<void> {
    for (let first = 0; first < some.length; first += together) {
      const few = some.slice(first, first + together);
      const faults = few.map((trial, index) => suffer(index === 0 ? 'small' : 'large', trial));
      // now and then computed, so that most threads need not load what computes
      const neighbour = first % computedEvery === 0 ? {} : ({ fault: 'answers at once' } as const);
      const neighbours = [ask('small', neighbour), ask('large', neighbour)];
      await Promise.all(faults);
      const begin = performance.now();
      assert.deepEqual(await Promise.all(neighbours), ['answered', 'answered']);
      await meet();
      wholeAfter.push(performance.now() - begin);
    }
    await settles(inside, nothing);
    await settles(alive, threads + 1);
  }

  const warmUp = count / 10;
  await sufferAll(all.slice(0, warmUp));
  const before = { resources: resources(), rss: process.memoryUsage.rss(), fresh };
  await sufferAll(all.slice(warmUp));
  await settles(resources, before.resources);
  const grown = Math.round((process.memoryUsage.rss() - before.rss) / 2 ** 20);
  assert.ok(grown < 100, `${grown} MB more than after the first ${warmUp}`);
  // pieces are dropped when a task ends late, and made anew; not one for each fault
  assert.ok(fresh - before.fresh <= all.length / 10, `${fresh - before.fresh} pieces of memory were made anew`);
  assert.equal(losses.length, all.length);
  t.diagnostic(
    `the pool was whole ${Math.round(median(wholeAfter))} ms after up to ${together} faults together, at worst ${Math.round(Math.max(...wholeAfter))} ms; ` +
      `${grown} MB more than after the first ${warmUp}; ${fresh - before.fresh} pieces of memory made anew`,
  );
});

/** Faults at the same time: one for each thread. */
const together = threads + 1;

/** After how many faults the requests beside them are computed. */
const computedEvery = 10 * together;

/** In an order that is the same at each run, and no other order. */
function mixed<T>(list: readonly T[]): T[] {
  const stride = 389;
  return list.map((_, index) => list[(index * stride) % list.length]);
}
