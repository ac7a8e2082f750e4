import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { compress } from '../../../src/http/body/compression.ts';
import { contentCodings } from '../../../src/http/headers/content-coding.ts';
import { cases } from '../../cases.ts';
import { decoders } from '../decoders.ts';

/** A safetensors file of one number, whose header is padded to a length as the format allows. */
function fileWithHeader(length: number): Buffer {
  const file = Buffer.alloc(8 + length + 8, ' ');
  file.writeBigUInt64LE(BigInt(length), 0);
  file.write('{"sum":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}'.slice(0, length), 8);
  file.writeDoubleLE(Math.PI, 8 + length);
  return file;
}

/** Whether a file begins as zlib does where its header has this length. */
const looksLikeZlib = (length: number) => (length & 0x0f) === 8 && (((length & 0xff) << 8) | (length >> 8)) % 31 === 0;

for (const coding of contentCodings) {
  test(`a safetensors file with a header of any length from 0 to 64 Ki comes out of ${coding} as it went in`, async (t) => {
    const step = 2 ** 13 / cases(t, 2 ** 13, 2 ** 7);
    const lengths = Array.from({ length: 2 ** 13 + 1 }, (_, k) => 8 * k).filter((length, k) => k % step === 0 || looksLikeZlib(length));
    for (let at = 0; at < lengths.length; at += 64) await Promise.all(lengths.slice(at, at + 64).map(assertSame));

    async function assertSame(length: number): Promise<void> {
      const file = fileWithHeader(length);
      const sent = await buffer(compress([file], coding));
      assert.ok(decoders[coding](sent).equals(file), `a header of ${length} bytes`);
    }
  });

  test(`bytes that are in ${coding} already come out of it as they went in`, async () => {
    for (const inner of contentCodings) {
      const once = await buffer(compress('a text', inner));
      assert.ok(decoders[coding](await buffer(compress([once], coding))).equals(once), inner);
    }
  });
}

test('text and bytes in shared memory are compressed as other bytes are', async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(100_000)).fill(7);
  for (const coding of contentCodings) {
    assert.equal(decoders[coding](await buffer(compress('naïve', coding))).toString(), 'naïve');
    assert.ok(decoders[coding](await buffer(compress([shared], coding))).equals(Buffer.alloc(100_000, 7)), coding);
  }
});
