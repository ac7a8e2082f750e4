import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergePartials } from '../../../src/jobs/shards/merge.ts';
import { bytesOfPartial } from '../../../src/jobs/shards/partial-bytes.ts';
import { computeShard } from '../../../src/jobs/shards/shard.ts';
import { jobOf } from './helper.ts';
import { pairOf } from './pairs.ts';

const pair = pairOf({ seed: 3, rows: 9, outcomes: 20, dtype: 'float32', odd: 0 }, 'logits', false);

/** The answer of a job whose shards were computed by machines that round so, one after the other. */
async function answerOf(roundings: readonly string[]) {
  const { plan, tools } = jobOf([pair], { reduction: 'sum', strict: true }, { shards: 3 });
  const partials = plan.ends.map(async (_, shard) =>
    bytesOfPartial(await computeShard(plan, shard, { ...tools, rounding: roundings[shard % roundings.length] })),
  );
  const answer = await mergePartials(plan, await Promise.all(partials));
  return (answer as { warnings: { code: string; severity: string; message: string; details: unknown }[] }).warnings;
}

test('MIXED_ROUNDING is raised where machines of two kinds have computed a job, and not where they round alike', async () => {
  assert.deepEqual(await answerOf(['fused']), []);
  const [{ code, severity, message, details }, ...others] = await answerOf(['separate', 'fused']);
  assert.deepEqual([code, severity, others.length], ['MIXED_ROUNDING', 'info', 0]);
  assert.deepEqual(details, { roundings: ['fused', 'separate'] });
  assert.equal(message.split(/[.!?](?=\s|$)/).filter((sentence) => sentence !== '').length, 2);
});
