import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { brokenBody } from '../body/receive-body.ts';
import { bytesInKernel } from './socket-progress.ts';

/** The callbacks of a stream. */
type Stream = {
  /** Ends the body where it stands. */
  readonly breakOff: (why: RequestError) => void;
  /** Whether the service must finish work before bytes can move. */
  readonly isAtWork: () => boolean;
};

/** Connections with a stream in progress, whose bodies have no time limit. The callback reports broken framing. */
const streams = new WeakMap<Socket, () => void>();

/** A stream that is open. */
type OpenStream = {
  /** Breaks the body off. */
  readonly end: (why: RequestError) => void;
  /** Breaks the body off. If the body is whole and the client does not read its answers, closes the connection. */
  readonly giveUp: (why: RequestError) => void;
  /** Since when (ms of `performance.now()`) no byte has moved in either direction. */
  readonly silentSince: () => number;
};

/** A stream ends if no byte moves in either direction for this many ms, unless the service is at work. */
const streamIdleTimeoutMs = 60_000;

/** Milliseconds between two looks at what has moved on a stream. */
const lookMs = 500;

/**
 * Lets a body take longer than the server's `requestTimeout`, for as long as bytes move. Calls `breakOff` once if the body does not reach
 * its end although the client is connected: its HTTP or its compression is broken, or the client has stopped sending.
 */
export function openStream(
  request: IncomingMessage,
  response: ServerResponse,
  payload: Readable,
  { breakOff, isAtWork }: Stream,
  idle = streamIdleTimeoutMs,
): OpenStream {
  const { socket } = request;
  let isOver = false;

  function breakOnce(why: RequestError): void {
    if (isOver || socket.destroyed) return;
    isOver = true;
    breakOff(why);
  }
  function end(why: RequestError): void {
    // a next request could not be told from the rest of an incomplete body
    response.once('finish', () => request.complete || socket.destroySoon());
    breakOnce(why);
  }
  payload.once('error', (error) => end(brokenBody(error)));
  payload.once('end', () => {
    isOver = true;
  });

  const framingIsBroken = () => {
    response.once('finish', () => socket.destroySoon());
    // a body that is complete is not affected
    if (!request.complete) breakOnce(refuse('BAD_REQUEST', '#', 'the framing of the body is malformed'));
  };
  streams.set(socket, framingIsBroken);
  response.once('close', () => {
    // the next request on the connection may already have registered its own stream
    if (streams.get(socket) === framingIsBroken) streams.delete(socket);
  });

  // Node sets its own timeout again for the next request of the connection
  response.setTimeout(idle, () => {
    socket.setTimeout(idle);
    if (isAtWork()) return;
    if (isOver) {
      socket.destroy();
      return;
    }
    response.once('finish', () => socket.destroySoon());
    breakOnce(refuse('REQUEST_TIMEOUT', '#', `the client sent nothing for ${idle / 1000} s`));
  });

  function giveUp(why: RequestError): void {
    if (isOver) socket.destroy();
    else end(why);
  }
  return { end, giveUp, silentSince: watchSilence(response) };
}

/** Returns a function that tells since when nothing has moved on the connection of an answer. */
function watchSilence(response: ServerResponse): () => number {
  const { socket } = response.req;
  let moved = 0;
  let since = performance.now();
  function look(): number {
    const bytes = socket.bytesRead + bytesInKernel(socket).taken;
    if (bytes !== moved) since = performance.now();
    moved = bytes;
    return since;
  }
  look();
  const timer = setInterval(look, lookMs).unref();
  response.once('close', () => clearInterval(timer));
  return look;
}

/** Whether a connection has a stream in progress. */
export function isOpenStream(socket: Socket): boolean {
  return streams.has(socket);
}

/**
 * Passes an error of a connection to its stream; returns false without a stream. If a request exceeds the server's `requestTimeout`, Node
 * emits `clientError` once and leaves it to the listener to end the connection. A stream goes on.
 */
export function concernsStream(error: Error & { code?: string }, socket: Socket): boolean {
  const framingIsBroken = streams.get(socket);
  if (framingIsBroken === undefined) return false;
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') framingIsBroken();
  return true;
}
