import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFlows } from '../../../../src/jobs/engines/bullmq/flows.ts';

test('jobs are queued one after the other, those after one that fails too', async () => {
  const begun: { readonly id: string; readonly end: PromiseWithResolvers<void> }[] = [];
  class FlowProducer {
    on() {}
    close() {}
    add({ data }: { readonly data: { readonly id: string } }) {
      const end = Promise.withResolvers<void>();
      begun.push({ id: data.id, end });
      return end.promise;
    }
  }
  type Arguments = Parameters<typeof createFlows>;
  const flows = createFlows({ FlowProducer, Queue: class {} } as unknown as Arguments[0], {} as Arguments[1], assert.ifError);
  const ids = () => begun.map(({ id }) => id);
  const [first, second, third] = ['a', 'b', 'c'].map((id) =>
    flows.add({ id, version: '1', run: 'r', sizes: [{ distributions: 1, bytes: 8 }] }),
  );
  await new Promise(setImmediate);
  assert.deepEqual(ids(), ['a']);
  begun[0].end.resolve();
  await first;
  await new Promise(setImmediate);
  assert.deepEqual(ids(), ['a', 'b']);
  begun[1].end.reject(new Error('timed out'));
  await assert.rejects(second, /timed out/);
  await new Promise(setImmediate);
  assert.deepEqual(ids(), ['a', 'b', 'c']);
  begun[2].end.resolve();
  await third;
});
