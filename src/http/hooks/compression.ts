import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';

const codings = ['zstd', 'br', 'gzip', 'deflate'] as const;

type Coding = (typeof codings)[number];

/** Length in bytes from which answers are compressed, for clients that accept it: numbers hardly shrink by half. */
export const compressMinBytes = 2 ** 16;

/** Returns the options of `@fastify/compress` for answers in one of these codings. */
export function compressing(encodings: readonly Coding[]) {
  return {
    threshold: compressMinBytes,
    // never on the event loop
    syncThreshold: 0,
    encodings: [...encodings],
    // the fastest levels: between machines on one network, time costs more than bytes
    zlibOptions: { level: constants.Z_BEST_SPEED },
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
    customTypes: /^application\/(json|vnd\.safetensors|octet-stream)/,
  };
}

/** Decompresses request bodies while they arrive. Routes compress their answers with `reply.compress`. */
export async function registerCompression(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    ...compressing(codings),
    globalCompression: false,
    requestEncodings: [...codings, 'identity'],
    onUnsupportedRequestEncoding: (coding) =>
      refuse('UNSUPPORTED_MEDIA_TYPE', '#', `the body is encoded with ${quote(coding)}; expected one of ${codings.join(', ')}, or none`),
  });
}
