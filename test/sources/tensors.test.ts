import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeTensor } from '../../src/sources/describe-tensor.ts';
import { readRows } from '../../src/sources/read-rows.ts';
import { readNumbers } from '../../src/tensor/dtypes.ts';
import { access, fixtureSources, fixtures } from './helper.ts';

const expectedOf = (folder: string) => JSON.parse(readFileSync(new URL(`${folder}/expected.json`, fixtures), 'utf8')).files;
const uriOf = (path: string) => new URL(path, fixtures).href;

for (const [name, { shape, numbers }] of Object.entries<{ shape: number[]; numbers: number[] }>(expectedOf('numpy'))) {
  if (name === 'fortran' || name === 'big_endian') continue;
  test(`the .npy file of NumPy with ${name} has its shape and its numbers`, async (t) => {
    const sources = fixtureSources(t);
    const tensor = await describeTensor(sources, { uri: uriOf(`numpy/${name}.npy`) }, access);
    assert.deepEqual(tensor.shape, shape);
    const { dtype, bytes } = await readRows(sources, tensor, 0, shape[0], access);
    assert.deepEqual([...readNumbers(dtype, bytes)], numbers);
  });
}
