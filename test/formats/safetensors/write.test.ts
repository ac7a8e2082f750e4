import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import { readSafetensors } from './read-safetensors.ts';

const answer = {
  none: { shape: [2, 2], data: Float64Array.of(0.1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0) },
  sum: { shape: [], data: Float64Array.of(Math.PI) },
};

test('a written file has its metadata first, contiguous offsets and aligned data', () => {
  const bytes = new Uint8Array(Buffer.concat(writeSafetensors(answer, { unit: 'nats', Straße: '"' })));
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  assert.equal(
    header.trimEnd(),
    '{"__metadata__":{"unit":"nats","Straße":"\\""},"none":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]},"sum":{"dtype":"F64","shape":[],"data_offsets":[32,40]}}',
  );
  assert.deepEqual([...new Float64Array(bytes.buffer, 8 + length)], [...answer.none.data, Math.PI]);
});

const tensor = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const size = elementCount(shape);
  const data = fc.float64Array({ minLength: size, maxLength: size });
  return fc.record({ shape: fc.constant(shape), data }, { noNullPrototype: true });
});

test('what is written is read as it was', () => {
  const texts = fc.dictionary(fc.string(), fc.string());
  fc.assert(
    fc.property(tensor, tensor, texts, (input, target, metadata) => {
      assert.deepEqual(readSafetensors(new Uint8Array(Buffer.concat(writeSafetensors({ input, target }, metadata))), 100), {
        input,
        target,
      });
    }),
  );
});

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import numpy, safetensors']).status === 0);

test('the reference library reads what is written', {
  skip: python === undefined ? 'no Python with numpy and safetensors is here' : false,
}, () => {
  const code = `
import json, sys, safetensors.numpy
tensors = safetensors.numpy.load(sys.stdin.buffer.read())
print(json.dumps({name: [array.dtype.name, array.shape, [repr(float(x)) for x in array.ravel()]] for name, array in tensors.items()}))`;
  const { status, stdout } = spawnSync(python ?? '', ['-c', code], {
    input: Buffer.concat(writeSafetensors(answer, { unit: 'nats' })),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(String(stdout)), {
    none: ['float64', [2, 2], ['0.1', 'inf', '-inf', '-0.0']],
    sum: ['float64', [], ['3.141592653589793']],
  });
});
