import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { S3Settings } from '../../src/sources/source-settings.ts';
import { access, faultOf, newSources, refusal } from './helper.ts';
import { range, rangeOf } from './lying-server.ts';
import { skip, startMoto } from './moto.ts';

const prefixes = ['s3://logits/{client}', 's3://missing'];
const sourcesOf = (t: TestContext, s3: S3Settings) => newSources(t, { prefixes, outputs: prefixes, privateNetworks: ['127.0.0.1'], s3 });
const uri = 's3://logits/key:alice/q.npy';

// one store for all: it takes seconds to start
test('a store that checks signatures', { skip }, async (t) => {
  const store = await startMoto(t);

  await t.test('an object is written and read by ranges with signatures that a store checks, whatever its key has in it', async (t) => {
    const sources = sourcesOf(t, store);
    for (const key of ['q.npy', 'a%20b/c', 'a+b', "a!b'c(d)*e", '%C3%A9', 'é/q', 'a=b&c', 'a//b', 'a%25b']) {
      await sources.write(`s3://logits/key:alice/${key}`, Buffer.from(`the key is ${key}`), access);
      const source = await sources.open(`s3://logits/key:alice/${key}`, access);
      const into = new Uint8Array(source.size - 11);
      await source.read(11, into, access.signal);
      assert.equal(Buffer.from(into).toString(), key);
      assert.match(JSON.stringify(source.pin), /^\{"size":\d+,"etag":"\\"[\da-f]{32}\\""\}$/);
    }
  });

  await t.test('an object that is overwritten between two reads is SOURCE_CHANGED', async (t) => {
    const sources = sourcesOf(t, store);
    await sources.write(uri, Buffer.from('0123456789'), access);
    const source = await sources.open(uri, access);
    await source.read(0, new Uint8Array(5), access.signal);
    await sources.write(uri, Buffer.from('9876543210'), access);
    assert.match(await refusal(source.read(5, new Uint8Array(5), access.signal)), /^SOURCE_CHANGED: /);
    const again = await sources.open(uri, { ...access, pin: source.pin });
    assert.match(await refusal(again.read(0, new Uint8Array(5), access.signal)), /^SOURCE_CHANGED: /);
  });

  await t.test('a missing object and a missing bucket are SOURCE_NOT_ALLOWED, as is what another client has', async (t) => {
    const sources = sourcesOf(t, store);
    const faults = await Promise.all(
      ['s3://logits/key:alice/missing', 's3://missing/q', 's3://logits/key:bob/q', 's3://other/q'].map((one) =>
        refusal(sources.open(one, access)),
      ),
    );
    assert.deepEqual([...new Set(faults)], ['SOURCE_NOT_ALLOWED: the source does not exist, or this client may not use it']);
  });

  await t.test('credentials that a store refuses are SOURCE_UNREACHABLE with its status, and stand in no fault', async (t) => {
    const wrong = { ...store, secretAccessKey: 'wrongwrongwrongwrongwrong' };
    const { code, message, stack, retryable } = await faultOf(sourcesOf(t, wrong).open(uri, access));
    assert.deepEqual([code, message, retryable], ['SOURCE_UNREACHABLE', 'the server answers 403', false]);
    assert.ok(!`${message} ${stack}`.includes(wrong.secretAccessKey) && !stack?.includes(store.accessKeyId));
  });
});

test('every request goes to the endpoint that is configured, in the style of paths, signed with the token of a session', async (t) => {
  const asked: string[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(`${headers.host} ${url} ${headers['x-amz-security-token']} ${headers.authorization?.split(',')[1]}`);
    range(response, rangeOf(headers.range));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const s3 = { endpoint: `http://${host}`, region: 'eu-central-1', accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' };
  await sourcesOf(t, s3).open(uri, access);
  const signed = 'host;x-amz-content-sha256;x-amz-date;x-amz-security-token';
  assert.deepEqual(asked, [`${host} /logits/key%3Aalice/q.npy token  SignedHeaders=${signed}`]);
});

test('a store on a private address needs JOB_PRIVATE_NETWORKS as well', async (t) => {
  const s3 = { endpoint: 'http://127.0.0.1:1', region: 'us-east-1', accessKeyId: 'id', secretAccessKey: 'secret' };
  assert.match(await refusal(newSources(t, { prefixes, s3 }).open(uri, access)), /JOB_PRIVATE_NETWORKS$/);
});

test('without a store, s3: says so', async (t) => {
  const fault = await refusal(newSources(t, { prefixes }).open(uri, access));
  assert.equal(fault, 'SOURCE_UNREACHABLE: this service has no store configured for s3:');
});
