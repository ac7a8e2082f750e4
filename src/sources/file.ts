import { randomUUID } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { access, type FileHandle, lstat, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pin, Scheme, Source } from './source.ts';
import { changedSource, checkPin, notAllowed, SourceFault } from './source-fault.ts';

/** Regular files whose real path lies below the real path of the folder that is allowed. */
export const files: Scheme = {
  async open(url, root, { pin }) {
    const handle = await withoutPaths(() => openBelow(url, root));
    try {
      const source = await sourceOf(handle, url.href, pin);
      checkPin(source.pin, pinOf(await handle.stat({ bigint: true })));
      return source;
    } catch (error) {
      await handle.close();
      throw error;
    }
  },
  checkPlace: (url, root) => withoutPaths(() => checkFolder(url, root)),
  write: (url, root, bytes) => withoutPaths(() => replaceBelow(url, root, bytes)),
};

async function sourceOf(handle: FileHandle, uri: string, known: Pin | undefined): Promise<Source> {
  const pin = known ?? pinOf(await handle.stat({ bigint: true }));
  return {
    uri,
    size: pin.size,
    pin,
    read: (from, into, signal) =>
      withoutPaths(async () => {
        await fill(handle, from, into, signal);
        // what changed before the read, and while it went on, shows now
        checkPin(pin, pinOf(await handle.stat({ bigint: true })));
      }),
    close: () => handle.close(),
  };
}

function pinOf({ size, dev, ino, mtimeNs }: BigIntStats): Pin {
  return { size: Number(size), file: `${dev}:${ino}:${mtimeNs}` };
}

/** Reads by pieces, between which a cancelled job ends. */
const longestPiece = 2 ** 24;

async function fill(handle: FileHandle, from: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
  let done = 0;
  while (done < into.byteLength) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(into, done, Math.min(longestPiece, into.byteLength - done), from + done);
    if (bytesRead === 0) throw changedSource('it is shorter than when the job was submitted');
    done += bytesRead;
  }
}

/** Opens a file, and checks before and after that it is the one that its name leads to without leaving the folder. */
async function openBelow(url: URL, root: URL): Promise<FileHandle> {
  const path = await realPathBelow(fileURLToPath(url), root);
  // opening a device or a pipe may have an effect, or wait
  const { dev, ino } = await regular(path);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat({ bigint: true });
    const isSame = stats.dev === dev && stats.ino === ino && (await realpath(path)) === path;
    if (!isSame) throw changedSource('its name led to another file while it was opened');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function regular(path: string): Promise<BigIntStats> {
  const stats = await lstat(path, { bigint: true });
  if (!stats.isFile()) throw notAllowed();
  return stats;
}

async function checkFolder(url: URL, root: URL): Promise<void> {
  const path = await realPathBelow(dirname(fileURLToPath(url)), root);
  // the dot is there in folders only
  await access(`${path}${sep}.`, constants.W_OK);
}

/** Writes a file beside the one that is meant, and gives it its name when it is whole. */
async function replaceBelow(url: URL, root: URL, bytes: Uint8Array): Promise<void> {
  const path = fileURLToPath(url);
  const folder = await realPathBelow(dirname(path), root);
  const unfinished = join(folder, `.${randomUUID()}.unfinished`);
  const handle = await open(unfinished, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await rename(unfinished, join(folder, basename(path)));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** @throws SourceFault SOURCE_NOT_ALLOWED where a symbolic link leads out of the folder */
async function realPathBelow(path: string, root: URL): Promise<string> {
  const folder = await realpath(fileURLToPath(root));
  const real = await realpath(path);
  const isBelow = real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  if (!isBelow) throw notAllowed();
  return real;
}

/** What tells a client whether something exists. */
const hidden = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'ENXIO']);

/** @throws SourceFault instead of the errors of the file system, whose messages name real paths */
async function withoutPaths<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (error instanceof SourceFault || syscall === undefined || code === undefined) throw error;
    throw hidden.has(code) ? notAllowed() : new SourceFault('SOURCE_UNREACHABLE', `the file system answers ${code}`, { retryable: true });
  }
}
