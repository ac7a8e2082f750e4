import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';

const codings = ['zstd', 'br', 'gzip', 'deflate'] as const;

type Coding = (typeof codings)[number];

/** Answers from this length on are compressed for clients that accept it: numbers hardly shrink by half. */
export const compressMinBytes = 2 ** 16;

/** How answers are compressed, with the codings that a route offers. */
export function compressing(encodings: readonly Coding[]) {
  return {
    threshold: compressMinBytes,
    encodings: [...encodings],
    // the fastest levels: between machines that are near each other, time is dearer than bytes
    zlibOptions: { level: constants.Z_BEST_SPEED },
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
    customTypes: /^application\/(json|vnd\.safetensors|octet-stream)/,
  };
}

/** Request bodies are decompressed while they arrive; answers are compressed by `reply.compress`. */
export async function registerCompression(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    ...compressing(codings),
    globalCompression: false,
    requestEncodings: [...codings, 'identity'],
    onUnsupportedRequestEncoding: (coding) =>
      refuse('UNSUPPORTED_MEDIA_TYPE', '#', `the body is encoded with ${quote(coding)}; expected one of ${codings.join(', ')}, or none`),
  });
}
