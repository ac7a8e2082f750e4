import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCodel } from '../../src/pool/codel.ts';

/** An event loop whose clock is set by hand: `turn` asks at times from its begin, in ms, and ends with the last. */
function loop() {
  let now = 0;
  let end = () => {};
  const isLate = createCodel(
    () => now,
    (callback) => {
      end = callback;
    },
  );
  return {
    pause: (ms: number) => {
      now += ms;
    },
    turn: (...times: number[]) => {
      const began = now;
      const late = times.map((time) => {
        now = began + time;
        return isLate();
      });
      end();
      return late;
    },
  };
}

test('a burst that one turn of the event loop can answer is not late', () => {
  const { turn, pause } = loop();
  assert.deepEqual(turn(0, 5, 50, 99), [false, false, false, false]);
  pause(1000);
  assert.deepEqual(turn(0, 99), [false, false]);
});

test('a single turn that takes longer than anybody would wait is late at its end', () => {
  const { turn } = loop();
  assert.deepEqual(turn(0, 99, 101), [false, false, true]);
});

test('where turn after turn is long, requests are late once they have waited 20 ms', () => {
  const { turn } = loop();
  for (let count = 0; count < 6; count++) turn(0, 30);
  assert.deepEqual(turn(0, 19, 21, 30), [false, false, true, true]);
});

test('turns that are short do not add up, however many there are', () => {
  const { turn } = loop();
  for (let count = 0; count < 100; count++) turn(0, 19);
  assert.deepEqual(turn(0, 21, 99), [false, false, false]);
});

test('a pause between long turns ends what stood', () => {
  const { turn, pause } = loop();
  for (let count = 0; count < 6; count++) turn(0, 30);
  pause(21);
  assert.deepEqual(turn(0, 21, 99), [false, false, false]);
});

test('after a pause of any length the first turn is no queue', () => {
  const { turn, pause } = loop();
  turn(0);
  pause(60_000);
  assert.deepEqual(turn(0, 50), [false, false]);
});
