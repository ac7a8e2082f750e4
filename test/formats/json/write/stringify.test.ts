import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TensorForm } from '../../../../src/formats/divergence-request.ts';
import { nest } from '../../../../src/formats/json/write/encode-tensor.ts';
import { jsonTensor } from '../../../../src/formats/json/write/json-tensor.ts';
import { jsonChunks, jsonText, writeChunks } from '../../../../src/formats/json/write/stringify.ts';
import { elementCount } from '../../../../src/tensor/tensor.ts';

const forms = ['nested', 'flat', 'base64'] as const;

function tensorOf(shape: readonly number[]) {
  const data = Float64Array.from({ length: elementCount(shape) }, (_, k) => (k % 10 === 0 ? Number.POSITIVE_INFINITY : Math.sin(k)));
  return { shape, data };
}

function answerOf(shape: readonly number[], form: TensorForm) {
  const tensor = jsonTensor(tensorOf(shape), form);
  const none = { results: { none: tensor, sum: 1.5, per_distribution: [tensor], nothing: null }, warnings: [{ message: 'é' }] };
  return { items: [{ id: 1, ...none }, { status: 422 }, none], totals: { lines: 2 } };
}

/** The lists and texts of every tensor, built at once. */
function plain({ shape, data }: ReturnType<typeof tensorOf>, form: TensorForm): unknown {
  const finite = (value: number) => (Number.isFinite(value) ? value : 'Infinity');
  if (form === 'nested') return nest(data, shape, finite);
  if (form === 'flat') return { shape, data: Array.from(data, finite) };
  return { shape, dtype: 'float64', base64: Buffer.from(data.buffer).toString('base64') };
}

for (const shape of [
  [1],
  [5, 2],
  [4096],
  [4097],
  [100_000],
  [5000, 1],
  [1, 5000],
  [3, 5000],
  [2, 3, 1000, 2],
  [9, 11, 13, 17],
  [300, ...Array(31).fill(1)],
]) {
  for (const form of forms) {
    test(`a ${form} tensor of shape [${shape}] is the same JSON in pieces as at once`, () => {
      const tensor = tensorOf(shape);
      const written = jsonTensor(tensor, form);
      assert.deepEqual(JSON.parse([...jsonChunks(written)].join('')), plain(tensor, form));
      assert.deepEqual(JSON.parse(JSON.stringify(written)), plain(tensor, form));
    });
  }
}

test('a tensor of any shape is the same JSON in pieces as at once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), (sizes) => {
      let count = 1;
      const shape = sizes.filter((size) => {
        if (count * size > 50_000) return false;
        count *= size;
        return true;
      });
      const tensor = tensorOf(shape);
      assert.equal([...jsonChunks(jsonTensor(tensor, 'nested'))].join(''), JSON.stringify(plain(tensor, 'nested')));
    }),
    { numRuns: 200 },
  );
});

test('no piece of a long tensor holds more than a few thousand numbers', () => {
  for (const form of forms) {
    for (const shape of [[1_000_000], [500_000, 2], [2, 500_000], [30_000, ...Array(31).fill(1)]]) {
      for (const piece of jsonChunks(jsonTensor(tensorOf(shape), form))) assert.ok(piece.length < 200_000, `${piece.length} characters`);
    }
  }
});

for (const form of forms) {
  for (const length of [0, 100, 10_000, 1_000_000]) {
    test(`an answer with ${form} tensors that is written piece by piece, into ${length} bytes, is the text that it is in one`, () => {
      const answer = answerOf([100, 50], form);
      const into = Buffer.alloc(length);
      const written = writeChunks(jsonChunks(answer), into);
      assert.equal(Buffer.concat(written).toString(), jsonText(answer));
      assert.equal(
        written.every(({ buffer }) => buffer === into.buffer),
        length === 1_000_000,
      );
    });
  }
}
