import type { Socket } from 'node:net';

/** The bytes that each connection had carried when its last answer ended. */
const carried = new WeakMap<Socket, { readonly read: number; readonly written: number }>();

/** Returns the bytes received and sent on a connection since its last answer: those of one request, with headers and framing. */
export function socketBytes(socket: Socket): { readonly received: number; readonly sent: number } {
  const before = carried.get(socket) ?? { read: 0, written: 0 };
  // the socket of an injected request has no counters
  const { bytesRead: read = 0, bytesWritten: written = 0 } = socket;
  carried.set(socket, { read, written });
  return { received: read - before.read, sent: written - before.written };
}
