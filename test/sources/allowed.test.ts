import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedBy, isSourcePrefix } from '../../src/sources/allowed.ts';

const prefixes = [
  's3://logits/runs',
  's3://tenants/{client}/',
  'https://data.example:8443/public',
  'https://whole.example',
  'http://plain.example/a',
  'file:///srv/data',
];
const allowed = allowedBy(prefixes);
const isAllowed = (uri: string, client = 'key:alice') => allowed(uri, client) !== undefined;

test('what stands below a prefix is allowed, and the prefix itself', () => {
  for (const uri of [
    's3://logits/runs/1/q.safetensors',
    's3://logits/runs',
    'https://data.example:8443/public/q.npy',
    'HTTPS://DATA.EXAMPLE:8443/public/q.npy',
    'https://whole.example/q.npy',
    'https://whole.example:443/q.npy',
    'http://plain.example/a/b%20c',
    'file:///srv/data/q.npy',
    'file://localhost/srv/data/q.npy',
  ]) {
    assert.ok(isAllowed(uri), uri);
  }
});

test('a prefix is compared by whole segments, scheme, host and port', () => {
  for (const uri of [
    's3://logits/runs-of-others/q',
    's3://logits/run',
    's3://logits',
    's3://logits.evil/runs/q',
    's3://Logits/runs/q',
    'https://data.example/public/q',
    'https://data.example:8444/public/q',
    'http://data.example:8443/public/q',
    'https://data.example.evil:8443/public/q',
    'https://data.example.:8443/public/q',
    'https://whole.example.evil/q',
    'https://plain.example/a/q',
    'http://whole.example/q',
    'file:///srv/data-of-others/q',
    'file:///srv',
    'ftp://whole.example/q',
    'data:text/plain,whole.example',
    '/srv/data/q',
    'srv/data/q',
    '//whole.example/q',
    'https:whole.example/q',
    'https:///whole.example/q',
    '',
  ]) {
    assert.ok(!isAllowed(uri), uri);
  }
});

test('no spelling of dots, slashes, users, queries or control characters gets past a prefix', () => {
  for (const uri of [
    'file:///srv/data/../secret',
    'file:///srv/data/./q',
    'file:///srv/data/..',
    'file:///srv/data/%2e%2e/secret',
    'file:///srv/data/.%2E/secret',
    'file:///srv/data/..%2fsecret',
    'file:///srv/data/..%252f..%252fsecret',
    'file:///srv/data/%2Fetc/passwd',
    'file:///srv/data/..\\secret',
    'file:///srv/data/..%5csecret',
    'file:///srv/data/q%00.npy',
    'file:///srv/data/%E0%A4%A',
    'file:///srv/data/%FF',
    'file:///srv/data/100%',
    'file:///srv/data/.\t./secret',
    'file:///srv/data/.\n./secret',
    ' file:///srv/data/q',
    'file:///srv/data/q\u0000',
    'https://whole.example/..;/q',
    'https://user@whole.example/q',
    'https://user:word@whole.example/q',
    'https://whole.example@evil.example/q',
    'https://evil.example#@whole.example/q',
    'https://evil.example\\@whole.example/q',
    'https://whole.example/q?X-Amz-Signature=1',
    'https://whole.example/q?',
    'https://whole.example/q#fragment',
  ]) {
    assert.ok(!isAllowed(uri), uri);
  }
});

test('{client} stands for the name of the client, whole, and for no other client', () => {
  assert.ok(isAllowed('s3://tenants/key:alice/q'));
  assert.ok(!isAllowed('s3://tenants/key:bob/q'));
  assert.ok(!isAllowed('s3://tenants/key:alice2/q'));
  assert.ok(!isAllowed('s3://tenants/token:alice/q'));
  assert.ok(!isAllowed('s3://tenants/'));
  assert.ok(!isAllowed('s3://tenants/{client}/q'));
});

test('a client whose name is odd gets nothing from a prefix with {client}, and the other prefixes as everybody', () => {
  for (const client of [
    '',
    '.',
    '..',
    '../key:bob',
    'a/b',
    'key:alice/..',
    'a\\b',
    '%2e%2e',
    '%2f',
    'a?b',
    'a#b',
    '{client}',
    'a b',
    'a\u0000',
  ]) {
    for (const uri of ['s3://tenants/', 's3://tenants/q', `s3://tenants/${client}/q`, 's3://tenants/key:bob/q', 's3://tenants//q']) {
      assert.ok(!isAllowed(uri, client), `${client} ${uri}`);
    }
    assert.ok(isAllowed('s3://logits/runs/q', client), client);
  }
});

test('a prefix is a URL of a scheme that is read, with {client} as a segment of its own', () => {
  for (const prefix of [...prefixes, 'file:///', 'file:///{client}', 's3://logits/a/{client}/b', 's3://logits/{client}'])
    assert.ok(isSourcePrefix(prefix), prefix);
  for (const prefix of [
    '',
    '*',
    '/srv/data',
    's3://',
    'file://host/srv',
    'https://',
    'ftp://host/',
    'https://{client}.example/',
    's3://{client}/',
    's3://logits/team-{client}',
    's3://logits/{client}-1',
    's3://logits/{tenant}/',
    's3://logits/../b',
    'https://user@host/',
    'https://host/?a',
    'https://host/%',
  ]) {
    assert.ok(!isSourcePrefix(prefix), prefix);
  }
});
