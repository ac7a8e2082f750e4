import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createItemScanner } from '../../src/kernels/item-scanner.ts';
import { runTask } from '../../src/tasks/tasks.ts';
import { bodyOf, jsonInput } from './json-task.ts';

const small = { input: [1, 2], target: [2, 1] };
const long = { input: Array(5000).fill(1), target: Array(5000).fill(2) };

/** The pieces of the answer to a batch, as a thread writes them. */
function piecesOf(items: readonly object[]): Uint8Array[] {
  const { answered } = runTask({ ...jsonInput, task: 'batch' }, bodyOf({ items }), { scanItems: createItemScanner(), writesInPlace: true });
  assert.ok(answered !== undefined && typeof answered.content !== 'string');
  return [...answered.content];
}

test('the answers of a hundred small items are one piece of memory', () => {
  assert.equal(piecesOf(Array(100).fill(small)).length, 1);
});

test('the list of answers is closed behind the last of them, however many there are', () => {
  const batches = [1, 99, 100, 101, 200].map((count) => Array(count).fill(small));
  for (const items of [...batches, [long], [small, long], [long, small], [...batches[2], long]]) {
    const { items: answers } = JSON.parse(Buffer.concat(piecesOf(items)).toString());
    assert.deepEqual(
      answers.map(({ status, support_size }: { status: number; support_size: number }) => [status, support_size]),
      items.map((item) => [200, item.input.length]),
    );
  }
});
