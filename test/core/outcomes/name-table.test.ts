import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNameTable } from '../../../src/core/outcomes/name-table.ts';

test('equal names have one code, counted in the order in which they were first seen, and a code gives its name', () => {
  const table = createNameTable();
  const names = Array.from({ length: 5000 }, (_, k) => `${'é'.repeat(k % 7)} token ${k % 3000}`);
  const known = new Map<string, number>();
  for (const name of ['', ...names, ...names]) {
    const bytes = Buffer.from(`"${name}"`);
    if (!known.has(name)) known.set(name, known.size);
    assert.equal(table.codeOf(bytes, 1, bytes.length - 1), known.get(name));
  }
  assert.equal(table.size(), known.size);
  for (const [name, code] of known) assert.equal(table.nameOf(code), name);
});
