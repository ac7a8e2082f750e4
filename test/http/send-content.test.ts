import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import Fastify from 'fastify';
import { sendContent } from '../../src/http/send-content.ts';
import { sharedApp } from '../helper.ts';

const body = '{"input": [1, 2], "target": [2, 1], "reduction": "sum"}';
const text = `POST /v1/kl-divergence HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('small requests that come together are all read before the first is answered', async (t) => {
  const { port } = await sharedApp();
  const sockets = await Promise.all(
    [1, 2, 3].map(async () => {
      const socket = connect(port, '127.0.0.1');
      // the service has taken the connection when it has answered on it
      socket.write(text);
      await once(socket, 'data');
      return socket;
    }),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const seen: string[] = [];
  const [onRead, onAnswer] = [() => seen.push('read'), () => seen.push('answered')];
  subscribe('http.server.request.start', onRead);
  subscribe('http.server.response.finish', onAnswer);
  t.after(() => {
    unsubscribe('http.server.request.start', onRead);
    unsubscribe('http.server.response.finish', onAnswer);
  });
  for (const socket of sockets) socket.write(text);
  const answers = await Promise.all(sockets.map((socket) => once(socket, 'data')));
  for (const [answer] of answers) assert.match(String(answer), /^HTTP\/1\.1 200 /);
  assert.deepEqual(seen, ['read', 'read', 'read', 'answered', 'answered', 'answered']);
});

test('an answer that is one long piece is sent without a stream', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  const sent: unknown[] = [];
  app.addHook('onSend', async (_request, _reply, payload) => void sent.push(payload));
  const piece = new Uint8Array(2 ** 17).fill(7);
  app.get('/', (request, reply) => sendContent(request, reply, [piece]));
  const answer = await app.inject('/');
  assert.ok(Buffer.isBuffer(sent[0]));
  assert.equal(answer.headers['content-length'], String(2 ** 17));
  assert.ok(answer.rawPayload.equals(Buffer.alloc(2 ** 17, 7)));
});

test('an answer in shared memory arrives as its bytes', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  const piece = new Uint8Array(new SharedArrayBuffer(2 ** 17)).fill(7);
  app.get('/', (request, reply) => sendContent(request, reply.type('application/json'), [piece]));
  const answer = await app.inject('/');
  assert.ok(answer.rawPayload.equals(Buffer.alloc(2 ** 17, 7)));
});
