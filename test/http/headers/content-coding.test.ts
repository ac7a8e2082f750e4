import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentCodingOf, contentCodings, preferredCoding } from '../../../src/http/headers/content-coding.ts';

for (const [accepted, expected] of [
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['X-GZip;Q=0.5', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, deflate, br', 'br'],
  ['gzip;q=1.0, br;q=0.9, zstd;q=0', 'gzip'],
  ['gzip; q=0.5 , deflate ; q=0.8', 'deflate'],
  ['identity', undefined],
  ['Identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip', 'gzip'],
  ['identity, gzip', 'gzip'],
  ['*', 'gzip'],
  ['*;q=0', undefined],
  ['*, gzip;q=0', undefined],
  ['br;q=0.1, *;q=0.2', 'gzip'],
  ['compress, exi', undefined],
  ['gzip;q=0', undefined],
  ['gzip;q=0.000', undefined],
  ['gzip;q=2', undefined],
] as const) {
  test(`Accept-Encoding: ${accepted ?? '(none)'} likes ${expected ?? 'an answer as it is'}`, () => {
    assert.equal(preferredCoding(accepted, contentCodings), expected);
  });
}

for (const [named, expected] of [
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['IDENTITY', undefined],
  ['GZip', 'gzip'],
  ['X-GZIP', 'gzip'],
  ['br', 'br'],
  ['Compress', 'compress'],
  ['gzip, gzip', 'gzip, gzip'],
] as const) {
  test(`Content-Encoding: ${named ?? '(none)'} is ${expected ?? 'no coding'}`, () => {
    assert.equal(contentCodingOf({ 'content-encoding': named }), expected);
  });
}
