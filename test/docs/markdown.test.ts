import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json, wrapped } from '../../docs/markdown.ts';

const words = (count: number) => Array(count).fill('four').join(' ');

test('paragraphs and items of lists are wrapped anew at 100 columns, and what goes on under an item is indented', () => {
  assert.equal(wrapped(`${words(18)}\n${words(4)}\nfour`), `${words(20)}\n${words(3)}`);
  assert.equal(wrapped(`- ${words(22)}\n  four\n- four\n`), `- ${words(19)}\n  ${words(4)}\n- four\n`);
});

test('headings, tables, comments and code stay as they are', () => {
  for (const line of [`# ${words(30)}`, `| ${words(30)} |`, `<!-- ${words(30)} -->`, `\`\`\`\n${words(30)}\n\nfour\n\`\`\``]) {
    assert.equal(wrapped(`${line}\n\nfour\n`), `${line}\n\nfour\n`);
  }
});

test('JSON has what is short on one line, and the rest indented', () => {
  const long = 'x'.repeat(50);
  assert.equal(json({ a: [1, 2], b: {} }), '{ "a": [1, 2], "b": {} }');
  assert.equal(json({ a: [long, long], b: [1] }), `{\n  "a": [\n    "${long}",\n    "${long}"\n  ],\n  "b": [1]\n}`);
});
