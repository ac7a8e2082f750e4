import type { FastifyInstance } from 'fastify';

/** Whether the process is leaving, and the requests that it still owes an answer. */
export type Drain = { readonly draining: boolean; readonly start: () => void; readonly idle: () => Promise<void> };

/**
 * Counts requests in flight. From `start` on every answer closes its connection; `idle` resolves when none is in flight.
 * Fastify's own close waits for keep-alive connections, whoever holds them: github.com/fastify/fastify/issues/7044
 */
export function registerDrain(app: FastifyInstance): Drain {
  let draining = false;
  let inFlight = 0;
  const waiting: (() => void)[] = [];

  app.addHook('onRequest', (_request, reply, done) => {
    inFlight++;
    reply.raw.once('close', () => {
      inFlight--;
      if (inFlight === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) reply.header('connection', 'close');
    done();
  });
  return {
    get draining() {
      return draining;
    },
    start() {
      draining = true;
    },
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
