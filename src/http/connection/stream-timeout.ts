import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { brokenBody } from '../body/receive-body.ts';

/** What a stream is told by its connection, and asked. */
type Stream = {
  /** Ends the body at the point that it has come to. */
  readonly breakOff: (why: RequestError) => void;
  /** Whether the service has work to do before anything can move. */
  readonly isAtWork: () => boolean;
};

/** Connections on which a body may take as long as it likes, while its answer is under way, and who is told that its framing is broken. */
const streams = new WeakMap<Socket, () => void>();

/** A stream on which nothing moves for this many ms, in either direction, is ended, unless it is the service that is waited for. */
const streamIdleTimeoutMs = 60_000;

/**
 * Lets a body take longer than the server's `requestTimeout`, for as long as something moves. `breakOff` is called once where the body does not come to
 * its end although the client is still there: its HTTP or its compression is broken, or nothing comes any more. What is returned breaks it
 * off for another reason.
 */
export function openStream(
  request: IncomingMessage,
  response: ServerResponse,
  payload: Readable,
  { breakOff, isAtWork }: Stream,
  idle = streamIdleTimeoutMs,
): (why: RequestError) => void {
  const { socket } = request;
  let isOver = false;

  function breakOnce(why: RequestError): void {
    if (isOver || socket.destroyed) return;
    isOver = true;
    breakOff(why);
  }
  function end(why: RequestError): void {
    // what else comes on this connection cannot be told from the rest of a body that is not whole
    response.once('finish', () => request.complete || socket.destroySoon());
    breakOnce(why);
  }
  payload.once('error', (error) => end(brokenBody(error)));
  payload.once('end', () => {
    isOver = true;
  });

  const framingIsBroken = () => {
    response.once('finish', () => socket.destroySoon());
    // of a body that is whole already it is no matter
    if (!request.complete) breakOnce(refuse('BAD_REQUEST', '#', 'the framing of the body is malformed'));
  };
  streams.set(socket, framingIsBroken);
  response.once('close', () => {
    // the next request on the connection may be a stream, and there already
    if (streams.get(socket) === framingIsBroken) streams.delete(socket);
  });

  // Node sets its own again for the next request of the connection
  response.setTimeout(idle, () => {
    socket.setTimeout(idle);
    if (isAtWork()) return;
    if (isOver) {
      socket.destroy();
      return;
    }
    response.once('finish', () => socket.destroySoon());
    breakOnce(refuse('REQUEST_TIMEOUT', '#', `nothing has come for ${idle / 1000} s`));
  });
  return end;
}

/** Whether a stream is under way on a connection. */
export function isOpenStream(socket: Socket): boolean {
  return streams.has(socket);
}

/**
 * Whether an error of a connection is a matter of the stream on it. Node tells of a request that takes longer than the server's `requestTimeout` once,
 * through the `clientError` event, and leaves it to the listener whether the connection ends: that of a stream goes on.
 */
export function concernsStream(error: Error & { code?: string }, socket: Socket): boolean {
  const framingIsBroken = streams.get(socket);
  if (framingIsBroken === undefined) return false;
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') framingIsBroken();
  return true;
}
