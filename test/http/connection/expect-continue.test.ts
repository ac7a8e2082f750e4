import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { sharedApp } from '../../helper.ts';

const path = '/v1/kl-divergence';
const json = Buffer.from('{"input": [1, 2], "target": [2, 1], "reduction": "sum"}');
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';

const listening = async (env?: Record<string, string>): Promise<number> => (await sharedApp(env)).port;

/** Sends a head, the body only when it is asked for, and gives all that came back until the connection was closed. */
async function expecting(port: number, head: string, body: Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  socket.write(`${head}\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`);
  let text = '';
  let isSent = false;
  socket.on('data', (chunk) => {
    text += chunk;
    if (!isSent && text.startsWith(goOn)) {
      isSent = true;
      socket.write(body);
    }
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

for (const [name, head, body] of [
  ['JSON', `POST ${path} HTTP/1.1\r\nContent-Type: application/json`, json],
  ['a large body', `POST ${path} HTTP/1.1\r\nContent-Type: application/json`, Buffer.concat([json, Buffer.alloc(100_000, ' ')])],
  ['a compressed body', `POST ${path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: gzip`, gzipSync(json)],
  ['a stream', `POST ${path}/batch HTTP/1.1\r\nContent-Type: application/x-ndjson`, json],
  [
    'the Open Inference Protocol',
    'POST /v2/models/kl_div/infer HTTP/1.1',
    Buffer.from(JSON.stringify({ inputs: ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'FP64', data: [1, 2] })) })),
  ],
] as const) {
  test(`who waits with ${name} for 100 Continue is told so once, and answered`, async () => {
    const text = await expecting(await listening(), head, body);
    assert.ok(text.startsWith(`${goOn}HTTP/1.1 200 OK\r\n`), text.slice(0, 200));
    assert.equal(text.split(goOn).length, 2);
  });
}

for (const [name, head, status] of [
  ['a length beyond the limit', `POST ${path} HTTP/1.1\r\nContent-Type: application/json`, 413],
  ['a type that is not read', `POST ${path} HTTP/1.1\r\nContent-Type: text/plain`, 415],
  ['a coding that is not read', `POST ${path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: compress`, 415],
  [
    'a compressed body and a time limit that is none',
    `POST ${path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nX-Request-Timeout: soon`,
    400,
  ],
  ['a path that does not exist', 'POST /v1/nothing HTTP/1.1\r\nContent-Type: application/json', 404],
  ['a method that is not answered', `PUT ${path} HTTP/1.1\r\nContent-Type: application/json`, 405],
] as const) {
  test(`who waits for 100 Continue with ${name} is refused without being asked for the body`, async () => {
    const text = await expecting(await listening({ BODY_LIMIT_BYTES: '10' }), head, json);
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(text, /\r\nconnection: close\r\n/i);
    assert.match(text, /application\/problem\+json/);
  });
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('curl sends nothing of a body that is refused for its length, and all of one that is not', {
  skip: hasCurl ? false : 'curl is not here',
}, async () => {
  const port = await listening({ BODY_LIMIT_BYTES: '2000000' });
  const curl = async (length: number) => {
    const sending = promisify(execFile)('curl', [
      ...['-s', '-o', '-', '-w', '\n%{http_code} %{size_upload}', '--expect100-timeout', '600', '--data-binary', '@-'],
      ...['-H', 'Content-Type: application/json', '-H', 'Expect: 100-continue', `http://127.0.0.1:${port}${path}`],
    ]);
    sending.child.stdin?.on('error', () => undefined);
    sending.child.stdin?.end(json.toString().padEnd(length));
    return (await sending).stdout.split('\n').at(-1);
  };
  assert.equal(await curl(2_000_001), '413 0');
  assert.equal(await curl(2_000_000), '200 2000000');
});
