import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { freeChunk } from '../../memory/free-chunk.ts';

/** Limits for reading a body that is discarded: on the time without new bytes, and on all of it. */
const lingerLimits = { silenceMs: 2_000, totalMs: 30_000 };

const lingering = new WeakSet<Socket>();

/** Whether the client of a connection has its answer, and its further bytes are discarded. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}

/**
 * Lets a client that is still sending receive its rejection: after the answer, the rest of the body is read and discarded within `limits`.
 * Closing a connection with unread bytes resets it, and most clients send everything before they read anything.
 */
export function lingerAfterReply(request: IncomingMessage, response: ServerResponse, limits = lingerLimits): void {
  const { socket } = request;
  // a request that Fastify's `inject` makes has no connection
  if (!hasBody(request) || !(socket instanceof Socket)) return;
  // before Node's own listener, which closes the connection after a last answer and does not read the rest of a partly read body
  response.prependOnceListener('finish', () => {
    if (request.readableEnded || socket.destroyed) return;
    request.unpipe();
    if (request.listenerCount('data') === 0) request.on('data', freeChunk);
    request.resume();
    if (!request.complete) lingerOver(request, limits);
  });
}

function lingerOver(request: IncomingMessage, limits: typeof lingerLimits): void {
  const { socket } = request;
  const { destroySoon } = socket;
  let isLast = false;
  let usual = 0;
  lingering.add(socket);
  // Node calls this after the last answer of a connection
  socket.destroySoon = () => {
    isLast = true;
    socket.end();
  };
  // in the next tick, because Node still sets its keep-alive timeout in this one
  process.nextTick(() => {
    usual = socket.timeout ?? 0;
    socket.setTimeout(limits.silenceMs);
  });
  const timer = setTimeout(() => socket.destroy(), limits.totalMs);
  const atClose = () => clearTimeout(timer);
  socket.once('close', atClose);
  request.once('end', () => {
    clearTimeout(timer);
    socket.off('close', atClose);
    lingering.delete(socket);
    socket.destroySoon = destroySoon;
    if (isLast) socket.destroySoon();
    else socket.setTimeout(usual);
  });
}

/** Ends a connection whose bytes cannot be parsed: sends `lastWords`, and gives the client time to read them before it closes. */
export function lingeringClose(socket: Socket, lastWords: string, limits = lingerLimits): void {
  lingering.add(socket);
  socket.end(lastWords);
  socket.once('timeout', () => socket.destroy());
  socket.once('end', () => socket.destroy());
  socket.setTimeout(limits.silenceMs);
  const timer = setTimeout(() => socket.destroy(), limits.totalMs);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
