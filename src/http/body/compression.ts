import type { Readable } from 'node:stream';
import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createZstdCompress,
  createZstdDecompress,
} from 'node:zlib';
import type { Content } from '../../tasks/task.ts';
import { type ContentCoding, isContentCoding } from '../headers/content-coding.ts';

// the fastest levels: between machines on one network, time costs more than bytes
const zlib = { level: constants.Z_BEST_SPEED };
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

// as much as a socket gives at once: lines of a compressed stream then come in blocks as large as those of others
const chunks = { chunkSize: 2 ** 16 };

/** No frame may ask for more than 2²³ bytes of what came before: RFC 9659 allows HTTP no more. */
const zstdWindow = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

const codecs = {
  zstd: { compressor: () => createZstdCompress(zstd), decompressor: () => createZstdDecompress({ ...chunks, ...zstdWindow }) },
  br: { compressor: () => createBrotliCompress(brotli), decompressor: () => createBrotliDecompress(chunks) },
  gzip: { compressor: () => createGzip(zlib), decompressor: () => createGunzip(chunks) },
  deflate: { compressor: () => createDeflate(zlib), decompressor: () => createInflate(chunks) },
} as const satisfies Readonly<Record<ContentCoding, unknown>>;

/** How many bytes of what it has decoded a decoder keeps, at most. */
const windowBytes: Readonly<Record<ContentCoding, number>> = { zstd: 2 ** 23, br: 2 ** 24, gzip: 2 ** 15, deflate: 2 ** 15 };

/** Returns how many bytes the decoder of a coding keeps at most; 0 without a known coding. */
export function decoderBytes(coding: string | undefined): number {
  return coding !== undefined && isContentCoding(coding) ? windowBytes[coding] : 0;
}

/** The code of the error that ends a body which is not what its coding says. */
export const invalidCompression = 'INVALID_COMPRESSION';

/** Returns `content` in a coding, whatever its first bytes are. The threads of libuv compress it, as fast as it is read. */
export function compress(content: Content, coding: ContentCoding): Readable {
  const compressor = codecs[coding].compressor();
  for (const piece of typeof content === 'string' ? [content] : content) compressor.write(piece);
  compressor.end();
  return compressor;
}

/**
 * Returns what a body in a coding holds, decompressed as fast as it is read; nothing is read of the body before. A body that is malformed
 * or cut short, or has bytes behind its end, ends in an error with the code `invalidCompression`; one that does not arrive in its own
 * error. Members of gzip and frames of zstd that follow one another are one body, as their formats say.
 */
export function decompress(body: Readable, coding: ContentCoding): Readable {
  const decompressor = codecs[coding].decompressor();
  const { push } = decompressor;
  // zlib ends at the end of what it can decode, even if it has been given more
  decompressor.push = (chunk, encoding) => {
    if (chunk !== null || decompressor.writableLength === 0) return push.call(decompressor, chunk, encoding);
    decompressor.destroy(new Error('bytes follow the end of the compressed body'));
    return false;
  };
  decompressor.once('error', (error) => {
    if (error !== body.errored) Object.assign(error, { code: invalidCompression });
  });
  body.once('error', (error) => decompressor.destroy(error));
  decompressor.once('resume', () => body.pipe(decompressor));
  return decompressor;
}
