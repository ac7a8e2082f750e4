import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, BoundSocket, createServer, isIPv6, Server } from 'node:net';
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

/**
 * Starts to listen on an address, or on every address of a name that this machine has. All connections go to the server of `app`, so what
 * is attached to that server holds for all of them. Returns a function that stops it and leaves all connections open.
 * @throws Error if no address is available, or if the port is taken on one
 */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<() => void> {
  const reusePort = listenerCount > 1;
  const socketOptions = { backlog, reusePort };
  const [first, ...further] = await availableAddresses(app, host, port);
  // Fastify is given an address, because for the name localhost it opens servers of its own, on which nothing is attached
  await app.listen({ host: first, port, ...socketOptions });
  const { port: given } = app.server.address() as AddressInfo;
  const places = [...repeat(first, listenerCount - 1), ...further.flatMap((address) => repeat(address, listenerCount))];
  const others = await Promise.all(places.map(open));
  for (const address of further) app.log.info(`Server listening at http://${isIPv6(address) ? `[${address}]` : address}:${given}`);
  // `http.Server.close` would cut off answers that are still being sent
  return () => {
    for (const server of [app.server, ...others]) Server.prototype.close.call(server);
  };

  async function open(address: string): Promise<Server> {
    const server = createServer(asHttp, (socket) => app.server.emit('connection', socket));
    server.listen({ host: address, port: given, ...socketOptions });
    await once(server, 'listening');
    return server;
  }
}

/** Returns the addresses of a host that this machine has. Some that a name has may not be here, such as ::1 in a container without IPv6. */
async function availableAddresses(app: FastifyInstance, host: string, port: number): Promise<string[]> {
  // an address of IPv6 may stand in brackets, as in a URL
  const found = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true });
  const addresses = [...new Set(found.map(({ address }) => address))];
  const available: string[] = [];
  let missing = new Error(`the name ${host} has no address`);
  for (const address of addresses) {
    try {
      tryAlone(address, port);
      available.push(address);
    } catch (error) {
      if (!isNotHere(error)) throw error;
      missing = error;
      if (addresses.length > 1) app.log.warn({ address }, 'address of HOST skipped: this machine does not have it');
    }
  }
  if (available.length === 0) throw missing;
  return available;
}

/**
 * Binds without sharing the port: a second process on a shared port would silently take half of the connections. It does not listen, since
 * it could only drop who connects.
 */
function tryAlone(host: string, port: number): void {
  new BoundSocket({ host, port }).close();
}

function isNotHere(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(String(error.code));
}

function repeat(address: string, count: number): string[] {
  return Array<string>(count).fill(address);
}
