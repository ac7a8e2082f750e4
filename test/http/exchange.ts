import assert from 'node:assert/strict';
import { connect } from 'node:net';

/** An HTTP/1.1 response as it came: header names in lower case, the body without its framing but still compressed. */
export type Response = { readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly body: Buffer };

/** Writes bytes to a socket and reads one response, to the end that its framing gives. */
export function exchange(port: number, request: Buffer): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    try {
      const response = read(received);
      if (response !== undefined) resolve(response);
    } catch (error) {
      reject(error);
    }
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error(`the connection was closed after ${received.length} bytes`)));
  return promise.finally(() => socket.destroy());
}

/** The response, or undefined while bytes are missing. */
function read(received: Buffer): Response | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine, ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? assert.fail(`a header line: ${line}`);
    // the sync client reads a header that comes twice as a list
    assert.ok(!headers.has(name.toLowerCase()), `${name} comes once`);
    headers.set(name.toLowerCase(), value);
  }
  const body = headers.get('transfer-encoding') === 'chunked' ? chunked(received, end + 4) : counted(received, end + 4, headers);
  return body && { status: Number(statusLine.split(' ')[1]), headers, body };
}

function counted(received: Buffer, start: number, headers: ReadonlyMap<string, string>): Buffer | undefined {
  const end = start + Number(headers.get('content-length') ?? assert.fail('Content-Length is given'));
  assert.ok(received.length <= end, 'nothing follows the body');
  return received.length === end ? received.subarray(start) : undefined;
}

function chunked(received: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (received.length < next) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(received.subarray(lineEnd + 2, next - 2));
    at = next;
  }
}
