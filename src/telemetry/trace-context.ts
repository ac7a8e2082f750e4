import { randomBytes } from 'node:crypto';

/** The place of a request in a trace: ids in lower-case hexadecimal digits. `parentId` is that of the caller's span. */
export type Trace = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string | undefined;
  readonly sampled: boolean;
};

/** The trace that the caller names in its request. */
export type Caller = { readonly traceId: string; readonly parentId: string; readonly sampled: boolean };

const format = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads a `traceparent` header; undefined where it is not valid. Of versions to come, what version 00 has is read, whatever follows.
 * https://www.w3.org/TR/trace-context/
 */
export function readTraceparent(header: string | readonly string[] | undefined): Caller | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId, parentId, flags, more] = format.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The caller's trace, with a new span that is not recorded. */
export function unrecorded(caller: Caller | undefined): Trace | undefined {
  return caller && { ...caller, spanId: randomBytes(8).toString('hex') };
}

/** The `traceparent` of our span. */
export function traceparentOf({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
