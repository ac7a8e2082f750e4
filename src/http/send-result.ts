import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutorResult } from '../pool/run-in-worker.ts';
import { errorOf, type TaskOutput } from '../tasks/task.ts';
import { compress } from './body/compression.ts';
import { type ContentCoding, contentCodings, preferredCoding } from './headers/content-coding.ts';
import { serverTiming } from './headers/server-timing.ts';

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
 * Sends the response of a task, or throws why there is none.
 * @param receive ms that the body took to arrive
 * @throws RequestError
 */
export function sendResult(
  request: FastifyRequest,
  reply: FastifyReply,
  { timings, refused, answered, release }: ExecutorResult,
  receive: number,
  typeOf: (answered: TaskOutput) => string,
): void {
  reply.header('server-timing', serverTiming(receive, timings));
  request.phases = { durations: { receive, ...timings }, until: performance.timeOrigin + performance.now() };
  if (refused !== undefined) {
    const { elements } = refused.advice;
    // strict rejects a request whose elements have been computed
    if (elements !== undefined) request.account?.charge(elements);
    throw errorOf(refused);
  }
  const { content, elements, warnings, items } = answered;
  request.computed = { elements, warnings, ...items };
  request.account?.charge(elements);
  reply.type(typeOf(answered));
  sendContent(request, reply, content, release !== undefined);
}

/** Sends the content of an answer, compressed if it is long and the client accepts a coding. */
function sendContent(request: FastifyRequest, reply: FastifyReply, content: string | Uint8Array, isShared: boolean): void {
  const isLong = content.length >= compressMinBytes;
  const { codings = contentCodings } = request.routeOptions.config;
  const coding = isLong ? preferredCoding(request.headers['accept-encoding'], codings) : undefined;
  if (isLong) varyByEncoding(reply);
  if (coding !== undefined) reply.header('content-encoding', coding).send(compress(content, coding));
  else if (isShared && typeof content !== 'string') sendShared(reply, content);
  else reply.send(content);
}

/** Tells caches that another Accept-Encoding may get other bytes. */
function varyByEncoding(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? 'Accept-Encoding' : `${others}, Accept-Encoding`);
}

/** Sends bytes in shared memory, which Fastify only knows in a stream. */
function sendShared(reply: FastifyReply, { buffer, byteOffset, byteLength }: Uint8Array): void {
  reply.header('content-length', byteLength).send(Readable.from([Buffer.from(buffer, byteOffset, byteLength)]));
}
