import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesInWords,
  durationInWords,
  hasWeights,
  meanInWords,
  progressParts,
  retriedInWords,
  timeInWords,
} from '../../../src/explorer/jobs/words.ts';

test('bytes are said in the unit that has one to three digits before the point', () => {
  const words = [0, 999, 1000, 64_000_000, 51_234_000_000, 999_999_999, 2e15, 5e18].map(bytesInWords);
  assert.deepEqual(words, ['0 bytes', '999 bytes', '1 kB', '64 MB', '51.2 GB', '1 GB', '2 PB', '5000 PB']);
});

test('durations are said in their two largest units', () => {
  const words = [0, 499, 1000, 59_600, 192_000, 7_200_000, 90_061_000].map(durationInWords);
  assert.deepEqual(words, ['less than 1 s', 'less than 1 s', '1 s', '1 min', '3 min 12 s', '2 h', '1 d 1 h']);
});

test('progress is said in shards, distributions and bytes, and retries only where there were some', () => {
  const job = (retried: number) =>
    ({
      progress: { shards: { done: 3, total: 1200, retried }, distributions: { done: 0, total: 5 }, bytes: { done: 1e6, total: 2e9 } },
    }) as never;
  assert.deepEqual(
    progressParts(job(0)).map(({ words }) => words.replace(/[^\w. ]/g, ',')),
    ['3 of 1200 shards', '0 of 5 distributions', '1 MB of 2 GB'],
  );
  assert.deepEqual([0, 1, 2].map(job).map(retriedInWords), ['', '1 retry', '2 retries']);
  assert.match(timeInWords('2026-11-29T10:00:00Z'), /2026/);
});

test('an answer tells of weights by its divisor, or by distributions that were not read', () => {
  const kl = (divisor: number, count: number) =>
    ({ divisors: { distribution_mean: divisor }, distributions: 3, statistics: { count } }) as never;
  const family = (count: number) => ({ divisors: {}, distributions: 3, divergences: { kl: { statistics: { count } } } }) as never;
  const bare = { divisors: { sum: 1 }, distributions: 3 } as never;
  assert.deepEqual([kl(3, 3), kl(2, 2), kl(3, 2), kl(1.5, 3), family(3), family(2), bare].map(hasWeights), [
    undefined,
    true,
    true,
    true,
    undefined,
    true,
    undefined,
  ]);
  assert.deepEqual([kl(1.5, 3), bare].map(meanInWords), ['weighted mean', 'mean (weighted if there are weights)']);
});
