import type { Readable } from 'node:stream';
import { createChunkBuffer } from './chunk-buffer.ts';
import { bodyTooLarge, brokenBody } from './receive-body.ts';

/**
 * Reads a body that holds no tensor, and is short therefore. Not by iteration: what leaves a loop early takes the connection from the
 * request, and compressed bodies flow to listeners only.
 * @throws RequestError BODY_TOO_LARGE, BAD_REQUEST, INVALID_COMPRESSION
 */
export function readBytes(payload: Readable, maxBytes: number): Promise<Buffer> {
  const chunks = createChunkBuffer();
  return new Promise((resolve, reject) => {
    function keep(chunk: Buffer): void {
      chunks.append(chunk);
      if (chunks.length() <= maxBytes) return;
      payload.pause();
      payload.off('data', keep);
      reject(bodyTooLarge({ bodyLimitBytes: maxBytes }));
    }
    payload.on('data', keep);
    payload.once('end', () => resolve(chunks.take()));
    payload.once('error', (error) => reject(brokenBody(error)));
  });
}
