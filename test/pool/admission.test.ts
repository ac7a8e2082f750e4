import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../src/errors/request-error.ts';
import { createAdmission } from '../../src/pool/admission.ts';
import type { Budgets, Cost, Holder } from '../../src/pool/ledger.ts';

const threads = { small: 1, large: 2, stream: 1 };
const slots = { small: 3, large: 4, stream: 1 };

/** Admission with a clock that stands still until it is moved; `reserve` claims at once, for a client that others know as `a`. */
function gateOf(budgets: Partial<Budgets> = {}) {
  let now = 0;
  const gate = createAdmission({ slots, bytes: 1000, elements: 1000, ...budgets }, threads, undefined, () => now);
  const reserve = (need: Cost, holder: Partial<Holder> = {}) => {
    const reservation = gate.reserve({ client: () => 'a', ...holder });
    reservation.claim(need);
    return reservation;
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...gate, reserve, pass };
}

const large: Cost = { lane: 'large', bytes: 10, elements: 10 };

/** Why there was no room, and when there should be. */
function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { code: error.code, ...error.advice };
  }
  return 'let in';
}

test('of 10 requests that come together, as many are let in as the lane has places, and exactly the others are refused', () => {
  const gate = gateOf();
  const outcomes = Array.from({ length: 10 }, () => refusal(() => gate.reserve(large)));
  assert.equal(outcomes.filter((outcome) => outcome === 'let in').length, 4);
  assert.deepEqual(outcomes[4], { code: 'OVERLOADED', retryAfter: 1, reason: 'slots' });
});

test('a lane that is full leaves the others as they are', () => {
  const gate = gateOf();
  for (let count = 0; count < 4; count++) gate.reserve(large);
  assert.equal(
    refusal(() => gate.reserve({ lane: 'small', bytes: 1, elements: 1 })),
    'let in',
  );
});

test('what is kept of a computed request, more or less than its body, takes its own bytes until it is gone', () => {
  const gate = gateOf();
  for (const kept of [25, 3]) {
    const reservation = gate.reserve(large);
    reservation.computed({}, kept);
    assert.equal(gate.load().bytes, kept);
    reservation.release();
    assert.equal(gate.load().bytes, 0);
  }
});

test('what a computation takes beside its body counts, and is refused where there is no room now, or never is', () => {
  const gate = gateOf({ bytes: 100 });
  const other = gate.reserve({ lane: 'small', bytes: 50, elements: 0 });
  const reservation = gate.reserve(large);
  assert.equal(reservation.claimBeside(40), 'granted');
  assert.equal(gate.load().bytes, 100);
  assert.equal(reservation.claimBeside(41), 'exhausted');
  assert.equal(reservation.claimBeside(91), 'impossible');
  assert.equal(gate.load().bytes, 100);
  other.release();
  assert.equal(reservation.claimBeside(90), 'granted');
  reservation.release();
  assert.equal(reservation.claimBeside(1), 'exhausted');
  assert.equal(gate.load().bytes, 0);
});

test('a computation of a body that was let in alone takes nothing beyond the budget', () => {
  const gate = gateOf({ bytes: 5 });
  assert.equal(gate.reserve(large).claimBeside(1), 'impossible');
});

test('small lines of a stream take bytes, but no place in a lane', () => {
  const gate = gateOf({ bytes: 15 });
  const lines = gate.reserve({ ...large, lane: undefined });
  assert.deepEqual(gate.load(), { lanes: { small: 0, large: 0, stream: 0 }, bytes: 10, elements: 10 });
  assert.deepEqual(
    refusal(() => gate.reserve({ ...large, lane: undefined })),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' },
  );
  lines.computed({}, 0);
  assert.equal(gate.load().bytes, 0);
});

