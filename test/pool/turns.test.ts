import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createTurns } from '../../src/pool/turns.ts';
import { spend } from '../helper.ts';

/** An event loop whose iterations are run by hand: what happened in them, in order. */
function loop(t: TestContext) {
  const happened: string[] = [];
  let afterRead: (() => void)[] = [];
  const codel = { endRead: () => happened.push('read'), isLate: () => false };
  const turns = createTurns(codel, (end) => afterRead.push(end));
  t.after(turns.close);
  return {
    happened,
    isOverloaded: turns.isOverloaded,
    take: (name: string) => turns.take(() => happened.push(name)),
    iterate: () => {
      const ends = afterRead;
      afterRead = [];
      for (const end of ends) end();
    },
  };
}

test('each iteration of the event loop reads first, and then does one piece of work, in the order in which they came', (t) => {
  const { take, iterate, happened } = loop(t);
  take('a');
  take('b');
  iterate();
  take('c');
  for (let count = 0; count < 3; count++) iterate();
  assert.deepEqual(happened, ['read', 'a', 'read', 'b', 'read', 'c']);
});

test('the end of the reading is noted once an iteration, however many requests it has', (t) => {
  const { isOverloaded, take, iterate, happened } = loop(t);
  isOverloaded();
  isOverloaded();
  take('a');
  iterate();
  iterate();
  assert.deepEqual(happened, ['read', 'a']);
});

test('the event loop is looked at again and again though no request comes', async () => {
  let reads = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const endRead = () => {
    if (++reads === 2) resolve();
  };
  const turns = createTurns({ endRead, isLate: () => false });
  // the timer of the turns does not keep a process alive
  const alive = setInterval(() => {}, 1000);
  await promise;
  clearInterval(alive);
  turns.close();
});

test('work that took the event loop too long makes what is read next late', async (t) => {
  const turns = createTurns();
  t.after(turns.close);
  turns.take(() => spend(150));
  await new Promise<void>((resolve) => turns.take(resolve));
  assert.equal(turns.isOverloaded(), false);
  await new Promise((resolve) => setTimeout(resolve, 1));
  spend(150);
  assert.equal(turns.isOverloaded(), true);
});
