import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeysFile, parseKeysFile } from './api-keys.ts';

/** A lock of this age was left by a crash: a change takes milliseconds. */
const staleAfterMs = 10_000;
const retryMs = 20;

/**
 * Replaces a file by a changed one with the same mode and owner. Follows symbolic links. A new file is readable by its owner only. A reader
 * sees the whole old file or the whole new one. A second writer waits for the lock.
 */
export async function changeKeysFile(path: string, change: (before: KeysFile) => KeysFile): Promise<void> {
  const file = realPathOf(path);
  const unlock = await lock(`${file}.lock`);
  try {
    const old = statSync(file, { throwIfNoEntry: false });
    const before: KeysFile = old === undefined ? { clients: [] } : parseKeysFile(readFileSync(file, 'utf8'));
    replace(file, `${JSON.stringify(change(before), null, 2)}\n`, old);
  } finally {
    unlock();
  }
}

function replace(file: string, text: string, old: Stats | undefined): void {
  // a random name, since process ids repeat: in a container, with each run
  const unfinished = `${file}.${randomUUID()}`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
    if (old !== undefined) {
      const { uid, gid } = statSync(unfinished);
      if (uid !== old.uid || gid !== old.gid) chownSync(unfinished, old.uid, old.gid);
      chmodSync(unfinished, old.mode & 0o7777);
    }
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Takes the lock once its holder has released it or has crashed. */
async function lock(path: string): Promise<() => void> {
  const mine = randomUUID();
  for (;;) {
    try {
      writeFileSync(path, mine, { mode: 0o600, flag: 'wx' });
      return () => {
        if (readFileSync(path, 'utf8') === mine) rmSync(path);
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    removeStale(path);
    await sleep(retryMs);
  }
}

/** Removes a stale lock. Renames it first: only one of the waiting processes succeeds at that. */
function removeStale(path: string): void {
  const held = statSync(path, { throwIfNoEntry: false });
  if (held === undefined || Date.now() - held.mtimeMs < staleAfterMs) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  rmSync(aside, { force: true });
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return path;
  }
}
