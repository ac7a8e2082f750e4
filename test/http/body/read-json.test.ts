import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startedApp } from '../../helper.ts';
import { exchange } from '../exchange.ts';

const tooLong = Buffer.alloc(2 ** 22 + 1, ' ');

function post(body: Buffer, coding: string): Buffer {
  const head = ['POST /v1/jobs HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', coding, `Content-Length: ${body.length}`];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

test('the body of a job is read plain and compressed, and one that is too long is 413 either way', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { app, drain } = await startedApp(t, { JOB_SOURCES: pathToFileURL(folder).href, JOBS_DIR: folder, JOB_WORKERS: '0' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  for (const [bytes, status] of [
    [post(tooLong, 'Accept: */*'), 413],
    [post(gzipSync(tooLong), 'Content-Encoding: gzip'), 413],
    [post(Buffer.from('{}'), 'Accept: */*'), 422],
    [post(gzipSync('{}'), 'Content-Encoding: gzip'), 422],
  ] as const) {
    const answer = await exchange(port, bytes);
    assert.equal(answer.status, status, answer.body.toString());
  }
  while (drain.answers().length > 0) await new Promise(setImmediate);
});
