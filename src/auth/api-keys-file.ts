import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseKeysFile, type StoredKey, storedKeys } from './api-keys.ts';
import type { Log } from './log.ts';

/** The current keys of a file that may change. */
type WatchedKeys = { readonly current: () => readonly StoredKey[]; readonly close: () => void };

/** Milliseconds between two looks at the file. */
const pollMs = 2_000;

/**
 * Reads the file, and reloads it when it changes. Polls the path, since Kubernetes and editors replace the file. If the new file is
 * invalid, the old keys stay in force. @throws Error in one line, if the first file is invalid
 */
export function watchedKeys(file: string, log: Log): WatchedKeys {
  // before the file is read: a change between the two is seen at the next look
  let version = versionOf(statSync(file, { bigint: true, throwIfNoEntry: false }));
  let keys = keysIn(file);

  function reread(): void {
    try {
      keys = keysIn(file);
      log.info({ keys: keys.length }, 'API keys reloaded');
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'API keys not reloaded; old keys kept');
    }
  }
  async function look(): Promise<void> {
    const now = versionOf(await stat(file, { bigint: true }).catch(() => undefined));
    if (now === version) return;
    version = now;
    reread();
  }
  const polling = setInterval(look, pollMs).unref();
  return { current: () => keys, close: () => clearInterval(polling) };
}

/** What differs between two states of a file; empty without one. */
function versionOf(stats: BigIntStats | undefined): string {
  return stats === undefined ? '' : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}

function keysIn(file: string): readonly StoredKey[] {
  try {
    return storedKeys(parseKeysFile(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`the API keys in ${file} cannot be used: ${(error as Error).message}`);
  }
}
