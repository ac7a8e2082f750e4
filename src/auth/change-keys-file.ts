import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeysFile, parseKeysFile } from './api-keys.ts';

/** A lock of this age was left by a crash: a change takes milliseconds. */
const staleAfterMs = 10_000;
const retryMs = 20;

/**
 * Replaces a file by a changed one with the same mode and owner. Follows symbolic links, also to a file that is still to be made. A new
 * file is readable by its owner only. A reader sees the whole old file or the whole new one. A second writer waits for the lock.
 */
export async function changeKeysFile(path: string, change: (before: KeysFile) => KeysFile): Promise<void> {
  const file = realPathOf(path);
  for (let isChanged = false; !isChanged; ) {
    const { isHeld, unlock } = await lock(`${file}.lock`);
    try {
      const old = statSync(file, { throwIfNoEntry: false });
      const before: KeysFile = old === undefined ? { clients: [] } : parseKeysFile(readFileSync(file, 'utf8'));
      // a process that was stopped for so long that its lock looked stale begins anew
      isChanged = replace(file, `${JSON.stringify(change(before), null, 2)}\n`, old, isHeld);
    } finally {
      unlock();
    }
  }
}

/** Returns whether the file was replaced: only while the lock is held. */
function replace(file: string, text: string, old: Stats | undefined, isHeld: () => boolean): boolean {
  // a random name, since process ids repeat: in a container, with each run
  const unfinished = `${file}.${randomUUID()}`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
    if (old !== undefined) {
      const { uid, gid } = statSync(unfinished);
      if (uid !== old.uid || gid !== old.gid) chownSync(unfinished, old.uid, old.gid);
      chmodSync(unfinished, old.mode & 0o7777);
    }
    if (!isHeld()) return false;
    renameSync(unfinished, file);
    return true;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Takes the lock once its holder has released it or has crashed. */
async function lock(path: string): Promise<{ readonly isHeld: () => boolean; readonly unlock: () => void }> {
  const mine = randomUUID();
  const isHeld = () => existsSync(path) && readFileSync(path, 'utf8') === mine;
  for (;;) {
    try {
      writeFileSync(path, mine, { mode: 0o600, flag: 'wx' });
      return { isHeld, unlock: () => isHeld() && rmSync(path) };
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
  // a time in the future is from before the clock was set back
  if (held === undefined || Math.abs(Date.now() - held.mtimeMs) < staleAfterMs) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  rmSync(aside, { force: true });
}

/** Returns the file that a path leads to, which need not exist. @throws Error ELOOP */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? realPathOf(resolve(dirname(path), readlinkSync(path))) : path;
  }
}
