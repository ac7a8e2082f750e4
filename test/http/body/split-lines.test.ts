import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../src/errors/request-error.ts';
import { type Block, createLineSplitter } from '../../../src/http/body/split-lines.ts';

/** What chunks become: the text of each block, or the code of what stands for a line. */
async function blocksOf(longest: number, chunks: readonly (string | Error)[]): Promise<string[]> {
  const stream = createLineSplitter(longest);
  const blocks: string[] = [];
  stream.on('data', (block: Block) =>
    blocks.push('refused' in block ? block.refused.code : `${block.count} ${Buffer.concat(block.chunks).toString()}`),
  );
  const ended = new Promise((resolve) => stream.once('end', resolve));
  for (const chunk of chunks) stream.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  stream.end();
  await ended;
  return blocks;
}

test('what has come up to the last line feed is a block; what comes after it waits for its end', async () => {
  assert.deepEqual(await blocksOf(100, ['a\nb\nc', 'd', 'e\n', 'f']), ['2 a\nb\n', '1 cde\n', '1 f']);
  assert.deepEqual(await blocksOf(100, ['a', '\nb\nc\nd']), ['3 a\nb\nc\n', '1 d']);
});

test('blank lines are not counted, and a block of nothing else is none', async () => {
  assert.deepEqual(await blocksOf(100, ['\n\r\n \t\n', '\n', 'a\n\n', ' ']), ['1 a\n\n']);
});

test('a refusal stands for a line that is too long, at its place, however it is cut into chunks', async () => {
  const tooLong = 'BODY_TOO_LARGE';
  assert.deepEqual(await blocksOf(3, ['abc\nabcd\nabc\n']), ['1 abc\n', tooLong, '1 abc\n']);
  assert.deepEqual(await blocksOf(3, ['ab', 'cd', 'efgh', 'i\nj\n']), [tooLong, '1 j\n']);
  assert.deepEqual(await blocksOf(3, ['ab', 'cd\nj', '\nabc\nabcd']), [tooLong, '1 j\n', '1 abc\n', tooLong]);
  assert.deepEqual(await blocksOf(3, ['abcd', 'efgh']), [tooLong]);
  assert.deepEqual(await blocksOf(3, ['abc', '\n']), ['1 abc\n']);
});

test('an error in the place of bytes is the last block, and the line that it cut short is none', async () => {
  assert.deepEqual(await blocksOf(100, ['a\nb', refuse('BAD_REQUEST', '#', 'broken')]), ['1 a\n', 'BAD_REQUEST']);
});

test('a line that comes byte by byte takes no more memory than a few times its bytes', async () => {
  let held = 0;
  const stream = createLineSplitter(
    2 ** 20,
    (bytes) => {
      held = bytes;
    },
    (work) => work(),
  );
  stream.resume();
  const before = process.memoryUsage().rss;
  for (let k = 0; k < 2 ** 19; k++) stream.write(Buffer.from('x'));
  assert.equal(held, 2 ** 19);
  assert.ok(process.memoryUsage().rss - before < 2 ** 27);
  stream.destroy();
});

test('a large request stands in a block of its own', async () => {
  const large = 'x'.repeat(1000);
  assert.deepEqual(await blocksOf(2000, [large, `${large.slice(0, 10)}\nb\nc\n`]), [`1 ${large}${large.slice(0, 10)}\n`, '2 b\nc\n']);
});

test('however many chunks there are at once, others have their turn between them', async () => {
  const stream = createLineSplitter(100);
  let turns = 0;
  let isTurning = true;
  const turn = () => {
    turns++;
    if (isTurning) setImmediate(turn);
  };
  setImmediate(turn);
  const turnsAt: number[] = [];
  stream.on('data', () => turnsAt.push(turns));
  for (let chunk = 0; chunk < 50; chunk++) stream.write(Buffer.from('a\n'));
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  isTurning = false;
  assert.equal(new Set(turnsAt).size, 50);
});
