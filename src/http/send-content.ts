import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { freePiece } from '../memory/free-chunk.ts';
import { type Content, lengthOf } from '../tasks/task.ts';
import { sendAfterReading } from './after-reading.ts';
import { compress } from './body/compression.ts';
import { onceClosed } from './connection/on-close.ts';
import { type ContentCoding, contentCodings, preferredCoding } from './headers/content-coding.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** The content codings that the clients of the route can decode, if they are not all of them. */
    readonly codings?: readonly ContentCoding[];
  }
}

/** Length from which answers are compressed, for clients that accept it: numbers hardly shrink by half. */
const compressMinBytes = 2 ** 16;

/**
 * So many answers are compressed at a time: an encoder takes up to 2.6 MB, for as long as its client reads. Others go as they are, which
 * every client can read.
 */
const mostCompressed = 8;

let compressed = 0;

/** Sends the content of an answer, compressed if it is long, the client accepts a coding, and not too many others are being compressed. */
export function sendContent(request: FastifyRequest, reply: FastifyReply, content: Content): void {
  if (lengthOf(content) < compressMinBytes) {
    sendTogether(reply, typeof content === 'string' ? content : Buffer.concat(content));
    return;
  }
  varyByEncoding(reply);
  if (typeof content !== 'string') freeOnceSent(reply, content);
  const coding = compressed < mostCompressed ? acceptedCoding(request) : undefined;
  if (coding !== undefined) sendCompressed(reply, content, coding);
  else if (typeof content !== 'string') sendPieces(reply, content);
  else sendTogether(reply, content);
}

function acceptedCoding({ headers, routeOptions }: FastifyRequest): ContentCoding | undefined {
  return preferredCoding(headers['accept-encoding'], routeOptions.config.codings ?? contentCodings);
}

function sendTogether(reply: FastifyReply, content: string | Buffer): void {
  sendAfterReading(() => reply.send(content));
}

function sendCompressed(reply: FastifyReply, content: Content, coding: ContentCoding): void {
  compressed++;
  onceClosed(reply.raw, () => compressed--);
  reply.header('content-encoding', coding).send(compress(content, coding));
}

/** Tells caches that another Accept-Encoding may get other bytes. */
function varyByEncoding(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? 'Accept-Encoding' : `${others}, Accept-Encoding`);
}

/** Frees the memory of an answer when it has been sent: the garbage collector would let much of it gather. */
function freeOnceSent(reply: FastifyReply, pieces: readonly Uint8Array[]): void {
  onceClosed(reply.raw, () => {
    // what was cut off may still be compressed by another thread
    if (reply.raw.writableFinished) pieces.forEach(freePiece);
  });
}

/** Sends an answer in pieces. Fastify takes several, and shared memory, only as a stream, which costs as much as the rest of an answer. */
function sendPieces(reply: FastifyReply, pieces: readonly Uint8Array[]): void {
  const buffers = pieces.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  if (buffers.length === 1 && buffers[0].buffer instanceof ArrayBuffer) sendTogether(reply, buffers[0]);
  else reply.header('content-length', lengthOf(pieces)).send(Readable.from(buffers));
}
