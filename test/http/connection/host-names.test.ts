import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { closing, exitOf, run, started, textOf } from '../../service-process.ts';

const json = '{"input": [1, 2], "target": [2, 1], "reduction": "sum"}';
const path = '/v1/kl-divergence';

/** A flag of Node by which the name `service.test` has these addresses, as a resolver would tell. */
function named(...addresses: readonly string[]): string[] {
  const answers = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const script = `import dns from 'node:dns';
    import { syncBuiltinESMExports } from 'node:module';
    const { lookup } = dns.promises;
    dns.promises.lookup = async (name, options) => (name === 'service.test' ? ${JSON.stringify(answers)} : lookup(name, options));
    syncBuiltinESMExports();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}

async function hasAddress(address: string): Promise<boolean> {
  const server = createServer().listen(0, address);
  const isThere = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return isThere;
}

const skip = (await hasAddress('::1')) ? false : '::1 is not available here';
const env = { HOST: 'service.test', AUTH: 'none' };

async function opened(port: number, address: string, text: string): Promise<Socket> {
  const socket = connect(port, address);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** All that comes back for a text, until the service closes the connection. Where others keep the machine busy it may be asked again. */
async function answerTo(port: number, address: string, text: string): Promise<string> {
  const answer = await textOf(await opened(port, address, text));
  return answer.includes('"code":"OVERLOADED"') ? answerTo(port, address, text) : answer;
}

/** A stream whose first line has been answered. */
async function streaming(port: number, address: string, text: string): Promise<Socket> {
  const socket = await opened(port, address, text);
  await once(socket, 'readable');
  const begin = socket.read();
  socket.unshift(begin);
  if (!String(begin).includes('"code":"OVERLOADED"')) return socket;
  socket.destroy();
  return streaming(port, address, text);
}

/** An answer without what differs from one to the next. */
const alike = (answer: string) =>
  answer
    .replace(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')
    .replace(/^(date|server-timing): .*\r\n/gim, '')
    .replaceAll(/content-length: \d+/gi, 'LENGTH');

/** What hardens the service: what is sent, and how the answer begins, or what it has. */
const hardened: Readonly<Record<string, readonly [string, RegExp]>> = {
  'malformed HTTP': ['GET\r\n\r\n', /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/],
  'headers that are too large': [
    `GET /livez HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    /^HTTP\/1\.1 431 [\s\S]*HEADERS_TOO_LARGE/,
  ],
  'more headers than Node counts': [
    `GET /livez HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(1500)}Host: b\r\n\r\n`,
    /^HTTP\/1\.1 400 [\s\S]*the header Host comes twice/,
  ],
  CONNECT: ['CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', /^HTTP\/1\.1 400 [\s\S]*CONNECT is not supported/],
  'an expectation before a path that does not exist': [
    'POST /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
    /^HTTP\/1\.1 404 [\s\S]*NOT_FOUND/,
  ],
  'an unknown expectation': [
    'POST /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: wonders\r\nContent-Length: 0\r\n\r\n',
    /^HTTP\/1\.1 417 [\s\S]*EXPECTATION_FAILED/,
  ],
  'an expectation before a body that is read': [
    `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/,
  ],
  'headers that do not come to their end': ['GET /livez HTTP/1.1\r\nHost', /^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/],
  'a body that does not come to its end': [
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
    /^HTTP\/1\.1 408 [\s\S]*REQUEST_TIMEOUT/,
  ],
};

test('on all addresses of a name the service answers alike, and is hardened alike', { skip }, async (t) => {
  const { port, lines } = await started(t, { ...env, REQUEST_TIMEOUT_MS: '2000' }, named('127.0.0.1', '::1'));
  assert.ok(lines.some(({ msg }) => msg === `Server listening at http://[::1]:${port}`));
  const checks = Object.entries(hardened).map(async ([name, [text, expected]]) => {
    const [first, second] = await Promise.all(['127.0.0.1', '::1'].map((address) => answerTo(port, address, text)));
    assert.match(first, expected, name);
    assert.equal(alike(second), alike(first), name);
  });
  await Promise.all(checks);
});

test('on all addresses of a name a stream goes on beyond REQUEST_TIMEOUT_MS, and through SIGTERM to its end', { skip }, async (t) => {
  const holds = async (order: readonly string[]) => {
    const { child, lines, port } = await started(t, { ...env, REQUEST_TIMEOUT_MS: '2000', SHUTDOWN_DELAY_MS: '0' }, named(...order));
    const head = `POST ${path}/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const line = `${(json.length + 1).toString(16)}\r\n${json}\n\r\n`;
    const sockets = await Promise.all(order.map((address) => streaming(port, address, head + line)));
    const texts = sockets.map(textOf);
    // a request that the limit ends tells that it has been checked
    const slow = await Promise.all(
      order.map((address) =>
        answerTo(port, address, `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`),
      ),
    );
    for (const text of slow) assert.match(text, /^HTTP\/1\.1 408 /);
    for (const socket of sockets) socket.write(line);
    child.kill('SIGTERM');
    await closing(lines);
    for (const socket of sockets) socket.write(`${line}0\r\n\r\n`);
    for (const text of await Promise.all(texts)) assert.match(text, /\{"totals":\{"lines":3,"answered":3,"refused":0\}\}/);
    assert.equal(await exitOf(child), 0);
  };
  // both wait for the limit
  await Promise.all([holds(['127.0.0.1', '::1']), holds(['::1', '127.0.0.1'])]);
});

test('on a name whose addresses are not all here the service listens on those that are, and says which are not', async (t) => {
  const { port, lines } = await started(t, env, named('198.51.100.1', '127.0.0.1'));
  assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
  assert.ok(lines.some(({ address, msg }) => address === '198.51.100.1' && String(msg).includes('address of HOST skipped')));
});

for (const [what, flags, complaint] of [
  ['none of whose addresses is here', named('198.51.100.1', '203.0.113.1'), /cannot listen on service\.test:\d+: .*EADDRNOTAVAIL/],
  ['that has no address', named(), /cannot listen on service\.test:\d+: .*no address/],
] as const) {
  test(`on a name ${what} the service says so in one line and exits with 1`, async (t) => {
    const child = run(t, { ...env, PORT: '0' }, flags);
    const said = textOf(child.stderr as Socket);
    assert.equal(await exitOf(child), 1);
    assert.match(await said, complaint);
  });
}

test('a port that is taken on one address of a name only ends the start, as on a literal address', { skip }, async (t) => {
  const other = createServer().listen(0, '::1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const child = run(t, { ...env, PORT: String(port) }, named('127.0.0.1', '::1'));
  const said = textOf(child.stderr as Socket);
  assert.equal(await exitOf(child), 1);
  assert.match(await said, /^kl-divergence-api: cannot listen on service\.test:\d+: .*EADDRINUSE.*::1.*\n$/);
});

test('HOST may be an address of IPv6 in brackets, as in a URL', { skip }, async (t) => {
  const { lines } = await started(t, { HOST: '[::1]' }, []).catch((error) => assert.fail(error));
  assert.ok(lines.some(({ msg }) => /listening at http:\/\/\[::1\]:\d+/.test(String(msg))));
});
