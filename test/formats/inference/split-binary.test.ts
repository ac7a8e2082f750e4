import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBody } from '../../../src/formats/inference/split-binary.ts';
import { faultPlaces } from '../../helper.ts';

test('in a worker, JSON and bytes come apart unharmed, and the bytes lie where float64 can, wherever the body lies and the JSON ends', () => {
  for (let offset = 0; offset < 8; offset++) {
    for (let length = 0; length < 20; length++) {
      const body = Buffer.from(new SharedArrayBuffer(64)).subarray(offset, offset + length + 16);
      for (let at = 0; at < body.length; at++) body[at] = at + 1;
      const { json, binary } = splitBody(body, String(length));
      const expected = Array.from({ length: length + 16 }, (_, at) => at + 1);
      assert.deepEqual([...json], expected.slice(0, length));
      assert.deepEqual([...binary], expected.slice(length));
      // there is no room to move into before the body
      if (length >= 8) assert.equal(binary.byteOffset % 8, 0);
    }
  }
});

test('on the event loop, JSON and bytes come apart, and the body stays as it came', () => {
  const body = Buffer.from('{ }12345678');
  const { json, binary } = splitBody(body, '3');
  assert.deepEqual([json.toString(), Buffer.from(binary).toString(), body.toString()], ['{ }', '12345678', '{ }12345678']);
});

test('without a length, all of a body is JSON', () => {
  const { json, binary } = splitBody(Buffer.from('{}'), undefined);
  assert.equal(json.toString(), '{}');
  assert.equal(binary.length, 0);
});

test('a length that is none, or goes beyond the body, is refused', () => {
  for (const length of ['', '-1', '3', '1.5', '1e0', ' 1', '0x1', '2, 2', 'NaN', '99999999999999999999']) {
    assert.deepEqual(
      faultPlaces(() => splitBody(Buffer.from('{}'), length)),
      ['INVALID_BINARY_TENSORS #'],
      length,
    );
  }
});
