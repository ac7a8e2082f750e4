import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyUnavailable, cancelBody, readerOf, sharedBody, writerOf } from '../../src/memory/shared-body.ts';

const whyUnread = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof BodyUnavailable) return error.reason;
  }
  return undefined;
};

test('what has been appended can be read, and more is not promised', () => {
  // memory that has been used before, and is longer
  const body = sharedBody(6, 0, () => new SharedArrayBuffer(9));
  const source = readerOf(body);
  const append = writerOf(body);
  append(Buffer.from('abc'));
  assert.equal(source.waitFor(2), 3);
  append(Buffer.from('def'));
  assert.equal(source.waitFor(6), 6);
  assert.equal(source.bytes.toString(), 'abcdef');
});

test('a reader that has waited long enough in all gives up, so that a slow client holds no thread', () => {
  const body = sharedBody(6, 0);
  assert.equal(
    whyUnread(() => readerOf(body).waitFor(1)),
    'starved',
  );
});

test('a reader of a body that nobody waits for stops at once', () => {
  const body = sharedBody(6, 0);
  writerOf(body)(Buffer.from('abc'));
  const source = readerOf(body);
  cancelBody(body);
  assert.equal(
    whyUnread(() => source.waitFor(1)),
    'cancelled',
  );
});
