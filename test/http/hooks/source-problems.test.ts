import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tensorDescriber } from '../../../src/sources/describe-tensor.ts';
import { refuseOperand, SourceFault } from '../../../src/sources/source-fault.ts';
import type { Sources } from '../../../src/sources/sources.ts';
import { startedApp } from '../../helper.ts';
import { access, newSources, readRows } from '../../sources/helper.ts';

/** The problem that a request gets whose operand a step reads. */
async function problemOf(t: TestContext, step: () => Promise<unknown>) {
  const { http } = await startedApp(t, {}, (app) =>
    app.addHook('preHandler', async ({ url }) => {
      if (url !== '/livez') return;
      await step().catch((error) => {
        throw error instanceof SourceFault ? refuseOperand(error, '#/input') : error;
      });
    }),
  );
  const { status, body } = await http.get('/livez');
  assert.equal(body.status, status);
  assert.deepEqual(body.errors, [{ pointer: body.errors[0].pointer, code: body.code, detail: body.detail }]);
  return `${status} ${body.code} ${body.errors[0].pointer}`;
}

/** A folder of the test with one file, and sources that may read it. */
function oneFile(t: TestContext, text: string): { sources: Sources; path: string; uri: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sources-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'q.safetensors');
  writeFileSync(path, text);
  return { sources: newSources(t, { prefixes: [pathToFileURL(folder).href] }), path, uri: pathToFileURL(path).href };
}

test('SOURCE_NOT_ALLOWED is 403, at the URI that is not allowed or does not exist', async (t) => {
  const { sources, uri } = oneFile(t, 'x');
  for (const other of [`${uri}.missing`, 'file:///etc/hostname', 'https://data.example/q']) {
    assert.equal(await problemOf(t, () => tensorDescriber(sources, access)({ uri: [other] })), '403 SOURCE_NOT_ALLOWED #/input/uri/0');
  }
});

test('SOURCE_NOT_READABLE is 422, at the URI of what holds no tensor', async (t) => {
  const { sources, uri } = oneFile(t, 'no tensor at all');
  assert.equal(await problemOf(t, () => tensorDescriber(sources, access)({ uri })), '422 SOURCE_NOT_READABLE #/input/uri');
});

test('SOURCE_CHANGED is 409, where a file was written to after it was described', async (t) => {
  const header = '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
  const { sources, uri, path } = oneFile(t, `${String.fromCharCode(header.length)}${'\0'.repeat(7)}${header}x`);
  const tensor = await tensorDescriber(sources, access)({ uri });
  writeFileSync(path, 'another');
  assert.equal(await problemOf(t, () => readRows(sources, tensor, 0, 1)), '409 SOURCE_CHANGED #/input');
});

test('SOURCE_UNREACHABLE is 502, where a server cannot be connected to', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/q`;
  await new Promise((resolve) => server.close(resolve));
  const sources = newSources(t, { prefixes: [uri], privateNetworks: ['127.0.0.1'] });
  assert.equal(await problemOf(t, () => tensorDescriber(sources, access)({ uri })), '502 SOURCE_UNREACHABLE #/input/uri');
});
