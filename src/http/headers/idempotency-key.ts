import type { FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';

/** Longest accepted key, in characters. */
const longestKey = 255;

/**
 * Returns the Idempotency-Key of a request, in quotes as a structured field has it, or without as most clients send it.
 * @throws RequestError BAD_REQUEST
 */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return undefined;
  const text = [sent].flat().join(',').trim();
  const key = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  if (key !== '' && key.length <= longestKey && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(key)) return key;
  throw refuse('BAD_REQUEST', '#', `expected Idempotency-Key to be one text of 1 to ${longestKey} printable characters`);
}
