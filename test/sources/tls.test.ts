import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Lookup } from '../../src/sources/public-address.ts';
import { access, newSources, refusal } from './helper.ts';
import { range, rangeOf } from './lying-server.ts';

const skip = spawnSync('openssl', ['version']).error === undefined ? false : 'openssl is not here';

/** A server of data.example with a certificate that nobody vouches for, and sources for which that name leads to it. */
async function selfSigned(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const subject = ['-subj', '/CN=data.example', '-addext', 'subjectAltName=DNS:data.example'];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    keyFile,
    '-out',
    certFile,
    '-days',
    '2',
    ...subject,
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const cert = readFileSync(certFile, 'utf8');
  const server = createServer({ key: readFileSync(keyFile), cert }, ({ headers }, response) => range(response, rangeOf(headers.range)));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lookup: Lookup = (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]);
  const prefixes = ['data', 'other'].map((name) => `https://${name}.example:${port}/`);
  const sources = newSources(t, { prefixes, privateNetworks: ['127.0.0.1'] }, lookup);
  return { cert, open: (name: string) => sources.open(`https://${name}.example:${port}/q`, access) };
}

test('a certificate that nobody vouches for is refused', { skip }, async (t) => {
  const { open } = await selfSigned(t);
  assert.equal(await refusal(open('data')), 'SOURCE_UNREACHABLE: the server fails with DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('a certificate that is trusted is accepted for its own name only, whatever address the name has', { skip }, async (t) => {
  const { cert, open } = await selfSigned(t);
  const before = getCACertificates('default');
  t.after(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, cert]);
  assert.equal((await open('data')).size, 40_000);
  assert.equal(await refusal(open('other')), 'SOURCE_UNREACHABLE: the server fails with ERR_TLS_CERT_ALTNAME_INVALID');
});
