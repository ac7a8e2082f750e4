import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two attempts to get the lock, and after which its holder is not one that starts to listen. */
const [retryMs, giveUpMs] = [20, 5_000];

/**
 * Runs `start` while no other process of this service starts to listen on the port. Sockets share the port, so two processes that both
 * found it free would both listen. The lock is a socket in Linux's abstract namespace, which ends with its process.
 */
export async function withStartLock<T>(port: number, start: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux' || port === 0) return start();
  const lock = createServer();
  const until = performance.now() + giveUpMs;
  while ((await failure()) === 'EADDRINUSE' && performance.now() < until) await sleep(retryMs);
  try {
    return await start();
  } finally {
    lock.close();
  }

  async function failure(): Promise<string | undefined> {
    lock.listen(`\0kl-divergence-api:${port}`);
    return once(lock, 'listening').then(
      () => undefined,
      ({ code }: NodeJS.ErrnoException) => code,
    );
  }
}
