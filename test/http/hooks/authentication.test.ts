import assert from 'node:assert/strict';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKey } from '../../../src/auth/api-keys.ts';
import { keysFolder, secret } from '../../auth/keys-folder.ts';
import { startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const body = { input: [1, 2], target: [2, 1] };
type Headers = [name: string, value: string][];

/** The status of a request with these headers as they stand, which no client library would send twice. */
async function statusOf(port: number, headers: Headers): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(Buffer.from(`GET /v1/info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`, 'latin1'));
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return Number(answer.split(' ')[1]);
}

const credentials: Record<string, { status: number; headers: (first: string, second: string) => Headers }> = {
  'no credential': { status: 401, headers: () => [] },
  'a key as bearer': { status: 200, headers: (key) => [['Authorization', `Bearer ${key}`]] },
  'a key as X-API-Key': { status: 200, headers: (key) => [['X-API-Key', key]] },
  'the second key of a client': { status: 200, headers: (_, key) => [['X-API-Key', key]] },
  'the scheme in lower case': { status: 200, headers: (key) => [['authorization', `bearer ${key}`]] },
  'the same key in both headers': {
    status: 200,
    headers: (key) => [
      ['Authorization', `Bearer ${key}`],
      ['X-API-Key', key],
    ],
  },
  'different right keys in both headers': {
    status: 401,
    headers: (one, two) => [
      ['Authorization', `Bearer ${one}`],
      ['X-API-Key', two],
    ],
  },
  'a right key beside Basic': {
    status: 401,
    headers: (key) => [
      ['Authorization', 'Basic YTpi'],
      ['X-API-Key', key],
    ],
  },
  // which is the one that counts could be read in two ways, whoever asks
  'two Authorization headers': {
    status: 400,
    headers: (key) => [
      ['Authorization', `Bearer ${key}`],
      ['Authorization', `Bearer ${key}`],
    ],
  },
  'two X-API-Key headers': {
    status: 400,
    headers: (key) => [
      ['X-API-Key', key],
      ['X-API-Key', key],
    ],
  },
  'an empty X-API-Key': { status: 401, headers: () => [['X-API-Key', '']] },
  'an empty bearer': { status: 401, headers: () => [['Authorization', 'Bearer ']] },
  'Basic with the key': { status: 401, headers: (key) => [['Authorization', `Basic ${Buffer.from(`:${key}`).toString('base64')}`]] },
  'the key without a scheme': { status: 401, headers: (key) => [['Authorization', key]] },
  'a beginning of a key': { status: 401, headers: (key) => [['X-API-Key', key.slice(0, -1)]] },
  'a key and a character more': { status: 401, headers: (key) => [['X-API-Key', `${key}x`]] },
  'a key that was never given': { status: 401, headers: () => [['X-API-Key', newKey()]] },
  'letters beyond ASCII': { status: 401, headers: () => [['X-API-Key', 'schlüssel']] },
  'ten kilobytes': { status: 401, headers: () => [['X-API-Key', 'x'.repeat(10_240)]] },
  'three parts with dots, where tokens are not configured': { status: 401, headers: () => [['Authorization', 'Bearer a.b.c']] },
};

for (const [name, { status, headers }] of Object.entries(credentials)) {
  test(`${name}: ${status}`, async (t) => {
    const { env, keys } = keysFolder(t, 'trainer', 'trainer');
    const { app } = await startedApp(t, env);
    await app.listen({ port: 0, host: '127.0.0.1' });
    assert.equal(await statusOf((app.server.address() as AddressInfo).port, headers(keys[0], keys[1])), status);
  });
}

test('UNAUTHENTICATED is 401 with WWW-Authenticate, the same for every credential that is not accepted; with a key the log names the client', async (t) => {
  const { env, keys } = keysFolder(t, 'trainer');
  const { http, lines } = await startedApp(t, env);
  const refused = await http.post(path).set('x-request-id', 'a').set('x-api-key', 'wrong').send(body).expect(401);
  assert.equal(refused.headers['www-authenticate'], 'Bearer realm="kl-divergence"');
  assert.equal(refused.body.code, 'UNAUTHENTICATED');
  const other = await http.post(path).set('x-request-id', 'a').set('authorization', 'Basic x').send(body).expect(401);
  assert.deepEqual(other.body, refused.body);
  await http.post(path).set('x-api-key', keys[0]).send(body).expect(200);
  assert.deepEqual(
    lines.map(({ status, client }) => [status, client]),
    [
      [401, undefined],
      [401, undefined],
      [200, 'key:trainer'],
    ],
  );
});

test('where callers are asked who they are, only probes, documents and pages about problems are answered without', async (t) => {
  const { http } = await startedApp(t, keysFolder(t, 'trainer').env);
  for (const open of ['/livez', '/readyz', '/v2/health/live', '/v2/health/ready', '/openapi.json', '/docs', '/docs/static/index.html']) {
    assert.equal((await http.get(open).redirects(1)).status, 200, open);
  }
  await http.head('/livez').expect(200);
  await http.get('/problems/unauthenticated').expect(200);
  await http.get('/').expect(200);
  for (const closed of ['/v1/info', '/v2', '/v2/models/kl_div', '/v2/models/kl_div/ready', '/nowhere', '/v2/nowhere', path]) {
    assert.equal((await http.get(closed)).status, 401, closed);
  }
  // a body that would be refused is not looked at
  await http.post(path).set('content-type', 'text/plain').send('x').expect(401);
});

