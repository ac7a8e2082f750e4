import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readNpy } from '../../../src/explorer/files/npy.ts';
import { openFile } from '../../../src/explorer/files/open-file.ts';
import { unzip } from '../../../src/explorer/files/zip.ts';
import { numbersOf } from '../../../src/explorer/tensors/dtype.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/numpy/${name}`, import.meta.url)));

const { files } = JSON.parse(new TextDecoder().decode(read('expected.json'))) as {
  files: Record<string, { shape: number[]; numbers: number[] }>;
};

for (const [name, { shape, numbers }] of Object.entries(files)) {
  test(`a .npy file of ${name} is read as NumPy reads it`, () => {
    const tensor = readNpy(read(`${name}.npy`));
    assert.deepEqual([tensor.shape, [...numbersOf(tensor)]], [shape, numbers]);
  });
}

test('a .npz file is read with its names, stored or compressed', async () => {
  const stored = await unzip(read('stored.npz'));
  assert.deepEqual([...stored.keys()], ['input.npy', 'target.npy']);
  const compressed = await unzip(read('compressed.npz'));
  const student = readNpy(compressed.get('student.npy') ?? new Uint8Array());
  assert.deepEqual(student.shape, [2, 3, 4]);
  assert.deepEqual(
    [...numbersOf(student)],
    Array.from({ length: 24 }, (_, place) => place / 2),
  );
});

test('of a .npz file, arrays of text, objects and records are left out, and one of them alone is refused', async () => {
  const open = (name: string, bytes: Uint8Array<ArrayBuffer>) => openFile(new File([bytes], name));
  const { tensors } = await open('labelled.npz', read('labelled.npz'));
  assert.deepEqual([...(tensors?.keys() ?? [])], ['logits']);
  for (const name of ['words', 'objects', 'records']) {
    const npy = (await unzip(read('labelled.npz'))).get(`${name}.npy`) ?? new Uint8Array();
    await assert.rejects(open('a.npy', Uint8Array.from(npy)), /a\.npy cannot be read: its numbers have a type/);
  }
});

test('what is no .npy file, and one that is cut short, is refused with a reason', () => {
  assert.throws(() => readNpy(new TextEncoder().encode('hello, this is text')), /does not begin as a \.npy file/);
  assert.throws(() => readNpy(read('float64.npy').subarray(0, 150)), /cut short/);
});

test('what is no ZIP archive is refused with a reason', async () => {
  await assert.rejects(unzip(new Uint8Array(100)), /no ZIP archive/);
});
