import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readSafetensors, writeSafetensors } from '../../../src/explorer/files/safetensors.ts';
import { numbersOf } from '../../../src/explorer/tensors/dtype.ts';
import { jsonNumber } from '../../../src/explorer/tensors/tensor.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/safetensors/${name}`, import.meta.url)));

const { files } = JSON.parse(new TextDecoder().decode(read('expected.json'))) as {
  files: Record<string, Record<string, { shape: number[]; numbers: unknown[] }>>;
};

for (const [file, tensors] of Object.entries(files)) {
  test(`the safetensors file ${file} is read as the reference library reads it`, () => {
    const found = readSafetensors(read(`${file}.safetensors`)).tensors;
    for (const [name, { shape, numbers }] of Object.entries(tensors)) {
      // what a library meant before it wrote the bytes is no tensor of the file
      if (name === 'meant') continue;
      const tensor = found.get(name);
      assert.ok(tensor);
      assert.deepEqual(tensor.shape, shape);
      // JSON knows no −0
      assert.deepEqual(
        Array.from(numbersOf(tensor), (value) => jsonNumber(value) || 0),
        numbers.map((value) => value || 0),
      );
    }
  });
}

test('what is written is read again, with its bytes in place', () => {
  const bytes = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
  const { tensors } = readSafetensors(
    Buffer.concat(
      writeSafetensors({ input: { dtype: 'F32', shape: [2, 2], bytes }, target: { dtype: 'F64', shape: [1], bytes: new Uint8Array(8) } }),
    ),
  );
  const input = tensors.get('input');
  assert.ok(input);
  assert.deepEqual([input.dtype, input.shape, [...numbersOf(input)]], ['F32', [2, 2], [1, 2, 3, 4]]);
});

test('what is no safetensors file is refused with a reason', () => {
  assert.throws(() => readSafetensors(new TextEncoder().encode('PK and so on, a long text')), /does not begin as a safetensors file/);
});
