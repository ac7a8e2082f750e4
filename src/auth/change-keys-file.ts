import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeysFile, parseKeysFile } from './api-keys.ts';

/** A lock this old is a leftover of a crash: a change takes milliseconds. */
const staleAfterMs = 10_000;
const retryMs = 20;

/**
 * Puts a changed file in the place of the old one, at its end if it is a symbolic link, with its mode and its owner; one that is new is for
 * its owner only. Whoever reads it meanwhile finds the old one or the new one, whole; who changes it meanwhile waits.
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
  // a name of its own, since process ids come again: in a container, with each run
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

/** Takes a lock, when whoever has it gives it back or has crashed. */
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

/** Renamed first, which only one of those who wait can do. */
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
