import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { parseKeysFile, type StoredKey, storedKeys } from './api-keys.ts';
import type { Log } from './log.ts';

/** Keys that are those of a file, also when it changes. */
export type WatchedKeys = { readonly current: () => readonly StoredKey[]; readonly close: () => void };

/**
 * Reads the file, and again when it changes: looked at by its path every two seconds, since Kubernetes and editors put another file in its
 * place. A new file that is broken changes nothing. @throws Error in one line, when the first one is
 */
export function watchedKeys(file: string, log: Log): WatchedKeys {
  let keys = keysIn(file);

  function reread(): void {
    try {
      keys = keysIn(file);
      log.info({ keys: keys.length }, 'API keys were read anew');
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the new API keys cannot be read; the old ones stay in force');
    }
  }
  watchFile(file, { interval: 2_000, persistent: false }, reread);
  return { current: () => keys, close: () => unwatchFile(file, reread) };
}

function keysIn(file: string): readonly StoredKey[] {
  try {
    return storedKeys(parseKeysFile(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`the API keys in ${file} cannot be used: ${(error as Error).message}`);
  }
}
