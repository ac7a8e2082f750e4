import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../../src/explorer/files/safetensors.ts';
import { emptyState } from '../../../src/explorer/state/state.ts';
import { takeFiles } from '../../../src/explorer/state/take-files.ts';
import type { ByteTensor } from '../../../src/explorer/tensors/dtype.ts';

const tensorOf = (...numbers: number[]): ByteTensor => ({
  dtype: 'F64',
  shape: [numbers.length],
  bytes: new Uint8Array(Float64Array.from(numbers).buffer),
});

const file = (name: string, tensors: Readonly<Record<string, ByteTensor>>) => new File(writeSafetensors(tensors), name);

test('a small file goes into the editor of the side that it was dropped on, and takes the place of a file there', async () => {
  const large = file('large.safetensors', { teacher: tensorOf(...Array(3000).fill(1)) });
  const first = { ...emptyState, ...(await takeFiles([large], 'target', emptyState)) };
  assert.deepEqual([first.attached.target?.chosen, first.texts.target], ['teacher', emptyState.texts.target]);
  const second = await takeFiles([file('small.safetensors', { a: tensorOf(1, 2) })], 'target', first);
  assert.deepEqual([second.attached, JSON.parse(String(second.texts?.target))], [{}, [1, 2]]);
});

test('two files are input and target in this order, unless their names say which is which', async () => {
  const texts = async (...names: string[]) => {
    const files = names.map((name, place) => new File([`[${place}, 1]`], name));
    const taken = await takeFiles(files, 'input', emptyState);
    return [taken.texts?.input, taken.texts?.target];
  };
  assert.deepEqual(await texts('a.json', 'b.json'), ['[0, 1]', '[1, 1]']);
  assert.deepEqual(await texts('my-target.json', 'my-input.json'), ['[1, 1]', '[0, 1]']);
});

test('a file with tensors input and target is both sides, and its weights go into their editor', async () => {
  const both = file('both.safetensors', { input: tensorOf(1, 2), target: tensorOf(2, 1), weights: tensorOf(1) });
  const { texts } = await takeFiles([both], 'target', emptyState);
  assert.deepEqual(
    [texts?.input, texts?.target, texts?.weights].map(String).map((text) => JSON.parse(text)),
    [[1, 2], [2, 1], [1]],
  );
});

test('rows of text stand in the editor as they are, and a file of a kind that the page does not know is refused', async () => {
  const { texts } = await takeFiles([new File(['1,2\n3,4\n'], 'rows.csv')], 'input', emptyState);
  assert.match(String(texts?.input), /^1,2\n3,4/);
  await assert.rejects(takeFiles([new File(['x'], 'a.exe')], 'input', emptyState), /a\.exe: this page opens \.npy/);
});
