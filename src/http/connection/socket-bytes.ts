import type { Socket } from 'node:net';

/** What each connection had carried when its last answer was over. */
const carried = new WeakMap<Socket, { readonly read: number; readonly written: number }>();

/** The bytes that a connection has carried either way since the last answer on it: those of one request, headers, framing and all. */
export function socketBytes(socket: Socket): { readonly received: number; readonly sent: number } {
  const before = carried.get(socket) ?? { read: 0, written: 0 };
  // an injected request has a connection that counts nothing
  const { bytesRead: read = 0, bytesWritten: written = 0 } = socket;
  carried.set(socket, { read, written });
  return { received: read - before.read, sent: written - before.written };
}
