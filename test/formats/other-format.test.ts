import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parseJson } from '../../src/formats/json/parse-json.ts';
import { faultsOf } from '../helper.ts';
import { readSafetensors } from './safetensors/read-safetensors.ts';

const json = Buffer.from('{"input": [1, 2], "target": [2, 1]}');
const header = Buffer.from('{"input": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}'.padEnd(72));
const safetensors = Buffer.concat([Buffer.from(BigUint64Array.of(72n).buffer), header, Buffer.alloc(16)]);

test('a body in another format than its Content-Type says is recognised, and the refusal says how to send it', () => {
  const bodies: [bytes: Buffer, advice: RegExp][] = [
    [gzipSync(json), /send Content-Encoding: gzip/],
    [zstdCompressSync(json), /send Content-Encoding: zstd/],
    [Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.alloc(200, 0x20)]), /a \.npy file/],
    [Buffer.from('PK\x03\x04rest', 'latin1'), /a zip archive, as \.npz/],
    [Buffer.from('\x80\x04\x95rest and more', 'latin1'), /a Python pickle/],
  ];
  for (const [bytes, advice] of bodies) {
    assert.match(faultsOf(() => parseJson(bytes, 100))[0].detail, advice);
    assert.match(faultsOf(() => readSafetensors(bytes, 100))[0].detail, advice);
  }
  assert.match(faultsOf(() => parseJson(safetensors, 100))[0].detail, /whose Content-Type is application\/vnd\.safetensors/);
  assert.match(faultsOf(() => readSafetensors(json, 100))[0].detail, /whose Content-Type is application\/json/);
});

test('a safetensors body with a header of 128 bytes is told from a Python pickle, which starts with the same byte', () => {
  const bytes = Buffer.concat([Buffer.from(BigUint64Array.of(128n).buffer), Buffer.from('{"input": {}}'.padEnd(128)), Buffer.alloc(16)]);
  assert.match(faultsOf(() => parseJson(bytes, 100))[0].detail, /whose Content-Type is application\/vnd\.safetensors/);
});
