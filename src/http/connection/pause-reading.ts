import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** How many ms nothing is read: as long as the event loop is late without a pause before that is an overload. */
const pauseMs = 100;

/**
 * Reads nothing more of the connection of an answered request for 100 ms: a client that sends again at once waits, and the event loop has
 * this time for others. `over` is called when the connection has been read again; at once if more of the body is to come, or it was the
 * last request.
 */
export function pauseReading(request: IncomingMessage, over: () => void): void {
  const { socket } = request;
  // a request that Fastify's `inject` makes has no connection
  if (!(socket instanceof Socket) || !request.complete) over();
  else if (request.closed) pause();
  // Node reads on until it has discarded the body; `close` also comes if the client goes away meanwhile
  else request.once('close', pause);

  function pause(): void {
    if (socket.destroyed || socket.writableEnded) {
      over();
      return;
    }
    socket.pause();
    setTimeout(() => {
      socket.resume();
      // after what has come meanwhile has been read
      setImmediate(over);
    }, pauseMs);
  }
}
