import { JobFault, type JobWorker, type JsonValue } from '../engine.ts';
import { jobLimits } from './limits.ts';

/** A shard, or the merge, is begun this often: the attempts of processes that died count too. */
export const maxAttempts = 5;

/** What a worker makes of a task. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** It was told to stop. */
  | { readonly kind: 'aborted' }
  | { readonly kind: 'again'; readonly inMs: number }
  | { readonly kind: 'failed'; readonly problem: JsonValue };

/** How a task is computed: which attempt this is, the pause after the first, and the signal that ends it. */
type Attempt = { readonly number: number; readonly backoffMs: number; readonly signal: AbortSignal };

/**
 * Runs a task, and says what follows from it. When the signal comes, it does not wait for the computation, whose outcome no longer counts.
 */
export async function attempt<T>(
  worker: JobWorker,
  { number, backoffMs, signal }: Attempt,
  compute: () => Promise<T>,
): Promise<Outcome<T>> {
  if (number > maxAttempts) {
    return { kind: 'failed', problem: worker.problemOf(new Error(`the processes that began it ${maxAttempts} times all ended`)) };
  }
  const aborted = Promise.withResolvers<Outcome<T>>();
  const abort = () => aborted.resolve({ kind: 'aborted' });
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) return { kind: 'aborted' };
    return await Promise.race([aborted.promise, compute().then((value): Outcome<T> => ({ kind: 'done', value }))]);
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' };
    const isFault = error instanceof JobFault;
    if (number < maxAttempts && !(isFault && !error.retryable)) return { kind: 'again', inMs: pauseMs(number, backoffMs) };
    return { kind: 'failed', problem: isFault ? error.problem : worker.problemOf(error) };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Doubles with each attempt, less up to half by chance: shards that failed together do not come back together. */
const pauseMs = (number: number, backoffMs: number) => Math.round(backoffMs * 2 ** (number - 1) * (1 - Math.random() / 2));

/** What follows when the partials of a job become too large: no attempt makes them smaller. */
export function partialsTooLarge(worker: JobWorker): JsonValue {
  return worker.problemOf(new RangeError(`the partials of a job have at most ${jobLimits.partialBytes} bytes`));
}
