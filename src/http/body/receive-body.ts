import type { Readable } from 'node:stream';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { freeChunk } from '../../memory/free-chunk.ts';
import { cancelBody, type SharedBody, writerOf } from '../../memory/shared-body.ts';
import type { IncomingBody } from '../../pool/run-in-worker.ts';
import { createChunkBuffer } from './chunk-buffer.ts';
import { invalidCompression } from './compression.ts';
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

/**
 * Receives a body, for which one of `received` is called. `length` is its length where the client says it and nothing is compressed: then
 * there is room for it. Otherwise the room grows with it. What it returns ends that, where nobody wants the body any more.
 * @throws RequestError OVERLOADED where there is no memory for a body of that length
 */
export function receive(
  payload: Readable,
  length: number | undefined,
  limits: BodyLimits,
  reservation: Pick<BodyReservation, 'grow' | 'take'>,
  received: Received,
): () => void {
  if (length === undefined || length <= limits.inlineLimitBytes) return collect(payload, limits, reservation, received);
  const { stop, ...body } = receiveShared(payload, reservation.take(length));
  received.large(body);
  return stop;
}

/** A body of known length goes chunk by chunk into memory where a thread reads it meanwhile. */
function receiveShared(payload: Readable, body: SharedBody): IncomingBody & { readonly stop: () => void } {
  const { promise: whole, resolve, reject } = Promise.withResolvers<void>();
  const write = writerOf(body);

  function keep(chunk: Buffer): void {
    write(chunk);
    freeChunk(chunk);
  }
  function breakOff(error: RequestError): void {
    cancelBody(body);
    reject(error);
  }
  // once it has its answer, Node may never tell how such a body ends
  function stop(): void {
    payload.off('data', keep);
    breakOff(refuse('BAD_REQUEST', '#', 'the body was not waited for'));
  }
  payload.on('data', keep);
  onceOver(payload, resolve, breakOff);
  // whoever reads is told by the body; only a thread that was starved of it waits for this
  whole.catch(() => {});
  return { body, whole, stop };
}

function collect(
  payload: Readable,
  limits: BodyLimits,
  reservation: Pick<BodyReservation, 'grow' | 'take'>,
  received: Received,
): () => void {
  const body = createChunkBuffer();
  payload.on('data', keep);
  onceOver(payload, whole, received.refused);
  return stop;

  function keep(chunk: Buffer): void {
    const length = body.length() + chunk.length;
    try {
      if (length > limits.bodyLimitBytes) throw bodyTooLarge(limits);
      if (length > limits.inlineLimitBytes) reservation.grow(length);
      body.append(chunk);
    } catch (error) {
      received.refused(error as RequestError);
    }
  }

  // no more is read, so what a compressed body would still grow to is never inflated
  function stop(): void {
    payload.pause();
    payload.off('data', keep);
    payload.off('end', whole);
    // piece by piece: there may be no memory for all of them in one
    body.drain(() => {});
  }

  function whole(): void {
    if (body.length() <= limits.inlineLimitBytes) {
      received.small(body.take());
      return;
    }
    let shared: SharedBody;
    try {
      shared = reservation.take(body.length());
    } catch (error) {
      // thrown in a listener, it would end the process
      received.refused(error as RequestError);
      return;
    }
    const write = writerOf(shared);
    body.drain((piece) => {
      write(piece);
      freeChunk(piece);
    });
    received.large({ body: shared, whole: Promise.resolve() });
  }
}

function onceOver(payload: Readable, whole: () => void, broken: (error: RequestError) => void): void {
  payload.on('end', whole);
  payload.once('error', (error) => broken(brokenBody(error)));
}

export function bodyTooLarge({ bodyLimitBytes }: BodyLimits): RequestError {
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
