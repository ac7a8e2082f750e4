import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { release } from '../body/receive-body.ts';

/** For how many ms a body that nobody wants is waited for while nothing comes, and for how many it is read in all. */
const lingerLimits = { silence: 2_000, inAll: 30_000 };

const lingering = new WeakSet<Socket>();

/** Whether a connection has had its answer, and what still comes on it is thrown away. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}

/**
 * Lets a client that is still sending have its refusal: what is left of the body is read and thrown away for a while, after the answer.
 * A connection that is closed over unread bytes is reset, and most clients send everything before they read anything.
 */
export function lingerAfterReply(request: IncomingMessage, response: ServerResponse, limits = lingerLimits): void {
  if (!hasBody(request)) return;
  const { socket } = request;
  // before Node's own listener, which closes the connection of a last answer and leaves a body alone that somebody had begun to read
  response.prependOnceListener('finish', () => {
    if (request.readableEnded || socket.destroyed) return;
    request.unpipe();
    if (request.listenerCount('data') === 0) request.on('data', release);
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
  // what Node calls after the last answer of a connection
  socket.destroySoon = () => {
    isLast = true;
    socket.end();
  };
  // Node still gives the connection the time that it may be idle
  process.nextTick(() => {
    usual = socket.timeout ?? 0;
    socket.setTimeout(limits.silence);
  });
  const inAll = setTimeout(() => socket.destroy(), limits.inAll);
  const atClose = () => clearTimeout(inAll);
  socket.once('close', atClose);
  request.once('end', () => {
    clearTimeout(inAll);
    socket.off('close', atClose);
    lingering.delete(socket);
    socket.destroySoon = destroySoon;
    if (isLast) socket.destroySoon();
    else socket.setTimeout(usual);
  });
}

/** Ends a connection whose bytes make no sense any more: with its last words, and not before the client had time to read them. */
export function lingeringClose(socket: Socket, lastWords: string, limits = lingerLimits): void {
  lingering.add(socket);
  socket.end(lastWords);
  socket.once('timeout', () => socket.destroy());
  socket.once('end', () => socket.destroy());
  socket.setTimeout(limits.silence);
  const inAll = setTimeout(() => socket.destroy(), limits.inAll);
  socket.once('close', () => clearTimeout(inAll));
  socket.resume();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
