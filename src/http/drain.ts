import type { ServerResponse } from 'node:http';

/** Whether the process is leaving, and the answers that it still owes. */
export type Drain = {
  readonly draining: boolean;
  readonly start: () => void;
  readonly idle: () => Promise<void>;
  readonly enter: (response: ServerResponse) => void;
  readonly leave: (response: ServerResponse) => void;
};

/**
 * Knows the requests in flight. From `start` on every answer closes its connection; `idle` resolves when none is in flight.
 * Fastify's own close waits for keep-alive connections, whoever holds them: github.com/fastify/fastify/issues/7044
 */
export function newDrain(): Drain {
  let draining = false;
  const inFlight = new Set<ServerResponse>();
  const waiting: (() => void)[] = [];

  function enter(response: ServerResponse): void {
    inFlight.add(response);
    if (draining) response.shouldKeepAlive = false;
  }
  function leave(response: ServerResponse): void {
    inFlight.delete(response);
    if (inFlight.size === 0) for (const resolve of waiting.splice(0)) resolve();
  }
  function start(): void {
    draining = true;
    for (const response of inFlight) response.shouldKeepAlive = false;
  }
  return {
    get draining() {
      return draining;
    },
    start,
    idle: () => (inFlight.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    enter,
    leave,
  };
}
