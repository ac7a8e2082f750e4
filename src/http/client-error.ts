import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { refuse } from '../errors.ts';
import { problemBody, problemMediaType } from '../result/problem.ts';
import { concernsStream } from './open-stream.ts';

/** Answers what never became a request, such as malformed HTTP, and ends the connection. */
export function answerClientError(this: { log: FastifyBaseLogger }, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  if (concernsStream(error, socket)) return;
  const body = problemBody(refused(error.code), { path: '', requestId: randomUUID() });
  this.log.info({ request_id: body.request_id, status: body.status, problem: body.code }, 'refused before it was a request');
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${body.status} ${body.title}\r\nContent-Type: ${problemMediaType}\r\nX-Request-Id: ${body.request_id}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function refused(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW')
    return refuse('HEADERS_TOO_LARGE', '#', 'the request line and the headers exceed the limit of 16 KiB');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refuse('REQUEST_TIMEOUT', '#', 'the request was not complete in time');
  return refuse('BAD_REQUEST', '#', 'the request line, a header or the framing of the body is malformed');
}
