import type { Readable } from 'node:stream';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { freeChunk } from '../../memory/free-chunk.ts';
import { cancelBody, type SharedBody, writerOf } from '../../memory/shared-body.ts';
import { largeMinBytes } from '../../pool/lanes.ts';
import type { IncomingBody } from '../../pool/run-in-worker.ts';
import { createChunkBuffer } from './chunk-buffer.ts';
import { invalidCompression } from './compression.ts';
import { joinReading, type ReadingShare } from './reading-share.ts';
import type { BodyReservation } from './reservation.ts';

/** How many bytes a body may have, and up to how many it is small: computed at once, on the event loop. */
export type BodyLimits = { readonly bodyLimitBytes: number; readonly inlineLimitBytes: number };

/** What becomes of a body. Called rather than promised: for a small request, promises are a tenth of its time. */
export type Received = {
  /** A small body, whole. */
  readonly small: (bytes: Buffer) => void;
  /** A large one, maybe still arriving. */
  readonly large: (body: IncomingBody) => void;
  /** RequestError BODY_TOO_LARGE, OVERLOADED, INVALID_COMPRESSION, BAD_REQUEST. May come after `large`. */
  readonly refused: (error: RequestError) => void;
};

/** A body that its lane's threads read while it arrives has memory when one part in so many has come: what is only announced takes none. */
const sharedFrom = 8;

/** How many bytes are copied at once: the memory is new, and a MiB of it takes a millisecond. */
const copyBytes = 2 ** 20;

/**
 * Receives a body, for which one of `received` is called. `length` is its length where the client says it and nothing is compressed. What
 * it returns ends that, when the request is over before its body.
 */
export function receive(
  payload: Readable,
  length: number | undefined,
  limits: BodyLimits,
  reservation: Pick<BodyReservation, 'arrived' | 'whole' | 'take'>,
  received: Received,
): () => void {
  const pieces = createChunkBuffer();
  const isShared = length !== undefined && length > limits.inlineLimitBytes && length >= largeMinBytes;
  const shareFrom = isShared ? length / sharedFrom : Number.POSITIVE_INFINITY;
  let arrived = 0;
  let sharing: Sharing | undefined;
  let reading: ReadingShare | undefined;
  let isWhole = false;

  function keep(chunk: Buffer): void {
    arrived += chunk.length;
    try {
      if (arrived > limits.bodyLimitBytes) throw bodyTooLarge(limits);
      // most bodies come in one piece: they are whole at once
      if (arrived !== length) {
        reservation.arrived(arrived);
        reading ??= joinReading(payload);
        reading.read(chunk.length);
      }
      if (sharing !== undefined && pieces.length() === 0) sharing.append(chunk);
      else pieces.append(chunk);
      if (sharing === undefined && arrived >= shareFrom) share(length as number);
    } catch (error) {
      // thrown in a listener, it would end the process
      received.refused(error as RequestError);
    }
  }

  function share(bytes: number): void {
    sharing = shareBody(reservation.take(bytes));
    copy(sharing);
    received.large(sharing);
  }

  /** Moves what has been collected to where a thread reads it. The event loop has other requests between two steps. */
  function copy(to: Sharing): void {
    pieces.drain(to.append, copyBytes);
    if (pieces.length() > 0) setImmediate(copy, to);
    else if (isWhole) to.end();
  }

  function whole(): void {
    isWhole = true;
    reading?.leave();
    try {
      reservation.whole(arrived);
      if (arrived <= limits.inlineLimitBytes) received.small(pieces.take());
      else if (sharing === undefined) share(arrived);
      else if (pieces.length() === 0) sharing.end();
    } catch (error) {
      received.refused(error as RequestError);
    }
  }

  // no more is read, so what a compressed body would still grow to is never inflated
  function stop(): void {
    reading?.leave();
    payload.pause();
    payload.off('data', keep);
    payload.off('end', whole);
    // piece by piece: there may be no memory for all of them in one
    pieces.drain(freeChunk);
    sharing?.stop();
  }

  payload.on('data', keep);
  payload.on('end', whole);
  payload.once('error', (error) => {
    reading?.leave();
    received.refused(brokenBody(error));
  });
  return stop;
}

/** A body that goes chunk by chunk into memory where a thread reads it meanwhile. */
type Sharing = IncomingBody & {
  readonly append: (chunk: Buffer) => void;
  readonly end: () => void;
  /** Ends the body where it stands. Node may never tell how it ends, once it has its answer. */
  readonly stop: () => void;
};

function shareBody(body: SharedBody): Sharing {
  const { promise: whole, resolve, reject } = Promise.withResolvers<void>();
  const write = writerOf(body);
  // the thread that reads is told by the body; only one that was starved of it waits for this
  whole.catch(() => {});
  return {
    body,
    whole,
    append: (chunk) => {
      write(chunk);
      freeChunk(chunk);
    },
    end: resolve,
    stop: () => {
      cancelBody(body);
      reject(refuse('BAD_REQUEST', '#', 'the body was not waited for'));
    },
  };
}

export function bodyTooLarge({ bodyLimitBytes }: Pick<BodyLimits, 'bodyLimitBytes'>): RequestError {
  return refuse('BODY_TOO_LARGE', '#', `the body is larger than the limit of ${bodyLimitBytes} bytes`);
}

/** What a body that ended in an error is refused with. */
export function brokenBody(error: Error & { code?: string }): RequestError {
  return error.code === invalidCompression
    ? refuse(
        'INVALID_COMPRESSION',
        '#',
        'the body is not what Content-Encoding says: it is malformed, cut short, or followed by other bytes',
      )
    : refuse('BAD_REQUEST', '#', 'the body was cut short');
}
