import autocannon from 'autocannon';
import { notebookBody } from './bodies.ts';

/** Sends the notebook's request, 32 at a time, for so many seconds or so many times. */
export function sendSmall(origin: string, until: { readonly duration: number } | { readonly amount: number }) {
  return autocannon({
    url: `${origin}/v1/kl-divergence`,
    method: 'POST',
    headers: { 'content-type': notebookBody.type },
    body: notebookBody.bytes,
    connections: 32,
    ...until,
  });
}

/**
 * Has a server on Node answer so many small requests that V8 has compiled their path: over the first 30 000 one takes up to four times the
 * CPU, and on a route that does little up to twice. By their number and not by time, which would be too short beside other work.
 */
export async function compilePath({ origin }: { readonly origin: string }): Promise<void> {
  await sendSmall(origin, { amount: 40_000 });
}
