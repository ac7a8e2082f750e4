import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Quota, Standing } from '../../auth/quota.ts';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { clientOf, isPublic } from './authentication.ts';

/** Charges one request to its client. */
type QuotaAccount = {
  /** Charges computed elements and puts the rest of the quota into the headers. Resolves to an error if the quota is spent. */
  readonly charge: (elements: number) => Promise<RequestError | undefined>;
};

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    account: QuotaAccount | undefined;
  }
}

/** The charge in elements for every request, also for a rejected one. */
const requestCost = 1;

/**
 * Charges each client for the elements of its requests, and rejects a client that has spent its quota before the body is read. A client
 * without a name is its IP address. Does nothing without `quota`.
 */
export function registerQuota(app: FastifyInstance, quota: Quota | undefined): void {
  app.decorateRequest('account', undefined);
  if (quota === undefined) return;
  app.addHook('onClose', async () => quota.close());
  app.addHook('onRequest', async (request, reply) => {
    if (isPublic(request)) return;
    const client = clientOf(request);
    const standing = await quota.charge(client, requestCost);
    show(reply, quota, standing);
    if (standing.spent > quota.elements) throw exceeded(quota, standing);
    request.account = accountOf(client, reply, quota, standing);
  });
}

function accountOf(client: string, reply: FastifyReply, quota: Quota, { spent, reset }: Standing): QuotaAccount {
  let paid = requestCost;
  return {
    charge: async (elements) => {
      const due = Math.max(0, elements - paid);
      paid = Math.max(0, paid - elements);
      // the answer does not wait for the counter, so it leaves out charges of concurrent requests
      if (!reply.raw.headersSent) show(reply, quota, { spent: spent + due, reset });
      if (due === 0) return undefined;
      const standing = await quota.charge(client, due);
      return standing.spent >= quota.elements ? exceeded(quota, standing) : undefined;
    },
  };
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
function show(reply: FastifyReply, { elements, window }: Quota, { spent, reset }: Standing): void {
  reply.header('ratelimit-policy', `"elements";q=${elements};w=${window}`);
  reply.header('ratelimit', `"elements";r=${Math.max(0, elements - spent)};t=${reset}`);
}

function exceeded({ elements, window }: Quota, { reset }: Standing): RequestError {
  return refuse('QUOTA_EXCEEDED', '#', `the quota of ${elements} elements in ${window} s is spent; the next begins in ${reset} s`, reset);
}
