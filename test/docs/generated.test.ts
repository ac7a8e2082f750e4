import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateDocs } from '../../docs/generate.ts';
import { settingRows } from '../../src/config.ts';

for (const [path, text] of Object.entries(generateDocs())) {
  test(`the committed ${path} is the one that is generated (npm run docs)`, () => {
    assert.equal(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), text);
  });
}

test('the documented defaults are the same on every machine', () => {
  const small = settingRows({ memory: 2 ** 28, heap: 2 ** 27, cores: 1 });
  const large = settingRows({ memory: 2 ** 38, heap: 2 ** 33, cores: 96 });
  assert.deepEqual(small, large);
});

test('defaults in words name the values of a large machine', () => {
  const rows = settingRows({ memory: 2 ** 38, heap: 2 ** 33, cores: 96 });
  const beginnings = rows.map(({ variable, fallback }) => [variable, fallback.split(' ')[0]]);
  const numbers = Object.fromEntries(beginnings.filter(([, first]) => /^\d{6,}$/.test(first)));
  assert.deepEqual(Object.values(numbers).map(Number), [64 * 2 ** 20, 8 * 2 ** 20, 2 ** 27, 7 * 24 * 3600]);
});
