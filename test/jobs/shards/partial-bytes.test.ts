import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfPartial, partialOf } from '../../../src/jobs/shards/partial-bytes.ts';
import { computeShard } from '../../../src/jobs/shards/shard.ts';
import { jobOf } from './helper.ts';
import { pairOf } from './pairs.ts';

const pair = pairOf({ seed: 3, rows: 900, outcomes: 20, dtype: 'float32', odd: 0.3 }, 'logits', true);

test('a partial is read as it was written, infinities, sums and numbers too', async () => {
  for (const keepsRows of [true, false]) {
    const { plan, tools } = jobOf([pair], { statistics: true, divergences: ['kl', 'renyi:2'] }, { keepsRows });
    const partial = await computeShard(plan, 0, tools);
    const bytes = bytesOfPartial(partial);
    const again = partialOf(bytes);
    assert.deepEqual(bytesOfPartial(again), bytes);
    const { values, weights } = again.items[0].rows[0] ?? {};
    assert.deepEqual(values, partial.items[0].rows[0]?.values);
    assert.deepEqual(weights, partial.items[0].rows[0]?.weights);
    assert.deepEqual(
      again.items[0].members.map(({ sum }) => sum.value()),
      partial.items[0].members.map(({ sum }) => sum.value()),
    );
  }
});

test('a partial takes some KB, however many distributions a shard has, unless they are kept', async () => {
  const { plan, tools } = jobOf([pair], {});
  assert.ok(bytesOfPartial(await computeShard(plan, 0, tools)).length < 4000);
});
