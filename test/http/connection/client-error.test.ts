import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { startedApp } from '../../helper.ts';
import { answersIn } from '../answers.ts';

test('however much that is no HTTP follows a request, its answer is waited for once, and then all of it is refused', async (t) => {
  const held = Promise.withResolvers<string>();
  let answer: ServerResponse | undefined;
  const { app } = await startedApp(t, {}, (one) =>
    one.get('/held', (_request, reply) => {
      answer = reply.raw;
      return held.promise;
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const listeners: (number | undefined)[] = [];
  for (let packet = 0; packet < 3; packet++) {
    const seen = once(app.server, 'clientError');
    client.write('no HTTP\r\n\r\n');
    await seen;
    listeners.push(answer?.listenerCount('finish'));
  }
  assert.deepEqual(new Set(listeners).size, 1, listeners.join());
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  client.on('end', () => client.end());
  held.resolve('held');
  await once(client, 'close');
  assert.deepEqual(
    answersIn(Buffer.concat(chunks).toString()).map(({ status }) => status),
    [200, 400],
  );
});
