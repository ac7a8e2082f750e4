import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** An address that leads to a port at a time. What is connected stays with the port that it was connected to. */
export async function movingAddress(port: number) {
  let target = port;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => (socket === client ? upstream : client).destroy());
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const move = (to: number) => {
    target = to;
  };
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, move, close: () => server.close() };
}
