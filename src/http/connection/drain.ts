import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesInKernel } from './socket-progress.ts';

/** Whether the process is leaving, and the answers that it still owes. */
export type Drain = {
  readonly draining: boolean;
  /** The answers to requests in flight. */
  readonly answers: Answers;
  readonly start: () => void;
  /** Resolves when no answer is owed any more, but to those who have stopped sending their request, or reading their answer. */
  readonly idle: () => Promise<void>;
  readonly enter: (response: ServerResponse) => void;
  /** For an answer that may go on as long as its client likes. */
  readonly enterStream: (response: ServerResponse, stream: Stream) => void;
  /** Ends the streams, however much still comes. */
  readonly endStreams: () => void;
  readonly leave: (response: ServerResponse) => void;
};

/** A set or a map of them. */
export type Answers = { readonly keys: () => Iterable<ServerResponse> };

/** What ends an answer in an orderly way, and whether the service has work to do before anything can move. */
type Stream = { readonly end: () => void; readonly isAtWork: () => boolean };

/** An answer that is owed, and when something last moved on its connection. */
type Owed = { stream?: Stream | undefined; bytes: number; since: number };

/** Of a request that is not whole something must come, and of an answer that is something be taken, within these ms for the process to wait. */
const drainIdleMs = 500;

/** Milliseconds between two looks at who still sends. */
const checkIntervalMs = 50;

/**
 * Knows the requests in flight. From `start` on every answer closes its connection; `idle` resolves when none is in flight.
 * Fastify's own close waits for keep-alive connections, whoever holds them: github.com/fastify/fastify/issues/7044
 */
export function createDrain(): Drain {
  let draining = false;
  const inFlight = new Map<ServerResponse, Owed>();

  function enter(response: ServerResponse): void {
    inFlight.set(response, { bytes: 0, since: 0 });
    if (draining) response.shouldKeepAlive = false;
  }
  function start(): void {
    draining = true;
    for (const response of inFlight.keys()) response.shouldKeepAlive = false;
  }
  async function idle(): Promise<void> {
    while (owes()) await sleep(checkIntervalMs);
  }
  /** Looks at all of them, since each look tells of some that they have moved. */
  function owes(): boolean {
    let waitsFor = 0;
    for (const [response, owed] of inFlight) waitsFor += isAwaited(response, owed) ? 1 : 0;
    return waitsFor > 0;
  }
  return {
    get draining() {
      return draining;
    },
    answers: inFlight,
    start,
    idle,
    enter,
    enterStream: (response, stream) => void inFlight.set(response, { stream, bytes: 0, since: 0 }),
    endStreams: () => {
      for (const { stream } of inFlight.values()) stream?.end();
    },
    leave: (response) => void inFlight.delete(response),
  };
}

/** Whether it is for the service to move, or something has moved lately. */
function isAwaited(response: ServerResponse, owed: Owed): boolean {
  const { req } = response;
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
  // it has as long again to take its last lines
  owed.stream.end();
  owed.stream = undefined;
  owed.since = now;
  return true;
}
