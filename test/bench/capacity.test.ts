import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from './answer.ts';
import { isServed } from './capacity.ts';
import { tally } from './load-statistics.ts';

const answered: Answer = { status: 200, head: '', body: Buffer.from('{}'), framed: true, size: 2 };

function thousandGood() {
  const counts = tally();
  for (let k = 0; k < 1000; k++) counts.ended('small', { sinceDue: 5, sinceSent: 5 }, answered, false);
  return counts;
}

test('a rate is served when every request is answered 200, 99 of 100 in time', () => {
  const counts = thousandGood();
  for (let k = 0; k < 5; k++) counts.ended('large', { sinceDue: 900, sinceSent: 900 }, answered, false);
  assert.equal(isServed(counts.statistics(1)), true);
});

test('one request that the client gave up, or whose connection was lost, is one that was not answered', () => {
  const givenUp = thousandGood();
  givenUp.givenUp('large', true);
  assert.equal(isServed(givenUp.statistics(1)), false);
  const lost = thousandGood();
  lost.ended('small', { sinceDue: 5, sinceSent: 5 }, undefined, false);
  assert.equal(isServed(lost.statistics(1)), false);
});
