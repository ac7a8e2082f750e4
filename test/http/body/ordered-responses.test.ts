import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createOrderedResponses } from '../../../src/http/body/ordered-responses.ts';

/** Blocks that are answered when the test says so. */
function pending(most: number) {
  const answers = new Map<string, () => void>();
  const stream = createOrderedResponses<string>(
    most,
    (block, done) => answers.set(block, () => done(`${block};`)),
    () => 'end',
    new PassThrough(),
  );
  return { stream, begun: () => [...answers.keys()], finish: (block: string) => answers.get(block)?.() };
}

test('answers come in the order of their blocks, each as soon as it and all before it are ready', async () => {
  const { stream, finish } = pending(3);
  let read = '';
  stream.on('data', (chunk) => {
    read += chunk;
  });
  for (const block of ['a', 'b', 'c']) stream.write(block);
  stream.end();
  await turn();
  finish('b');
  await turn();
  assert.equal(read, '');
  finish('a');
  await turn();
  assert.equal(read, 'a;b;');
  finish('c');
  await turn();
  assert.equal(read, 'a;b;c;end');
});

test('no more blocks are begun than may be at work, nor while as many answers wait for a reader', async () => {
  const { stream, begun, finish } = pending(2);
  for (const block of ['a', 'b', 'c', 'd', 'e']) stream.write(block);
  await turn();
  assert.deepEqual(begun(), ['a', 'b']);
  finish('b');
  await turn();
  assert.deepEqual(begun(), ['a', 'b']);
  finish('a');
  await turn();
  // nobody has asked for them yet
  assert.deepEqual(begun(), ['a', 'b']);
  stream.resume();
  await turn();
  assert.deepEqual(begun(), ['a', 'b', 'c', 'd']);
  stream.destroy();
});

test('a stream without blocks has only its end', async () => {
  const { stream } = pending(1);
  stream.end();
  assert.equal((await stream.toArray()).join(''), 'end');
});

test('blocks that are answered at once follow each other without end, in little memory', async () => {
  const stream = createOrderedResponses<number>(
    1,
    (block, done) => done(`${block}\n`),
    () => 'end',
    new PassThrough(),
  );
  let length = 0;
  stream.on('data', (chunk) => {
    length += chunk.length;
  });
  for (let k = 0; k < 100_000; k++) if (!stream.write(k)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  assert.equal(length, 588_890 + 3);
});

/** A stream that is piped to a response, which writes when the test says so, and whose answers have so many bytes. */
function piped(bytes: number) {
  let write = () => {};
  const response = new Writable({ write: (_chunk, _encoding, done) => (write = () => done()) });
  const pieces: Uint8Array[] = [];
  const released: string[] = [];
  const stream = createOrderedResponses<string>(
    1,
    (block, done) => {
      pieces.push(new Uint8Array(bytes));
      done([pieces[pieces.length - 1]], () => released.push(block));
    },
    () => 'end',
    response,
  );
  stream.pipe(response);
  const freed = () => pieces.map(({ byteLength }) => byteLength === 0);
  return { stream, released, freed, write: () => write() };
}

test('a long answer is held until the response has written it, although the response has taken it, and then its memory is freed', async () => {
  const { stream, released, freed, write } = piped(2 ** 20);
  for (const block of ['a', 'b']) stream.write(block);
  await turn();
  assert.deepEqual({ released, freed: freed() }, { released: [], freed: [false, false] });
  write();
  await turn();
  assert.deepEqual({ released, freed: freed() }, { released: ['a'], freed: [true, false] });
  write();
  await turn();
  assert.deepEqual({ released, freed: freed() }, { released: ['a', 'b'], freed: [true, true] });
  stream.destroy();
});

test('answers that are never written are released at the end of the stream, and whoever may still read their memory can', async () => {
  const { stream, released, freed } = piped(2 ** 20);
  for (const block of ['a', 'b']) stream.write(block);
  await turn();
  stream.destroy();
  await turn();
  assert.deepEqual({ released, freed: freed() }, { released: ['a', 'b'], freed: [false, false] });
});
