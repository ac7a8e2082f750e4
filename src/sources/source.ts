/**
 * What a source was when a job was submitted, as JSON: it stands in the plan of the job, and every read is compared with it.
 * `file` is the device, the inode and the time of the last change in ns.
 */
export type Pin = {
  readonly size: number;
  readonly etag?: string;
  readonly version?: string;
  readonly lastModified?: string;
  readonly file?: string;
};

/** Stored bytes that are open. */
export type Source = {
  readonly uri: string;
  readonly size: number;
  readonly pin: Pin;
  /** Fills `into` with the bytes from `from` on. @throws SourceFault SOURCE_CHANGED where the source is not what the pin says */
  readonly read: (from: number, into: Uint8Array, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** On whose behalf something is read or written, and until when. */
export type Access = { readonly client: string; readonly signal: AbortSignal };

/** What reads and writes the URIs of one scheme, once they are known to be allowed. */
export type Scheme = {
  readonly open: (url: URL, root: URL, options: { readonly signal: AbortSignal; readonly pin: Pin | undefined }) => Promise<Source>;
  /** Checks that something can be written, as far as that can be told before. @throws SourceFault */
  readonly checkPlace?: (url: URL, root: URL) => Promise<void>;
  /** Absent where nothing can be written. */
  readonly write?: (url: URL, root: URL, bytes: Uint8Array, signal: AbortSignal) => Promise<void>;
};

/**
 * Whether a pin tells every change: by a version, a strong ETag, or the inode and time of a file. Where it does not, a source of the same
 * size and date passes for unchanged.
 */
export function isPinned({ etag, version, file }: Pin): boolean {
  return file !== undefined || version !== undefined || (etag !== undefined && !etag.startsWith('W/'));
}

/** The first thing in which a source is another than its pin says, in words. */
export function changeOf(pin: Pin, now: Pin): string | undefined {
  const named = { size: 'size', etag: 'ETag', version: 'version', lastModified: 'Last-Modified', file: 'inode or time of change' } as const;
  const [changed] = (Object.keys(named) as (keyof typeof named)[]).filter((name) => pin[name] !== now[name]);
  return changed && named[changed];
}
