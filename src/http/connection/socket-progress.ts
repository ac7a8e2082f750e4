import type { Socket } from 'node:net';

/** The counters of libuv for a connection. No public API tells how much of one large write is done. */
type Handle = { readonly bytesWritten: number; readonly writeQueueSize: number };

/** Returns how many bytes written to a connection the kernel has taken, and how many wait for it. Both are 0 on a closed connection. */
export function bytesInKernel(socket: Socket | null): { taken: number; waiting: number } {
  const handle = (socket as { _handle?: Handle | null } | null)?._handle;
  if (!handle) return { taken: 0, waiting: 0 };
  return { taken: handle.bytesWritten - handle.writeQueueSize, waiting: handle.writeQueueSize };
}
