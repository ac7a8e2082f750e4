import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** Both sides of a shard have 64 MiB. */
const shardBytes = 2 ** 25;
const columns = 2 ** 10;

/** As `numpy.save` writes it, for so many rows of float64. */
function npyHeader(rows: number): Buffer {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`.padEnd(117);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0]), Buffer.from(`${text}\n`)]);
}

/** How the server behaves. @property held the shards, by their numbers, whose answers were held back */
type State = {
  /** Whether the answers to reads of a shard are held back. */
  isHeld: (shard: number) => boolean;
  readonly held: Set<number>;
  etag: string;
  /** What becomes of the next answers, one after the other, of those of a shard. */
  readonly faults: ('refused' | 'cut')[];
};

/** A server of `input.npy` and `target.npy`, each of so many shards of logits, that does what its `state` says. */
export async function storedLogits(t: TestContext, shards: number) {
  const header = npyHeader((shards * shardBytes) / (8 * columns));
  const size = header.length + shards * shardBytes;
  const numbers = { input: 1, target: 1.01 };
  const blocks = Object.fromEntries(
    Object.entries(numbers).map(([name, phase]) => [
      name,
      Buffer.from(Float64Array.from({ length: 2 ** 17 }, (_, k) => 3 * Math.sin(k * 1.7 + phase)).buffer),
    ]),
  );
  const state: State = { isHeld: () => false, held: new Set(), etag: '"1"', faults: [] };
  const server = createServer(async (request, response) => {
    const [, name] = /^\/(input|target)\.npy$/.exec(request.url ?? '') ?? [];
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const [from, to] = [Number(first), Number(last) + 1];
    const shard = Math.floor((from - header.length) / shardBytes);
    while (shard >= 0 && state.isHeld(shard) && !response.destroyed) {
      state.held.add(shard);
      await sleep(20);
    }
    const fault = shard >= 0 ? state.faults.shift() : undefined;
    if (fault === 'refused') return response.writeHead(503, { 'retry-after': '0' }).end();
    response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${size}`, etag: state.etag });
    if (from < header.length) return response.end(header.subarray(from, to));
    for (let at = from - header.length; at < to - header.length; ) {
      const block = blocks[name];
      const begin = at % block.length;
      const part = block.subarray(begin, Math.min(block.length, begin + to - header.length - at));
      if (!response.write(part)) await once(response, 'drain').catch(() => {});
      at += part.length;
      if (fault === 'cut') return response.destroy();
    }
    return response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const prefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const request = { input: { uri: `${prefix}input.npy` }, target: { uri: `${prefix}target.npy` }, statistics: true };
  return { state, request, settings: { JOB_SOURCES: prefix, JOB_PRIVATE_NETWORKS: '127.0.0.1' } };
}
