import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCodel } from '../../src/pool/codel.ts';

/** An event loop whose clock is set by hand: `turn` asks at times from its begin, in ms, and has read all at the last of them. */
function loop() {
  let now = 0;
  let idle = 0;
  let taken = 0;
  const { isLate, endRead } = createCodel({ now: () => now, idle: () => idle, used: () => now - idle - taken });
  const work = (ms: number) => {
    now += ms;
  };
  return {
    work,
    loseCore: (ms: number) => {
      now += ms;
      taken += ms;
    },
    // while it sleeps, it is looked at now and then
    pause: (ms: number) => {
      now += ms;
      idle += ms;
      endRead();
    },
    turn: (...times: number[]) => {
      const began = now;
      const late = times.map((time) => {
        now = began + time;
        return isLate();
      });
      endRead();
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

test('the CPU time of a turn is not asked for again once it is late', () => {
  let now = 0;
  let asked = 0;
  const used = () => {
    asked++;
    return now;
  };
  const { isLate } = createCodel({ now: () => now, idle: () => 0, used });
  now = 101;
  assert.equal(isLate(), true);
  const once = asked;
  now = 200;
  assert.equal(isLate(), true);
  assert.equal(asked, once);
});

test('turns that are short do not add up, however many there are', () => {
  const { turn } = loop();
  for (let count = 0; count < 100; count++) turn(0, 19);
  assert.deepEqual(turn(0, 21, 99), [false, false, false]);
});

test('a pause between long turns of the event loop ends its lateness', () => {
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

test('work between two reads counts as the wait of what is read next, whatever the work was for', () => {
  const { turn, work, pause } = loop();
  turn(0);
  pause(50);
  work(101);
  assert.deepEqual(turn(0), [true]);
});

test('where work between reads goes on, requests are late though they are read in no time', () => {
  const { turn, work } = loop();
  for (let count = 0; count < 6; count++) {
    work(30);
    turn(0);
  }
  work(21);
  assert.deepEqual(turn(0), [true]);
});

test('one long stretch of work is no overload, however long it was', () => {
  const { turn, work } = loop();
  work(5000);
  turn(0);
  assert.deepEqual(turn(0, 21, 99), [false, false, false]);
});

test('while other processes have the core, nothing is late unless the event loop has half as much work of its own', () => {
  const { turn, work, loseCore } = loop();
  for (let count = 0; count < 6; count++) {
    loseCore(200);
    assert.deepEqual(turn(0), [false]);
  }
  loseCore(60);
  work(51);
  assert.deepEqual(turn(0), [true]);
});
