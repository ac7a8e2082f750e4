import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveList, type Listed } from '../../src/memory/live-list.ts';

type Item = Listed & { readonly name: string };

function listOf(...names: string[]) {
  const list = createLiveList<Item>();
  const items = names.map((name) => ({ name }));
  for (const item of items) list.add(item);
  return { list, items, namesIn: () => list.all.map(({ name }) => name).sort() };
}

test('a list holds what was added and not removed, whichever goes first', () => {
  const { list, items, namesIn } = listOf('a', 'b', 'c', 'd');
  list.remove(items[1]);
  assert.deepEqual(namesIn(), ['a', 'c', 'd']);
  list.remove(items[3]);
  list.remove(items[0]);
  assert.deepEqual(namesIn(), ['c']);
  list.remove(items[2]);
  assert.deepEqual(namesIn(), []);
});

test('what is added twice is there once, and what is removed twice takes nothing else with it', () => {
  const { list, items, namesIn } = listOf('a', 'b', 'c');
  list.add(items[0]);
  list.remove(items[1]);
  list.remove(items[1]);
  assert.deepEqual(namesIn(), ['a', 'c']);
  list.add(items[1]);
  assert.deepEqual(namesIn(), ['a', 'b', 'c']);
});
