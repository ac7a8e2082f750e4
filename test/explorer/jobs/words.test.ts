import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesInWords, durationInWords } from '../../../src/explorer/jobs/words.ts';

test('bytes are said in the unit that has one to three digits before the point', () => {
  const words = [0, 999, 1000, 64_000_000, 51_234_000_000, 999_999_999, 2e15, 5e18].map(bytesInWords);
  assert.deepEqual(words, ['0 bytes', '999 bytes', '1 kB', '64 MB', '51.2 GB', '1 GB', '2 PB', '5000 PB']);
});

test('durations are said in their two largest units', () => {
  const words = [0, 499, 1000, 59_600, 192_000, 7_200_000, 90_061_000].map(durationInWords);
  assert.deepEqual(words, ['less than 1 s', 'less than 1 s', '1 s', '1 min', '3 min 12 s', '2 h', '1 d 1 h']);
});
