import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Quota, QuotaReservation } from '../../auth/quota.ts';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { clientOf, isPublic } from './authentication.ts';
import { type ElementLimits, elementsInText, mostElements } from './body-elements.ts';

/** What a request takes of its client's quota. */
type QuotaAccount = {
  /** Charges the elements that were computed, in place of the reserved ones, before the answer is sent. Only the first call counts. */
  readonly settle: (elements: number) => void;
  /** Reserves what a block of lines may hold. Returns what charges the elements that were computed. @throws RequestError QUOTA_EXCEEDED */
  readonly reserveBlock: (bytes: number) => Promise<(elements: number) => void>;
};

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    account: QuotaAccount | undefined;
  }
}

/** The charge in elements for every request, also for a rejected one. */
const requestCost = 1;

/** While requests in flight hold the rest of the quota, a block of lines waits this many ms before it asks again. */
const blockRetryMs = 20;

/**
 * Charges each client for the elements of its requests. Reserves as many as a body may hold before it is read, and rejects the request of a
 * client that has spent or reserved its quota. A client without credential is its IP address. Does nothing without `quota`.
 */
export function registerQuota(app: FastifyInstance, quota: Quota | undefined, limits: ElementLimits): void {
  app.decorateRequest('account', undefined);
  if (quota === undefined) return;
  app.addHook('onClose', async () => quota.close());
  app.addHook('onRequest', async (request, reply) => {
    if (isPublic(request)) return;
    const client = clientOf(request);
    const reservation = await quota.reserve(client, Math.max(requestCost, mostElements(request, limits)));
    const settle = settlerOf(reply, quota, reservation);
    if (reservation.lack !== undefined) {
      settle(requestCost);
      throw exceeded(quota, reservation);
    }
    request.account = { settle, reserveBlock: blockReserver(client, quota) };
    // a client that disconnects gets no answer
    reply.raw.once('close', () => settle(requestCost));
  });
  app.addHook('onSend', async ({ account }) => account?.settle(requestCost));
}

function settlerOf(
  reply: FastifyReply,
  { elements, windowSeconds }: Quota,
  { before, reset, settle }: QuotaReservation,
): QuotaAccount['settle'] {
  let isSettled = false;
  return (computed) => {
    if (isSettled) return;
    isSettled = true;
    const cost = Math.max(requestCost, computed);
    settle(cost);
    if (reply.raw.headersSent) return;
    // https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    reply.header('ratelimit-policy', `"elements";q=${elements};w=${windowSeconds}`);
    reply.header('ratelimit', `"elements";r=${Math.max(0, elements - before - cost)};t=${reset}`);
  };
}

/** A stream has paid for its first elements when it came. */
function blockReserver(client: string, quota: Quota): QuotaAccount['reserveBlock'] {
  let paid = requestCost;
  return async (bytes) => {
    for (;;) {
      const reservation = await quota.reserve(client, Math.ceil(elementsInText(bytes)));
      if (reservation.lack === undefined) {
        return (elements) => {
          reservation.settle(Math.max(0, elements - paid));
          paid = Math.max(0, paid - elements);
        };
      }
      reservation.settle(0);
      if (reservation.lack === 'spent') throw exceeded(quota, reservation);
      await sleep(blockRetryMs);
    }
  };
}

function exceeded({ elements, windowSeconds }: Quota, { reset, lack }: QuotaReservation): RequestError {
  const limit = `the quota of ${elements} elements in ${windowSeconds} s`;
  return lack === 'spent'
    ? refuse('QUOTA_EXCEEDED', '#', `${limit} is spent; the next begins in ${reset} s`, reset)
    : refuse(
        'QUOTA_EXCEEDED',
        '#',
        `${limit} may be spent by the requests in flight, whose bodies could hold the rest; try again in 1 s`,
        1,
      );
}
