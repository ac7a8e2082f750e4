import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { problemBody, problemMediaType } from '../../errors/problem-details.ts';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { isLingering, lingeringClose } from './lingering-close.ts';
import { concernsStream } from './stream-timeout.ts';

type ErrorContext = { readonly log: FastifyBaseLogger; readonly metrics: Metrics };

/** Answers bytes that never became a request, such as malformed HTTP, and ends the connection. */
export function answerClientError(watch: ErrorContext, error: Error & { code?: string }, socket: Socket): void {
  const isOver = error.code === 'ECONNRESET' || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (isLingering(socket)) {
    // the client already has its answer
    if (isOver) socket.destroy();
    else socket.end();
    return;
  }
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  if (concernsStream(error, socket)) return;
  refuseConnection(watch, socket, refused(error.code));
}

/** Rejects CONNECT, which asks for a tunnel. Node emits `connect` for it in place of `request`. */
export function registerConnect(app: FastifyInstance, metrics: Metrics): void {
  app.server.on('connect', (request, socket) => {
    // Node has removed its own error listener from this socket
    socket.on('error', () => socket.destroy());
    const detail = `CONNECT is not supported: this service is not a proxy to ${request.url?.slice(0, 100)}`;
    refuseConnection({ log: app.log, metrics }, socket as Socket, refuse('BAD_REQUEST', '#', detail));
  });
}

/** The answer that Node is writing to a connection. No public property has it. */
type Answering = { readonly _httpMessage?: ServerResponse | null };

/** Connections whose refusal waits for the answer to an earlier request: every further packet that is no HTTP is told of anew. */
const waiting = new WeakSet<Socket>();

/** Writes a problem as the last answer of a connection, after the answers to earlier requests. */
function refuseConnection(watch: ErrorContext, socket: Socket, error: RequestError): void {
  const answering = (socket as Answering)._httpMessage;
  if (answering?.req.complete) {
    if (waiting.has(socket)) return;
    waiting.add(socket);
    // Node's own listener for this event runs first and starts the next answer
    answering.once('finish', () => {
      waiting.delete(socket);
      refuseConnection(watch, socket, error);
    });
    return;
  }
  if (!socket.writable || answering?.headersSent) {
    socket.destroy();
    return;
  }
  const body = problemBody(error, { path: '', requestId: randomUUID() });
  watch.metrics.problem(body.code);
  watch.log.info({ request_id: body.request_id, status: body.status, problem: body.code }, 'connection rejected');
  const text = JSON.stringify(body);
  lingeringClose(
    socket,
    `HTTP/1.1 ${body.status} ${body.title}\r\nContent-Type: ${problemMediaType}\r\nX-Request-Id: ${body.request_id}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function refused(code: string | undefined) {
  if (code === 'HPE_HEADER_OVERFLOW')
    return refuse('HEADERS_TOO_LARGE', '#', 'the request line and the headers exceed the limit of 16 KiB');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refuse('REQUEST_TIMEOUT', '#', 'the request was not complete in time');
  return refuse('BAD_REQUEST', '#', 'the request line, a header or the framing of the body is malformed');
}
