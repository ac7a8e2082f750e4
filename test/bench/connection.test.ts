import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Connection, openConnection, type Prebuilt, prebuilt } from './connection.ts';

const body = { type: 'application/json', bytes: Buffer.alloc(4_000_000, ' ') };
const small = { type: 'application/json', bytes: Buffer.from('{}') };

/** Answers with the length of a body, or refuses without reading it. */
const measure: RequestListener = (request, response) => {
  let length = 0;
  request.on('data', (chunk) => {
    length += chunk.length;
  });
  request.on('end', () => response.end(String(length)));
};
const refuse: RequestListener = (_request, response) => response.writeHead(503, { 'content-length': 2 }).end('no');

async function listening(t: TestContext, onRequest: RequestListener, onExpect: RequestListener): Promise<number> {
  const server = createServer(onRequest).on('checkContinue', onExpect).listen(0, '127.0.0.1');
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A connection that tells whether it was free or gone after each request. */
function connected(port: number) {
  const told: string[] = [];
  let tell: (what: string) => void = () => {};
  const on = (what: string) => {
    told.push(what);
    tell(what);
  };
  const connection: Connection = openConnection(port, { free: () => on('free'), gone: () => on('gone') });
  const sent = async (request: Prebuilt) => {
    const after = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const answered = await new Promise<string>((resolve) => {
      connection.send(request, (answer, withheld) => resolve(`${answer?.status} ${answer?.body} ${withheld ? 'withheld' : 'sent'}`));
    });
    return `${answered}, then ${await after}`;
  };
  return { sent, destroy: () => connection.destroy() };
}

test('a body that waits for 100 Continue is sent when it comes, and the connection takes the next request', async (t) => {
  const port = await listening(t, measure, (request, response) => {
    response.writeContinue();
    measure(request, response);
  });
  const { sent, destroy } = connected(port);
  t.after(destroy);
  assert.equal(await sent(prebuilt(body, { expects: true })), '200 4000000 sent, then free');
  assert.equal(await sent(prebuilt(small)), '200 2 sent, then free');
});

test('a body that waits for 100 Continue is withheld when the request is refused, and its connection ends', async (t) => {
  const { sent } = connected(await listening(t, measure, refuse));
  assert.equal(await sent(prebuilt(body, { expects: true })), '503 no withheld, then gone');
});

test('a body that is sent at once and refused meanwhile is sent to its end before the connection takes the next request', async (t) => {
  const port = await listening(
    t,
    (request, response) => (request.headers['content-length'] === '2' ? measure : refuse)(request, response),
    measure,
  );
  const { sent, destroy } = connected(port);
  t.after(destroy);
  assert.equal(await sent(prebuilt(body, { apart: true })), '503 no sent, then free');
  assert.equal(await sent(prebuilt(small)), '200 2 sent, then free');
});

test('a connection that ends without an answer is told', async (t) => {
  const { sent } = connected(await listening(t, (request) => request.destroy(), measure));
  assert.equal(await sent(prebuilt(small)), 'undefined undefined sent, then gone');
});
