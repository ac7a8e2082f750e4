import assert from 'node:assert/strict';
import { type AddressInfo, connect, Server } from 'node:net';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { listen } from '../../../src/http/connection/listen.ts';
import { textOf } from '../../service-process.ts';

test('each socket that listens serves, from the first connection on: a start accepts none to drop it', async (t) => {
  const app = fastify();
  app.get('/livez', () => 'alive');
  t.after(() => app.close());
  const answers: Promise<string>[] = [];
  const original = Server.prototype.listen;
  t.mock.method(Server.prototype, 'listen', function (this: Server, ...args: Parameters<typeof original>) {
    this.prependOnceListener('listening', () => {
      const socket = connect((this.address() as AddressInfo).port, '127.0.0.1');
      socket.write('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      answers.push(textOf(socket));
    });
    return original.apply(this, args);
  });
  const stop = await listen(app, '127.0.0.1', 0);
  t.after(stop);
  assert.ok(answers.length > 0);
  for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*alive$/);
});
