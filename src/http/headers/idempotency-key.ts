import type { FastifyRequest } from 'fastify';
import { refuse } from '../../errors/request-error.ts';
import { quote } from '../../errors/wording.ts';
import { longestKey } from '../../schema/jobs.ts';

/**
 * Returns the Idempotency-Key of a request, in quotes as a structured field has it, or without as most clients send it.
 * @throws RequestError BAD_REQUEST
 */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return undefined;
  const text = [sent].flat().join(',').trim();
  if (text.length <= longestKey && /^[!-~]([ -~]*[!-~])?$/.test(text)) return /^"(.+)"$/.exec(text)?.[1] ?? text;
  throw refuse(
    'BAD_REQUEST',
    '#',
    `expected Idempotency-Key to be one text of 1 to ${longestKey} printable characters, got ${quote(text)}`,
  );
}
