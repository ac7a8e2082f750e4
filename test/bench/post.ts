import { Agent, request } from 'undici';
import { type Body, notebookBody } from './bodies.ts';

const path = '/v1/kl-divergence';

/** As many connections as requests at a time; kept while the other competitors are at work. */
const dispatcher = new Agent({ keepAliveTimeout: 60_000, headersTimeout: 300_000, bodyTimeout: 300_000 });

/** The status of the answer to a request, and the milliseconds from its first byte to the last byte of the answer. */
export async function post(origin: string, { type, bytes }: Body, query = ''): Promise<{ status: number; ms: number }> {
  const begin = performance.now();
  const { statusCode, body } = await request(`${origin}${path}${query}`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': type },
    body: bytes,
  });
  for await (const _ of body);
  return { status: statusCode, ms: performance.now() - begin };
}

/** The milliseconds of a request that must succeed. */
export async function timedPost({ name, origin }: { name: string; origin: string }, body: Body, query = ''): Promise<number> {
  const { status, ms } = await post(origin, body, query);
  if (status !== 200) throw new Error(`${name} answers ${status}`);
  return ms;
}

/** Has a fresh server answer small requests one after another: it refuses some of many that come at once before its code is compiled. */
export async function warm(server: { name: string; origin: string }): Promise<void> {
  for (let k = 0; k < 300; k++) await timedPost(server, notebookBody);
}

/**
 * Has a server on Node answer so many large requests that V8 has compiled their path: of 2 × 10⁵ numbers the first twenty take more than
 * twice the CPU of those behind two hundred. By their number and not by time, which would be too short beside other work.
 */
export async function compileLargePath(server: { name: string; origin: string }, body: Body, query = ''): Promise<void> {
  for (let k = 0; k < 200; k++) await timedPost(server, body, query);
}
