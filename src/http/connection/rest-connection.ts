import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** How long a connection rests: as long as an overload lasts before requests are refused for it. */
const restMs = 100;

/**
 * Reads nothing more of the connection of an answered request for 100 ms: a client that sends again at once waits, and the event loop has this
 * time for others. `over` is called when the connection has been read again; at once if more of the body is to come, or it was the last request.
 */
export function restConnection(request: IncomingMessage, over: () => void): void {
  const { socket } = request;
  // a request that Fastify's `inject` makes has no connection
  const canRest = socket instanceof Socket && request.complete && !socket.writableEnded && !socket.destroyed;
  if (!canRest) over();
  else if (request.readableEnded) rest();
  // Node reads on when it has discarded the body
  else request.once('end', rest);

  function rest(): void {
    socket.pause();
    setTimeout(() => {
      socket.resume();
      // after what has come meanwhile has been read
      setImmediate(over);
    }, restMs);
  }
}
