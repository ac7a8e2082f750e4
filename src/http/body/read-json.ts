import type { Readable } from 'node:stream';
import { parseJson } from '../../formats/json/parse-json.ts';
import { refuseQuery } from '../../formats/json/read-request.ts';
import { createChunkBuffer } from './chunk-buffer.ts';
import { bodyTooLarge, brokenBody } from './receive-body.ts';

/**
 * Reads a body that holds no tensor, and is short therefore.
 * @throws RequestError BODY_TOO_LARGE, BAD_REQUEST, INVALID_JSON
 */
export async function readJson(payload: Readable, query: Readonly<Record<string, string | string[]>>, maxBytes: number): Promise<unknown> {
  refuseQuery(query);
  const chunks = createChunkBuffer();
  try {
    for await (const chunk of payload) {
      chunks.append(chunk as Buffer);
      if (chunks.length() > maxBytes) break;
    }
  } catch (error) {
    throw brokenBody(error as Error & { code?: string });
  }
  if (chunks.length() > maxBytes) throw bodyTooLarge({ bodyLimitBytes: maxBytes });
  return parseJson(chunks.take(), maxBytes);
}
