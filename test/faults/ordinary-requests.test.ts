import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { cases } from '../cases.ts';
import { startedApp } from '../helper.ts';

const connections = 8;

const rows = (count: number) => {
  const input = Array.from({ length: count }, (_, row) => Array.from({ length: 100 }, (_, column) => Math.sin(row * 100 + column)));
  return Buffer.from(JSON.stringify({ input, target: input.toReversed() }));
};
/** 60 bytes, 40 KB and 2 MB. */
const bodies = { small: Buffer.from('{"input": [[2, 1, 0.1]], "target": [[1.5, 1.2, 0.2]]}'), mid: rows(10), large: rows(520) };

type Size = keyof typeof bodies;

/** How a request is sent: with its length, in chunks, or when it is told to go on. */
const manners = ['plain', 'chunked', 'expects'] as const;

const sizeOf = (number: number): Size => (number % 100 === 50 ? 'large' : number % 10 === 5 ? 'mid' : 'small');

test('ordinary requests are answered, none is taken for one whose client went away; those whose client did are', async (t) => {
  const requests = cases(t, 10_000, 250);
  const { app, lines, workers } = await startedApp(t);
  await app.listen({ port: 0, host: '127.0.0.1' });
  await workers.start();
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  t.after(() => agent.destroy());
  const answers: Record<Size, Set<string>> = { small: new Set(), mid: new Set(), large: new Set() };

  function opened(id: string, size: Size, manner: (typeof manners)[number]): ClientRequest {
    const headers = {
      'content-type': 'application/json',
      'x-request-id': id,
      ...(manner === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bodies[size].length) }),
      ...(manner === 'expects' ? { expect: '100-continue' } : {}),
    };
    return request({ port, host: '127.0.0.1', agent, method: 'POST', path: '/v1/kl-divergence', headers });
  }

  async function ask(number: number): Promise<void> {
    const size = sizeOf(number);
    const manner = manners[number % manners.length];
    const sent = opened(`stays-${number}`, size, manner);
    const body = bodies[size];
    const answered = once(sent, 'response');
    if (manner === 'expects') {
      sent.flushHeaders();
      await once(sent, 'continue');
    }
    const half = body.length >> 1;
    if (manner === 'chunked') sent.write(body.subarray(0, half));
    sent.end(manner === 'chunked' ? body.subarray(half) : body);
    const [answer] = (await answered) as [IncomingMessage];
    const text = Buffer.concat(await answer.toArray()).toString();
    assert.equal(answer.statusCode, 200, text);
    answers[size].add(text);
  }

  /** Half of the body at most is sent: that cannot have been answered. */
  async function leave(number: number): Promise<void> {
    const size = sizeOf(number);
    const sent = opened(`leaves-${number}`, size, 'plain');
    sent.on('error', () => {});
    const body = bodies[size];
    sent.write(body.subarray(0, (body.length * (number % 4)) / 8));
    await once(sent, 'socket');
    await (number % 3 === 0 ? sleep(number % 7) : turn());
    sent.destroy();
  }

  let next = 0;
  async function client(): Promise<void> {
    for (let number = next++; number < requests; number = next++) {
      if (number % 45 === 5) await leave(number);
      await ask(number);
    }
  }
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();

  // equal requests have equal answers
  assert.deepEqual(
    Object.values(answers).map(({ size }) => size),
    [1, 1, 1],
  );
  const logged = () => lines.filter(({ request_id }) => String(request_id).startsWith('stays-'));
  while (logged().length < requests) await sleep(10);
  assert.equal(new Set(logged().map(({ request_id }) => request_id)).size, requests);
  assert.deepEqual(
    logged().filter(({ status, msg }) => status !== 200 || msg !== 'request answered'),
    [],
  );
  const left = lines.filter(({ request_id }) => String(request_id).startsWith('leaves-'));
  assert.ok(left.length > 0);
  assert.deepEqual(
    left.filter(({ status, msg }) => status === 200 || msg === 'request answered'),
    [],
  );
  while (workers.load().bytes > 0) await sleep(10);
  assert.ok(Object.values(workers.load().lanes).every(({ running, waiting }) => running + waiting === 0));
  t.diagnostic(`${left.length} clients left in between`);
});