test('who has been computed makes room in its lane, but keeps its bytes until it is gone', () => {
  const gate = gateOf();
  const reservation = gate.reserve(large);
  reservation.computed({ parse: 1 });
  assert.deepEqual(gate.load(), { lanes: { small: 0, large: 0, stream: 0 }, bytes: 10, elements: 0 });
  reservation.release();
  reservation.release();
  assert.deepEqual(gate.load(), { lanes: { small: 0, large: 0, stream: 0 }, bytes: 0, elements: 0 });
});

test('bodies that would take more memory than there is are refused, and so are more numbers than can be computed', () => {
  const tight = gateOf({ bytes: 15 });
  tight.reserve(large);
  assert.deepEqual(
    refusal(() => tight.reserve(large)),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' },
  );
  const slow = gateOf({ elements: 15 });
  slow.reserve(large);
  assert.deepEqual(
    refusal(() => slow.reserve(large)),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'elements' },
  );
});

test('a body that takes more than the whole budget is let in when it is alone', () => {
  const gate = gateOf({ bytes: 5, elements: 5 });
  const reservation = gate.reserve(large);
  assert.equal((refusal(() => gate.reserve({ lane: 'small', bytes: 1, elements: 0 })) as { reason: string }).reason, 'bytes');
  reservation.release();
  assert.equal(
    refusal(() => gate.reserve(large)),
    'let in',
  );
});

test('a body that grows changes its lane, and is refused where there is no room for more of it', () => {
  const gate = gateOf({ bytes: 100 });
  gate.reserve({ lane: 'small', bytes: 50, elements: 0 });
  const reservation = gate.reserve({ bytes: 0, elements: 0 });
  reservation.claim({ lane: 'small', bytes: 20, elements: 10 });
  reservation.claim({ lane: 'large', bytes: 50, elements: 20 });
  assert.deepEqual(gate.load(), { lanes: { small: 1, large: 1, stream: 0 }, bytes: 100, elements: 20 });
  assert.deepEqual(
    refusal(() => reservation.claim({ lane: 'large', bytes: 51, elements: 20 })),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' },
  );
  // what it had it keeps until it leaves
  assert.equal(gate.load().bytes, 100);
});

test('Retry-After is the time in which the lane empties, in whole seconds', () => {
  const gate = gateOf();
  for (let count = 0; count < 200; count++) {
    const reservation = gate.reserve(large);
    reservation.computed({ parse: 1000, compute: 1500, encode: 500 });
    reservation.release();
  }
  for (let count = 0; count < 4; count++) gate.reserve(large);
  // four requests of 3 s each, two at a time
  assert.deepEqual(
    refusal(() => gate.reserve(large)),
    { code: 'OVERLOADED', retryAfter: 6, reason: 'slots' },
  );
});

test('while one takes more than the whole budget, who takes nothing of it is let in, and who gives some back may', () => {
  const gate = gateOf({ bytes: 5, elements: 5 });
  const reservation = gate.reserve(large);
  gate.reserve({ bytes: 0, elements: 0 }).claim({ bytes: 0, elements: 0 });
  reservation.claim({ lane: 'large', bytes: 9, elements: 9 });
  assert.equal(gate.load().bytes, 9);
});

test('what there is no room for takes it from holders that are too slow, the slowest first, and no more than it needs', () => {
  const gate = gateOf({ bytes: 100 });
  const gone: string[] = [];
  const slow = (name: string, since: number | undefined) => ({ slowSince: () => since, giveUp: () => gone.push(name) });
  gate.reserve({ bytes: 30, elements: 1 }, slow('second', 20));
  gate.reserve({ bytes: 30, elements: 1 }, slow('first', 10));
  gate.reserve({ bytes: 40, elements: 1 }, slow('in pace', undefined));
  gate.reserve({ lane: 'small', bytes: 20, elements: 1 });
  assert.deepEqual([gone, gate.load().bytes], [['first'], 90]);
  gate.reserve({ lane: 'small', bytes: 40, elements: 1 });
  assert.deepEqual([gone, gate.load().bytes], [['first', 'second'], 100]);
  // who is in pace keeps what it has
  assert.deepEqual(
    refusal(() => gate.reserve({ lane: 'small', bytes: 1, elements: 1 })),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' },
  );
});

