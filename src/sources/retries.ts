import { setTimeout as pause } from 'node:timers/promises';
import { SourceFault } from './source-fault.ts';
import type { SourceLimits } from './source-settings.ts';

const tries = 4;

/**
 * Takes a step, and again up to three times while its fault is one that may pass: after as long as the server asks for, or after a pause
 * that doubles, of which a random half is left out, so that many readers do not come back together.
 * @throws SourceFault the last one; at once where the server asks for more time than `waitMs`
 */
export async function withRetries<T>(step: () => Promise<T>, { pauseMs, waitMs }: SourceLimits, signal: AbortSignal): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof SourceFault) || !error.retryable || count === tries) throw error;
      const wait = error.retryAfterMs ?? pauseMs * 2 ** (count - 1) * (1 - Math.random() / 2);
      if (wait > waitMs) throw error;
      await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** The milliseconds that a Retry-After asks for, in seconds or as a date. RFC 9110, section 10.2.3. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
