import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../src/errors/request-error.ts';
import { admission, type Need } from '../../src/pool/admission.ts';

const threads = { inline: 1, small: 1, large: 2, stream: 1 };
const slots = { inline: 100, small: 3, large: 4, stream: 1 };

const gateOf = (budgets: { bytes?: number; elements?: number } = {}) =>
  admission({ slots, bytes: 1000, elements: 1000, ...budgets }, threads);

const large: Need = { lane: 'large', bytes: 10, elements: 10 };

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
  const outcomes = Array.from({ length: 10 }, () => refusal(() => gate.enter(large)));
  assert.equal(outcomes.filter((outcome) => outcome === 'let in').length, 4);
  assert.deepEqual(outcomes[4], { code: 'OVERLOADED', retryAfter: 1, reason: 'slots' });
});

test('a lane that is full leaves the others as they are', () => {
  const gate = gateOf();
  for (let count = 0; count < 4; count++) gate.enter(large);
  assert.equal(
    refusal(() => gate.enter({ lane: 'small', bytes: 1, elements: 1 })),
    'let in',
  );
});

test('an answer that is longer than its body takes its own bytes until it is gone, and a body on the event loop none', () => {
  const gate = gateOf();
  const ticket = gate.enter(large);
  ticket.served({}, 25);
  assert.equal(gate.inside().bytes, 25);
  ticket.leave();
  gate.enter({ lane: 'inline', bytes: 0, elements: 0 }).served({}, 25);
  assert.equal(gate.inside().bytes, 0);
});

test('who has been computed makes room in its lane, but keeps its bytes until it is gone', () => {
  const gate = gateOf();
  const ticket = gate.enter(large);
  ticket.served({ parse: 1 });
  assert.deepEqual(gate.inside(), { lanes: { inline: 0, small: 0, large: 0, stream: 0 }, bytes: 10, elements: 0 });
  ticket.leave();
  ticket.leave();
  assert.deepEqual(gate.inside(), { lanes: { inline: 0, small: 0, large: 0, stream: 0 }, bytes: 0, elements: 0 });
});

test('bodies that would take more memory than there is are refused, and so are more numbers than can be computed', () => {
  const tight = gateOf({ bytes: 15 });
  tight.enter(large);
  assert.deepEqual(
    refusal(() => tight.enter(large)),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' },
  );
  const slow = gateOf({ elements: 15 });
  slow.enter(large);
  assert.deepEqual(
    refusal(() => slow.enter(large)),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'elements' },
  );
});

test('a body that takes more than the whole budget is let in when it is alone', () => {
  const gate = gateOf({ bytes: 5, elements: 5 });
  const ticket = gate.enter(large);
  assert.equal((refusal(() => gate.enter({ lane: 'small', bytes: 1, elements: 0 })) as { reason: string }).reason, 'bytes');
  ticket.leave();
  assert.equal(
    refusal(() => gate.enter(large)),
    'let in',
  );
});

test('a body that grows changes its lane, and is refused where there is no room for more of it', () => {
  const gate = gateOf({ bytes: 100 });
  gate.enter({ lane: 'small', bytes: 50, elements: 0 });
  const ticket = gate.enter({ lane: 'inline', bytes: 0, elements: 0 });
  ticket.claim({ lane: 'small', bytes: 20, elements: 10 });
  ticket.claim({ lane: 'large', bytes: 50, elements: 20 });
  assert.deepEqual(gate.inside(), { lanes: { inline: 0, small: 1, large: 1, stream: 0 }, bytes: 100, elements: 20 });
  assert.deepEqual(
    refusal(() => ticket.claim({ lane: 'large', bytes: 51, elements: 20 })),
    { code: 'OVERLOADED', retryAfter: 1, reason: 'bytes' },
  );
  // what it had it keeps until it leaves
  assert.equal(gate.inside().bytes, 100);
});

test('Retry-After is the time in which the lane empties, in whole seconds', () => {
  const gate = gateOf();
  for (let count = 0; count < 200; count++) {
    const ticket = gate.enter(large);
    ticket.served({ parse: 1000, compute: 1500, encode: 500 });
    ticket.leave();
  }
  for (let count = 0; count < 4; count++) gate.enter(large);
  // four requests of 3 s each, two at a time
  assert.deepEqual(
    refusal(() => gate.enter(large)),
    { code: 'OVERLOADED', retryAfter: 6, reason: 'slots' },
  );
});

test('while one takes more than the whole budget, who takes nothing of it is let in, and who gives some back may', () => {
  const gate = gateOf({ bytes: 5, elements: 5 });
  const ticket = gate.enter(large);
  gate.enter({ lane: 'inline', bytes: 0, elements: 0 }).claim({ lane: 'inline', bytes: 0, elements: 0 });
  ticket.claim({ lane: 'large', bytes: 9, elements: 9 });
  assert.equal(gate.inside().bytes, 9);
});