test('who has given its room up gets none back, whatever it asks for and however often it leaves', () => {
  const gate = gateOf({ bytes: 10 });
  const slow = gate.reserve({ bytes: 10, elements: 10 }, { slowSince: () => 0 });
  gate.reserve({ lane: 'small', bytes: 10, elements: 1 });
  slow.claim({ bytes: 20, elements: 20 });
  slow.holdElements(5);
  slow.computed({}, 30);
  assert.deepEqual(gate.load(), { lanes: { small: 1, large: 0, stream: 0 }, bytes: 10, elements: 1 });
  slow.release();
  assert.deepEqual(gate.load(), { lanes: { small: 1, large: 0, stream: 0 }, bytes: 10, elements: 1 });
});

test('a place of a lane is given up only by one that holds a place there, and the budget is named that is asked for', () => {
  const gate = gateOf();
  const asked: string[] = [];
  const holder = (name: string, budget: string) => ({
    slowSince: (exhausted: string) => {
      asked.push(`${name} ${exhausted}`);
      return exhausted === budget ? 0 : undefined;
    },
  });
  gate.reserve({ bytes: 10, elements: 0 }, holder('body', 'slots'));
  gate.reserve({ lane: 'stream', bytes: 0, elements: 0 }, holder('stream', 'bytes'));
  assert.equal((refusal(() => gate.reserve({ lane: 'stream', bytes: 0, elements: 0 })) as { reason: string }).reason, 'slots');
  assert.deepEqual(asked, ['stream slots']);
});

test('what is only checked is refused where there is no room, and neither holds anything nor takes it from the slow', () => {
  const gate = gateOf({ bytes: 10 });
  const check = (bytes: number) => refusal(() => gate.check({ client: () => 'a' }, { lane: 'small', bytes, elements: 0 }));
  const inPace = gate.reserve({ bytes: 10, elements: 0 });
  assert.deepEqual(check(1), { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' });
  inPace.release();
  let hasGivenUp = false;
  const giveUp = () => {
    hasGivenUp = true;
  };
  gate.reserve({ bytes: 10, elements: 0 }, { slowSince: () => 0, giveUp });
  assert.equal(check(1), 'let in');
  assert.deepEqual([hasGivenUp, gate.load().bytes], [false, 10]);
});

test('a client alone may hold all places of a lane; once another was refused, it gets no more than half until a minute later', () => {
  const gate = gateOf();
  const of = (name: string) => ({ client: () => name });
  const held = Array.from({ length: 4 }, () => gate.reserve(large, of('a')));
  assert.notEqual(
    refusal(() => gate.reserve(large, of('b'))),
    'let in',
  );
  held.pop()?.release();
  assert.notEqual(
    refusal(() => gate.reserve(large, of('a'))),
    'let in',
  );
  const b = gate.reserve(large, of('b'));
  b.release();
  // where half of the places are free, nobody is refused
  held.pop()?.release();
  held.pop()?.release();
  held.push(gate.reserve(large, of('a')));
  assert.notEqual(
    refusal(() => gate.reserve(large, of('a'))),
    'let in',
  );
  gate.pass(60_001);
  gate.reserve(large, of('a'));
  gate.reserve(large, of('a'));
});

test('of bytes a client gets no more than its share while others are refused; its only request is never above it', () => {
  const gate = gateOf({ bytes: 100 });
  const need = (bytes: number) => ({ lane: 'small', bytes, elements: 0 }) as const;
  const of = (name: string) => ({ client: () => name });
  const first = gate.reserve(need(40), of('a'));
  const second = gate.reserve(need(50), of('a'));
  assert.equal((refusal(() => gate.reserve(need(20), of('b'))) as { reason: string }).reason, 'bytes');
  first.release();
  assert.equal((refusal(() => gate.reserve(need(1), of('a'))) as { reason: string }).reason, 'bytes');
  second.claim(need(60));
  gate.reserve(need(40), of('b'));
});
