import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { sharedBody, writerOf } from '../../src/memory/shared-body.ts';
import { createExecutor } from '../../src/pool/executor.ts';
import type { TaskResult } from '../../src/tasks/task.ts';
import { budgets, workOf } from './work-of.ts';

const work = workOf({ task: 'safetensors', query: { reduction: 'per_distribution' } });
const never = new AbortController().signal;

const contentOf = ({ answered }: TaskResult) =>
  [answered?.content ?? ''].flat().map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString()));

/** Memory with the bytes of an earlier request. */
const used = (bytes: number) => {
  const memory = new SharedArrayBuffer(bytes);
  new Uint8Array(memory).fill(0x41);
  return memory;
};

test('threads that begin while safetensors arrive read no byte that has not come', async (t) => {
  const workers = createExecutor({ threads: 2, heapMb: 500 }, budgets, () => {});
  t.after(() => workers.close());
  await workers.start();
  const tensor = (shift: number) => ({ shape: [4000, 100], data: Float64Array.from({ length: 400_000 }, (_, k) => Math.sin(k + shift)) });
  const file = Buffer.concat(writeSafetensors({ input: tensor(0), target: tensor(1) }, {}));
  const sent = async (pieceBytes: number) => {
    const body = sharedBody(file.length, 0, used);
    const append = writerOf(body);
    const whole = Promise.withResolvers<void>();
    const result = workers.runInWorker(work, { body, whole: whole.promise }, never);
    for (let at = 0; at < file.length; at += pieceBytes) {
      append(file.subarray(at, at + pieceBytes));
      await new Promise(setImmediate);
    }
    whole.resolve();
    return contentOf(await result);
  };
  const atOnce = await sent(file.length);
  assert.match(atOnce.join(''), /"per_distribution"/);
  for (const pieceBytes of [2 ** 16, 2 ** 18 + 1]) assert.deepEqual(await sent(pieceBytes), atOnce);
});