test('under /v2 a refusal for want of a credential has the form of that protocol', async (t) => {
  const { http } = await startedApp(t, keysFolder(t, 'trainer').env);
  const refused = await http.post('/v2/models/kl_div/infer').send({}).expect(401).expect('content-type', 'application/json');
  assert.equal(refused.body.error, refused.body.detail);
});

// each waits until the file is looked at again, twice
suite('a keys file that changes', { concurrency: true }, () => {
  for (const way of ['written over', 'replaced by a rename', 'behind a link that is moved'] as const) {
    test(`a keys file that is ${way} counts without a restart; a broken one changes nothing`, async (t) => {
      const { env, folder, file, keys, write } = keysFolder(t, 'trainer');
      const link = join(folder, 'link');
      if (way === 'behind a link that is moved') symlinkSync(file, link);
      const { http, lines } = await startedApp(t, { ...env, API_KEYS_FILE: way === 'behind a link that is moved' ? link : file });
      const logged = async (text: RegExp) => {
        while (!lines.some(({ msg }) => text.test(String(msg)))) await sleep(50);
      };
      await sleep(20);
      writeFileSync(file, '{"clients": [{"name": "canary"');
      await logged(/API keys not reloaded/);
      await http.get('/v1/info').set('x-api-key', keys[0]).expect(200);
      assert.doesNotMatch(JSON.stringify(lines), /canary/);

      const fresh = newKey();
      const target = join(folder, 'next.json');
      if (way === 'written over') write(['trainer'], [fresh]);
      else {
        const next = keysFolder(t, 'trainer');
        next.write(['trainer'], [fresh]);
        renameSync(next.file, target);
        if (way === 'replaced by a rename') renameSync(target, file);
        else {
          symlinkSync(target, `${link}-next`);
          renameSync(`${link}-next`, link);
        }
      }
      await logged(/API keys reloaded/);
      await http.get('/v1/info').set('x-api-key', keys[0]).expect(401);
      await http.get('/v1/info').set('x-api-key', fresh).expect(200);
    });
  }
});

test('a keys file that is missing or broken keeps the service from starting, with a line that shows no digest', async (t) => {
  const { env, file } = keysFolder(t, 'trainer');
  for (const [content, complaint] of [
    ['nonsense canary', /cannot be used: not valid JSON$/],
    ['{"clients": [{"name": "a", "keys": ["canary"]}]}', /cannot be used: \/clients\/0\/keys\/0: not 64 hexadecimal digits$/],
    ['{"clients": [{"name": "a", "keys": []}, {"name": "a", "keys": []}]}', /cannot be used: \/clients: two have the same name$/],
  ] as const) {
    writeFileSync(file, content);
    await assert.rejects(startedApp(t, env), ({ message }: Error) => complaint.test(message) && !message.includes('canary'));
  }
  await assert.rejects(startedApp(t, { ...env, API_KEYS_FILE: `${file}-none` }), /cannot be used: ENOENT/);
});

test('neither a key nor the secret of the digests is in any answer or any line of the log', async (t) => {
  const { env, keys } = keysFolder(t, 'trainer');
  const { http, lines } = await startedApp(t, env);
  const texts: string[] = [];
  for (const key of [keys[0], 'canary-wrong-key']) {
    for (const url of ['/v1/info', '/openapi.json', '/metrics', '/nowhere', '/v2', '/livez', '/problems/unauthenticated', path]) {
      for (const name of ['x-api-key', 'authorization']) {
        const { text, headers } = await http.get(url).set(name, name === 'authorization' ? `Bearer ${key}` : key);
        texts.push(text, JSON.stringify(headers));
      }
    }
  }
  const everything = texts.join() + JSON.stringify(lines);
  for (const canary of [keys[0], 'canary-wrong-key', secret]) assert.ok(!everything.includes(canary));
});

test('CORS is off unless origins are named; then a preflight needs no credential and only those origins may read', async (t) => {
  const { http } = await startedApp(t);
  assert.equal((await http.get('/v1/info').set('origin', 'https://a.example')).headers['access-control-allow-origin'], undefined);
  const { env } = keysFolder(t, 'trainer');
  const { http: open } = await startedApp(t, { ...env, CORS_ORIGINS: 'https://a.example,https://b.example' });
  const preflight = (origin: string) =>
    open.options(path).set({ origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' });
  const { headers } = await preflight('https://a.example').expect(204).expect('access-control-allow-origin', 'https://a.example');
  assert.equal(headers['access-control-allow-headers'], 'authorization');
  assert.equal((await preflight('https://c.example').expect(204)).headers['access-control-allow-origin'], undefined);
  const refused = await open.get('/nowhere').set('origin', 'https://b.example').expect(401);
  assert.match(refused.headers['access-control-expose-headers'], /RateLimit, RateLimit-Policy, Retry-After/);
});
