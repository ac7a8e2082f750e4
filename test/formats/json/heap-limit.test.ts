import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { cases, leftOut } from '../../cases.ts';

/** Lists, one after the other, that take JSON.parse much memory for their length, each in its own way. */
const costly: Record<string, (count: number) => string> = {
  'lists of a number': (count) => '[0],'.repeat(count),
  'empty lists': (count) => '[],'.repeat(count),
  'lists in lists': (count) => `${'['.repeat(60)}${']'.repeat(60)},`.repeat(count / 60),
  'pairs of a number and null': (count) => '[1.5,null],'.repeat(count),
  'numbers beside a null': (count) => `null,${'1.5,'.repeat(count)}`,
  'long numbers beside a null': (count) => `null,${'0.12345678901234567,'.repeat(count)}`,
  'small integers beside a null': (count) => `null,${'1,'.repeat(count)}`,
  'short strings, all different': (count) => each(count, (k) => `"${k.toString(36)}",`),
  'long strings, all different': (count) => each(count / 4, (k) => `"${k.toString(36).padStart(40, 'x')}",`),
  'long strings with one character beyond Latin-1': (count) => each(count / 10, (k) => `"€${k.toString(36).padStart(100, 'x')}",`),
  'long strings with one escape': (count) => each(count / 10, (k) => `"\\u20ac${k.toString(36).padStart(100, 'x')}",`),
  'bare NaN': (count) => 'NaN,'.repeat(count),
  'objects that differ in their names': (count) => each(Math.min(count, 65_000), (k) => `{"a${k}": 1},`),
  'an object of many names': (count) => `{${each(Math.min(count, 65_000), (k) => `"a${k}": 1.5,`)}"z": 1},`,
  'text that breaks at its end': (count) => `${'[1.5],'.repeat(count)}nul,`,
};

function each(count: number, part: (k: number) => string): string {
  return Array.from({ length: count }, (_, k) => part(k)).join('');
}

/** From 100 000 to 1.8 million in so many steps. */
const counts = (steps: number) => Array.from({ length: steps }, (_, step) => Math.round(100_000 * 18.2 ** (step / (steps - 1))));

for (const [place, [name, text]] of Object.entries(costly).entries()) {
  // of lists, numbers, strings and names one each
  const skip = place % 2 === 1 && leftOut;
  test(`${name} are read, or refused where a small heap has no room for them: they never end the thread`, { skip }, async (t) => {
    const bodies = counts(cases(t, 14, 5)).map((count) => shared(`{"target": [1], "input": [${text(count)}0]}`));
    const worker = new Worker(new URL('./parse-until-refused.ts', import.meta.url), {
      workerData: bodies,
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    const [outcomes]: [string[]] = (await once(worker, 'message')) as never;
    const read = outcomes.filter((outcome) => outcome !== 'BODY_TOO_COMPLEX');
    assert.ok(read.length > 2, `${outcomes}`);
  });
}

function shared(text: string): SharedArrayBuffer {
  const bytes = Buffer.from(text);
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}
