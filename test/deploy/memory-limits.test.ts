import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftOut } from '../cases.ts';
import { openAtOnce, wideStream } from './compressed-streams.ts';
import { endure, limitsOf } from './confined.ts';
import { dearestRequests, documented, type Limits, writers } from './dearest-requests.ts';
import { cgroupsMissing, startConfined } from './memory-cgroup.ts';

const skip = cgroupsMissing() ?? false;

test('there is a dearest request for every path and media type of the document', () => {
  assert.deepEqual(Object.keys(writers), documented);
});

/** Of all dearest requests, which `npm run largest-bodies` sends, those that have cost the most. */
const dearest: Readonly<Record<number, readonly RegExp[]>> = {
  256: [
    /kl-divergence application.octet-stream, F16 to application.json, rank 32/,
    /batch application.octet-stream, 10 of nested, rank 32/,
    /divergences.batch application.octet-stream, 10 of base64 float64, rank 32/,
    /infer application.json, INT8, JSON outputs, rank 2/,
    /samples, nested, rank 2, .*deciles/,
  ],
  512: [
    /kl-divergence application.octet-stream, F16 to application.json, rank 32/,
    /infer application.octet-stream, INT8, JSON outputs, rank 2/,
    /batch application.octet-stream, 1 of base64 float64, rank 32/,
  ],
  1024: [/kl-divergence application.octet-stream, BF16 to application.json, rank 32/],
};

const limits = new Map<number, Limits>();

/** The limits of a service in a container of so many bytes. */
async function limitsWithin(bytes: number): Promise<Limits> {
  const service = limits.has(bytes) ? undefined : await startConfined(bytes);
  if (service !== undefined) limits.set(bytes, await limitsOf(service).finally(service.end));
  return limits.get(bytes) as Limits;
}

for (const [mebibytes, names] of Object.entries(dearest)) {
  for (const name of names) {
    test(`a container of ${mebibytes} MiB lives through ${name.source}, alone and 32 at once`, { skip: skip || leftOut }, async (t) => {
      const bytes = Number(mebibytes) * 2 ** 20;
      const dear = dearestRequests(await limitsWithin(bytes)).find((request) => name.test(request.name));
      assert.ok(dear !== undefined, 'there is such a request');
      t.diagnostic((await endure(bytes, dear)).words);
    });
  }
}

for (const coding of ['br', 'zstd'] as const) {
  test(`a container of 256 MiB lives through 32 streams in ${coding} whose decoders keep as much as they may`, {
    skip: skip || leftOut,
  }, async (t) => {
    const body = await wideStream(coding, 20 * 2 ** 20);
    const service = await startConfined(2 ** 28);
    t.after(service.end);
    const statuses = await openAtOnce(service, coding, body, 32);
    assert.equal(service.death(), undefined);
    assert.ok(statuses.includes(200) && statuses.every((status) => [200, 503].includes(status)), String(statuses));
    t.diagnostic(`${statuses.filter((status) => status === 200).length} of 32; ${Math.round(service.peak() / 2 ** 20)} MiB at most`);
  });
}
