import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { parseKeysFile, type StoredKey, storedKeys } from './api-keys.ts';
import type { Log } from './log.ts';

/** The current keys of a file that may change. */
export type WatchedKeys = { readonly current: () => readonly StoredKey[]; readonly close: () => void };

/**
 * Reads the file, and reloads it when it changes. Polls the path every 2 s, since Kubernetes and editors replace the file. If the new file
 * is invalid, the old keys stay in force. @throws Error in one line, if the first file is invalid
 */
export function watchedKeys(file: string, log: Log): WatchedKeys {
  let keys = keysIn(file);

  function reread(): void {
    try {
      keys = keysIn(file);
      log.info({ keys: keys.length }, 'API keys reloaded');
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'API keys not reloaded; old keys kept');
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
