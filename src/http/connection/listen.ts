import { once } from 'node:events';
import { type AddressInfo, createServer, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Of each listening socket, libuv takes one new connection in a turn of the event loop. Turns are long where the service is overloaded, and
 * whoever comes without a connection would wait longest; so there are several sockets, among which Linux deals out connections.
 */
const listenerCount = process.platform === 'linux' ? 64 : 1;

/** Connections that the system keeps for each of them until they are taken: in a burst, whoever finds no place comes again after a second. */
const backlog = 4096;

/** What an HTTP server asks of its connections. */
const asHttp = { noDelay: true, allowHalfOpen: true };

/** Listens. What is returned ends that, and leaves all connections as they are. @throws Error where the address cannot be had */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<() => void> {
  const reusePort = listenerCount > 1;
  const socketOptions = { backlog, reusePort };
  // with sockets that share a port, a second process would take half of the connections of the first without a word
  if (reusePort && port !== 0) await tryAlone(host, port);
  await app.listen({ host, port, ...socketOptions });
  const { address, port: given } = app.server.address() as AddressInfo;
  const others = Array.from({ length: listenerCount - 1 }, () => createServer(asHttp, (socket) => app.server.emit('connection', socket)));
  for (const other of others) other.listen({ host: address, port: given, ...socketOptions });
  await Promise.all(others.map((other) => once(other, 'listening')));
  // not http's own close, which cuts answers that are still being sent
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
