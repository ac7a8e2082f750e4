import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { defaultLimits, type SourceLimits } from '../../src/sources/source-settings.ts';
import { newSources } from './helper.ts';

/** The bytes that the server has: each is its place, modulo 251. */
export const stored = Uint8Array.from({ length: 40_000 }, (_, place) => place % 251);

type Say = { etag?: string | undefined; total?: number; bytes?: Uint8Array; headers?: Record<string, string> };

/** The range that a request asks for. */
export const rangeOf = (header: string | undefined): [from: number, to: number] => {
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(header ?? '') ?? [];
  return [Number(from), Number(last) + 1];
};

/** An honest answer to a request for a range, but for what is said otherwise. */
export function range(
  response: ServerResponse,
  [from, to]: [number, number],
  { etag = '"1"', total = stored.length, bytes, headers }: Say = {},
) {
  response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${total}`, ...(etag === '' ? {} : { etag }), ...headers });
  response.end(bytes ?? stored.subarray(from, to));
}

/** A server, and sources that may read from it. `requests` are the headers that it got. */
export async function lying(t: TestContext, listener: RequestListener, limits: Partial<SourceLimits> = {}) {
  const requests: Record<string, string | string[] | undefined>[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const prefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
  const all = { ...defaultLimits, pauseMs: 1, ...limits };
  const sources = newSources(t, { prefixes: [prefix], privateNetworks: ['127.0.0.1'], limits: all });
  return { uri: `${prefix}/q.npy`, sources, requests };
}
