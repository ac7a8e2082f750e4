import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import { keysFolder } from '../../auth/keys-folder.ts';
import { startedApp } from '../../helper.ts';

const [issuer, audience] = ['https://issuer.example', 'kl-divergence'];
const own = await generateKeyPair('RS256', { extractable: true });
const elliptic = await generateKeyPair('ES256');
const strange = await generateKeyPair('RS256', { extractable: true });
const jwks = {
  keys: [
    { ...(await exportJWK(own.publicKey)), kid: 'own', use: 'sig' },
    { ...(await exportJWK(elliptic.publicKey)), kid: 'elliptic', use: 'sig' },
  ],
};
const now = Math.floor(Date.now() / 1000);
const claims = { iss: issuer, aud: audience, sub: 'trainer', exp: now + 600 };

type Key = CryptoKey | Uint8Array;

function signed(payload: object, header: object = {}, key: Key = own.privateKey): Promise<string> {
  return new SignJWT({ ...payload }).setProtectedHeader({ alg: 'RS256', kid: 'own', ...header } as JWTHeaderParameters).sign(key);
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A service that takes tokens, the key server that it asks, and what that one was asked. */
async function started(t: TestContext, env: Record<string, string> = {}) {
  const asked: string[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const app = await startedApp(t, { JWT_JWKS_URL: `${origin}/jwks`, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, ...env });
  const answerTo = (token: string) => app.http.get('/v1/info').set('authorization', `Bearer ${token}`);
  return {
    ...app,
    asked,
    origin,
    answerTo,
    failWith: (code: number) => {
      status = code;
    },
  };
}

const tokens: Record<string, { status: number; token: (origin: string) => string | Promise<string>; env?: Record<string, string> }> = {
  'a token of the issuer, for this service, in force': { status: 200, token: () => signed(claims) },
  'one signed by another algorithm that is allowed': {
    status: 200,
    token: () => signed(claims, { alg: 'ES256', kid: 'elliptic' }, elliptic.privateKey),
  },
  'one of which this service is one audience': { status: 200, token: () => signed({ ...claims, aud: ['other', audience] }) },
  'one with alg none': { status: 401, token: () => `${encoded({ alg: 'none' })}.${encoded(claims)}.` },
  'one signed by HS256 with the public key as its secret': {
    status: 401,
    token: async () => signed(claims, { alg: 'HS256' }, Buffer.from(await exportSPKI(own.publicKey))),
  },
  'one of another issuer': { status: 401, token: () => signed({ ...claims, iss: 'https://other.example' }) },
  'one for another audience': { status: 401, token: () => signed({ ...claims, aud: 'other' }) },
  'one that has expired': { status: 401, token: () => signed({ ...claims, exp: now - 60 }) },
  'one that is not in force yet': { status: 401, token: () => signed({ ...claims, nbf: now + 300 }) },
  'one without exp': { status: 401, token: () => signed({ ...claims, exp: undefined }) },
  'one without sub': { status: 401, token: () => signed({ ...claims, sub: undefined }) },
  'one whose sub is not fit for a log': { status: 401, token: () => signed({ ...claims, sub: 'a\nb' }) },
  'one whose sub is too long': { status: 401, token: () => signed({ ...claims, sub: 'a'.repeat(129) }) },
  'one with an unknown kid': { status: 401, token: () => signed(claims, { kid: 'other' }) },
  'one with the kid of a key that did not sign it': { status: 401, token: () => signed(claims, {}, strange.privateKey) },
  'one with a path as its kid': { status: 401, token: () => signed(claims, { kid: '../../dev/null' }, strange.privateKey) },
  'one that brings its own key': {
    status: 401,
    token: async () => signed(claims, { kid: undefined, jwk: await exportJWK(strange.publicKey) }, strange.privateKey),
  },
  'one that says where its key is': {
    status: 401,
    token: (origin) => signed(claims, { jku: `${origin}/evil`, x5u: `${origin}/evil` }, strange.privateKey),
  },
  'one signed by an algorithm that is not allowed here': { status: 401, token: () => signed(claims), env: { JWT_ALGORITHMS: 'ES256' } },
  'one whose claims were changed': {
    status: 401,
    token: async () => {
      const [header, , signature] = (await signed(claims)).split('.');
      return `${header}.${encoded({ ...claims, sub: 'admin' })}.${signature}`;
    },
  },
  'three parts of nothing': { status: 401, token: () => 'a.b.c' },
};

for (const [name, { status, token, env }] of Object.entries(tokens)) {
  test(`${name}: ${status}`, async (t) => {
    const { answerTo, asked, origin, lines } = await started(t, env);
    const text = await token(origin);
    const { body } = await answerTo(text).expect(status);
    if (status === 401) assert.equal(body.detail, 'the credential of the request is not accepted');
    else assert.equal(lines[0].client, 'token:trainer');
    assert.ok(
      asked.every((url) => url === '/jwks'),
      'keys come from the one place',
    );
    assert.ok(!JSON.stringify([lines, body]).includes(text));
  });
}

test('a key and a token of one name belong to two clients, in quotas and in the log', async (t) => {
  const { env, keys } = keysFolder(t, 'trainer');
  const { http, answerTo, lines } = await started(t, { ...env, QUOTA_ELEMENTS: '1' });
  const token = await signed(claims);
  await answerTo(token).expect(200);
  await answerTo(token).expect(429);
  await http.get('/v1/info').set('x-api-key', keys[0]).expect(200);
  assert.deepEqual(
    lines.map(({ client }) => client),
    ['token:trainer', 'token:trainer', 'key:trainer'],
  );
});

test('a token as X-API-Key is no token', async (t) => {
  const { http } = await started(t);
  await http
    .get('/v1/info')
    .set('x-api-key', await signed(claims))
    .expect(401);
});

test('AUTH_UNAVAILABLE is 503 with Retry-After while the keys cannot be fetched, and no outage once they have been', async (t) => {
  const { answerTo, asked, failWith } = await started(t);
  const token = await signed(claims);
  failWith(500);
  const { body } = await answerTo(token).expect(503).expect('retry-after', '1');
  assert.equal(body.code, 'AUTH_UNAVAILABLE');
  await answerTo(token).expect(503);
  assert.equal(asked.length, 1);
  failWith(200);
  while ((await answerTo(token)).status !== 200);
  failWith(500);
  const before = asked.length;
  await answerTo(token).expect(200);
  assert.equal(asked.length, before);
});
