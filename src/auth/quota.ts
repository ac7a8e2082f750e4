import type { Log } from './log.ts';
import { createRedisCounter } from './redis-counter.ts';
import { createWindowCounter } from './window-counter.ts';

/** The limit on elements of one client in a window. With Redis, all replicas share the count. */
export type QuotaRules = { readonly elements: number; readonly windowSeconds: number; readonly redisUrl: string | undefined };

/** The elements that a request may compute, as far as its client's quota knows. */
export type QuotaReservation = {
  /** The elements that the client had spent or reserved in this window before. */
  readonly before: number;
  /** Whole seconds until the next window. */
  readonly reset: number;
  /** Why the quota has nothing left: it is `spent`, or it may be once the requests in flight are computed. Undefined if it has. */
  readonly lack: 'spent' | 'reserved' | undefined;
  /** Replaces what was reserved by what was computed, once. */
  readonly settle: (elements: number) => void;
};

export type Quota = Pick<QuotaRules, 'elements' | 'windowSeconds'> & {
  /** Reserves elements of a client, at most its whole quota. It never rejects, and resolves within 100 ms. */
  readonly reserve: (client: string, most: number) => Promise<QuotaReservation>;
  readonly close: () => void;
};

/** Returns the quotas of all clients. One count asks and reserves at once, so concurrent requests do not find the same rest. */
export async function quota({ elements, windowSeconds, redisUrl }: QuotaRules, log: Log): Promise<Quota> {
  const local = createWindowCounter(windowSeconds * 1000);
  const shared =
    redisUrl === undefined ? undefined : await createRedisCounter(redisUrl, { points: elements, duration: windowSeconds }, local, log);
  const count = shared?.count ?? local;
  /** Reserved by the requests in flight here, by client. */
  const inFlight = new Map<string, number>();

  function addInFlight(client: string, some: number): void {
    const total = (inFlight.get(client) ?? 0) + some;
    if (total === 0) inFlight.delete(client);
    else inFlight.set(client, total);
  }

  async function reserve(client: string, most: number): Promise<QuotaReservation> {
    const reserved = Math.min(most, elements);
    const { spent, msLeft, giveBack } = await count(client, reserved);
    const before = spent - reserved;
    const settled = before - (inFlight.get(client) ?? 0);
    addInFlight(client, reserved);
    let isSettled = false;
    return {
      before,
      reset: Math.max(1, Math.ceil(msLeft / 1000)),
      lack: before < elements ? undefined : settled < elements ? 'reserved' : 'spent',
      settle: (computed) => {
        if (isSettled) return;
        isSettled = true;
        addInFlight(client, -reserved);
        if (computed < reserved) giveBack(reserved - computed);
        if (computed > reserved) void count(client, computed - reserved);
      },
    };
  }
  return { elements, windowSeconds, reserve, close: () => shared?.close() };
}
