import { once } from 'node:events';
import { type AddressInfo, createServer, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * libuv accepts one connection per listening socket in each iteration of the event loop. Iterations are long under overload, and clients
 * that open a new connection would wait longest. So several sockets share the port, and Linux distributes connections among them.
 */
const listenerCount = process.platform === 'linux' ? 64 : 1;

/** Connections that the kernel queues for each socket. If the queue is full in a burst, a client tries again after a second. */
const backlog = 4096;

/** The socket options that Node's HTTP server sets. */
const asHttp = { noDelay: true, allowHalfOpen: true };

/** Starts to listen. Returns a function that stops it and leaves all connections open. @throws Error if the address is not available */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<() => void> {
  const reusePort = listenerCount > 1;
  const socketOptions = { backlog, reusePort };
  // a second process on a shared port would silently take half of the connections; this makes it fail
  if (reusePort && port !== 0) await tryAlone(host, port);
  await app.listen({ host, port, ...socketOptions });
  const { address, port: given } = app.server.address() as AddressInfo;
  const others = Array.from({ length: listenerCount - 1 }, () => createServer(asHttp, (socket) => app.server.emit('connection', socket)));
  for (const other of others) other.listen({ host: address, port: given, ...socketOptions });
  await Promise.all(others.map((other) => once(other, 'listening')));
  // `http.Server.close` would cut off answers that are still being sent
  return () => {
    for (const server of [app.server, ...others]) Server.prototype.close.call(server);
  };
}

async function tryAlone(host: string, port: number): Promise<void> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
