import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type RequestError, refuse } from '../errors.ts';
import { brokenBody } from './receive.ts';

/** Ends a body at the point that it has come to. */
type BreakOff = (why: RequestError) => void;

/** Connections on which a body may take as long as it likes, while its answer is under way. */
const streams = new WeakMap<Socket, BreakOff>();

/** A stream on which nothing moves for this many ms, in either direction, is ended. */
const patience = 60_000;

/**
 * Lets a body take longer than `requestTimeout`, for as long as something moves. `breakOff` is called once where the body does not come to
 * its end although the client is still there: its HTTP or its compression is broken, or nothing comes any more.
 */
export function openStream(
  { socket }: IncomingMessage,
  response: ServerResponse,
  payload: Readable,
  breakOff: BreakOff,
  idle = patience,
): void {
  let isOver = false;
  const breakOnce: BreakOff = (why) => {
    if (socket.destroyed) return;
    // what else comes on this connection cannot be told from the rest of the body
    response.once('finish', () => socket.destroySoon());
    if (isOver) return;
    isOver = true;
    breakOff(why);
  };
  payload.once('error', (error) => breakOnce(brokenBody(error)));
  payload.once('end', () => {
    isOver = true;
  });
  streams.set(socket, breakOnce);
  response.once('close', () => streams.delete(socket));
  // Node sets its own again for the next request of the connection
  response.setTimeout(idle, () => {
    if (isOver) socket.destroy();
    else breakOnce(refuse('REQUEST_TIMEOUT', '#', `nothing has come for ${idle / 1000} s`));
    socket.setTimeout(idle);
  });
}

/**
 * Whether an error of a connection is a matter of the stream on it. Node tells of a request that takes longer than `requestTimeout` once,
 * through the `clientError` event, and leaves it to the listener whether the connection ends: that of a stream goes on.
 */
export function concernsStream(error: Error & { code?: string }, socket: Socket): boolean {
  const breakOff = streams.get(socket);
  if (breakOff === undefined) return false;
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') breakOff(refuse('BAD_REQUEST', '#', 'the framing of the body is malformed'));
  return true;
}
