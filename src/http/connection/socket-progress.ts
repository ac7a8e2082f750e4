import type { Socket } from 'node:net';

/** What libuv knows of a connection: nothing public tells how much of one large write has been done. */
type Handle = { readonly bytesWritten: number; readonly writeQueueSize: number };

/** How many bytes of what was written to a connection the kernel has taken, and how many wait for it. */
export function bytesInKernel(socket: Socket | null): { taken: number; waiting: number } {
  const handle = (socket as { _handle?: Handle | null } | null)?._handle;
  if (!handle) return { taken: 0, waiting: 0 };
  return { taken: handle.bytesWritten - handle.writeQueueSize, waiting: handle.writeQueueSize };
}
