import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLiveList } from '../../memory/live-list.ts';
import { bytesInKernel } from './socket-progress.ts';

/** Whether the process is shutting down, and the answers that it still owes. */
export type Drain = {
  readonly draining: boolean;
  /** Returns the answers to requests in flight. */
  readonly answers: () => readonly ServerResponse[];
  readonly start: () => void;
  /** Resolves when no answer is owed, except to clients that have stopped sending their request or reading their answer. */
  readonly idle: () => Promise<void>;
  /** Enters an answer. Returns what is called when it is owed no more. */
  readonly enter: (response: ServerResponse) => () => void;
  /** Notes that an answer that was entered goes on for as long as its client sends. */
  readonly enterStream: (response: ServerResponse, stream: Stream) => void;
  /** Ends the streams, even if their clients still send. */
  readonly endStreams: () => void;
};

/** `end` ends an answer in an orderly way; `isAtWork` tells whether the service must finish work before bytes can move. */
type Stream = { readonly end: () => void; readonly isAtWork: () => boolean };

/** An answer that is owed, the bytes that its connection has moved, and when that number last grew (`performance.now()`, ms). */
type Owed = { readonly response: ServerResponse; place?: number; stream?: Stream | undefined; bytes: number; since: number };

/** At shutdown, the process stops waiting for a client that has neither sent nor taken a byte for this many ms. */
const drainIdleMs = 500;

/** Milliseconds between two checks of the connections. */
const checkIntervalMs = 50;

/**
 * Tracks the requests in flight. After `start`, every answer closes its connection; `idle` resolves when no request is in flight.
 * Fastify's own close also waits for idle keep-alive connections: github.com/fastify/fastify/issues/7044
 */
export function createDrain(): Drain {
  let draining = false;
  const inFlight = createLiveList<Owed>();

  function enter(response: ServerResponse): () => void {
    const owed: Owed = { response, bytes: 0, since: 0 };
    inFlight.add(owed);
    if (draining) response.shouldKeepAlive = false;
    return () => inFlight.remove(owed);
  }
  function enterStream(response: ServerResponse, stream: Stream): void {
    const owed = inFlight.all.find((one) => one.response === response);
    if (owed !== undefined) Object.assign(owed, { stream, bytes: 0, since: 0 });
  }
  function start(): void {
    draining = true;
    for (const { response } of inFlight.all) response.shouldKeepAlive = false;
  }
  async function idle(): Promise<void> {
    while (owes()) await sleep(checkIntervalMs);
  }
  /** Checks every answer and does not stop at the first one: each check also records the bytes that have moved. */
  function owes(): boolean {
    let waitsFor = 0;
    for (const owed of [...inFlight.all]) waitsFor += isAwaited(owed) ? 1 : 0;
    return waitsFor > 0;
  }
  return {
    get draining() {
      return draining;
    },
    answers: () => inFlight.all.map(({ response }) => response),
    start,
    idle,
    enter,
    enterStream,
    endStreams: () => {
      for (const { stream } of [...inFlight.all]) stream?.end();
    },
  };
}

/** Whether the service has work to do for an answer, or bytes have moved lately. */
function isAwaited(owed: Owed): boolean {
  const { req } = owed.response;
  const now = performance.now();
  const { taken, waiting } = bytesInKernel(req.socket);
  const isOurs = owed.stream === undefined ? req.complete && waiting === 0 : owed.stream.isAtWork();
  const bytes = req.socket.bytesRead + taken;
  if (isOurs || owed.bytes !== bytes) {
    owed.bytes = bytes;
    owed.since = now;
  }
  if (now - owed.since < drainIdleMs) return true;
  if (owed.stream === undefined) return false;
  // the client has as long again to take its last lines
  owed.stream.end();
  owed.stream = undefined;
  owed.since = now;
  return true;
}
