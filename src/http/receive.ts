import type { Readable } from 'node:stream';
import type { ArrivingBody } from '../compute/workforce.ts';
import { type RequestError, refuse } from '../errors.ts';
import { abandon, type SharedBody, writerOf } from '../wire/shared-body.ts';

/** How many bytes a body may have, and up to how many it is small: computed at once, on the event loop. */
export type BodyLimits = { readonly bodyLimit: number; readonly inlineLimit: number };

/** Memory for a body of some length, with room for the numbers in it. */
export type TakeBody = (length: number) => SharedBody;

/**
 * A small body, whole; or a large one, while it arrives. `length` is its length where the client says it and nothing is compressed.
 * @throws RequestError BODY_TOO_LARGE, INVALID_COMPRESSION, BAD_REQUEST
 */
export async function receive(
  payload: Readable,
  length: number | undefined,
  limits: BodyLimits,
  take: TakeBody,
): Promise<Buffer | ArrivingBody> {
  if (length !== undefined && length > limits.bodyLimit) throw bodyTooLarge(limits);
  if (length !== undefined && length > limits.inlineLimit) return arriving(payload, take(length));
  const bytes = await collected(payload, limits);
  if (bytes.length <= limits.inlineLimit) return bytes;
  const body = take(bytes.length);
  writerOf(body)(bytes);
  return { body, whole: Promise.resolve() };
}

/** A body of known length goes chunk by chunk into memory where a thread reads it meanwhile. */
function arriving(payload: Readable, body: SharedBody): ArrivingBody {
  const whole = new Promise<void>((resolve, reject) => {
    const write = writerOf(body);
    payload.on('data', (chunk: Buffer) => {
      write(chunk);
      release(chunk);
    });
    onceOver(payload, resolve, (error) => {
      abandon(body);
      reject(error);
    });
  });
  // whoever reads is told by the body; only a thread that was starved of it waits for this
  whole.catch(() => {});
  return { body, whole };
}

/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, the chunks of a large body make it run once or twice for every
 * request, over a heap that they have no part in.
 */
function release({ buffer, byteLength }: Buffer): void {
  // memory that is shared with other chunks stays
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function collected(payload: Readable, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    payload.on('data', take);
    onceOver(payload, () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, received)), reject);

    function take(chunk: Buffer): void {
      received += chunk.length;
      if (received <= limits.bodyLimit) {
        chunks.push(chunk);
        return;
      }
      // no more is read, so what a compressed body would still grow to is never inflated
      payload.pause();
      payload.off('data', take);
      reject(bodyTooLarge(limits));
    }
  });
}

function onceOver(payload: Readable, whole: () => void, broken: (error: RequestError) => void): void {
  payload.once('end', whole);
  payload.once('error', (error) => broken(brokenBody(error)));
  // the decompressor comes paused
  payload.resume();
}

function bodyTooLarge({ bodyLimit }: BodyLimits): RequestError {
  return refuse('BODY_TOO_LARGE', '#', `the body is larger than the limit of ${bodyLimit} bytes`);
}

function brokenBody(error: Error & { code?: string }): RequestError {
  return error.code === 'FST_CP_ERR_INVALID_CONTENT'
    ? refuse('INVALID_COMPRESSION', '#', 'the body is not what Content-Encoding says, or it was cut short')
    : refuse('BAD_REQUEST', '#', 'the body was cut short');
}
