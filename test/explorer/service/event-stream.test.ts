import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventReader } from '../../../src/explorer/service/event-stream.ts';

const stream =
  'retry: 500\n\n: a comment\n\nid: 1\nevent: progress\ndata: {"a":\ndata:1}\n\nevent:done\r\ndata\r\n\r\nid: 3\n\ndata: x\n\n';

const events = [
  { id: '1', name: 'progress', data: '{"a":\n1}' },
  { id: '1', name: 'done', data: '' },
  { id: '3', name: 'message', data: 'x' },
];

test('events are read as the HTML standard says, however their text is cut', () => {
  for (const size of [1, 2, 7, stream.length]) {
    const reader = createEventReader();
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, place) => stream.slice(place * size, (place + 1) * size));
    assert.deepEqual(pieces.flatMap(reader.take), events, `in pieces of ${size}`);
    assert.equal(reader.retryMs(), 500);
  }
});

test('an event that is not complete is none', () => {
  assert.deepEqual(createEventReader().take('event: done\ndata: x\n'), []);
});
