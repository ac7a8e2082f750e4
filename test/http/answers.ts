import assert from 'node:assert/strict';
import { connect } from 'node:net';

/** An answer as it came: header names in lower case. */
export type Answer = { readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly body: string };

/** Everything that comes back for some bytes, until the connection is closed by the other side. */
export async function answersTo(port: number, bytes: string): Promise<Answer[]> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(Buffer.from(bytes, 'latin1'));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return answersIn(Buffer.concat(chunks).toString('latin1'));
}

/** The answers that a text consists of, each with the body that its Content-Length or its chunks give it. */
export function answersIn(text: string): Answer[] {
  const answers: Answer[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    // of HTTP/0.9, which nginx still speaks
    if (answers.length === 0 && rest.startsWith('{')) return [{ status: 200, headers: new Map(), body: rest }];
    assert.ok(rest.startsWith('HTTP/1.1 ') && end > 0, `an answer begins with ${JSON.stringify(rest.slice(0, 40))}`);
    const [statusLine, ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
    rest = rest.slice(end + 4);
    const { body, length } = headers.get('transfer-encoding') === 'chunked' ? chunkedBody(rest) : plainBody(rest, headers);
    answers.push({ status: Number(statusLine.split(' ')[1]), headers, body });
    rest = rest.slice(length);
  }
  return answers;
}

function plainBody(text: string, headers: ReadonlyMap<string, string>) {
  const length = Number(headers.get('content-length') ?? 0);
  return { body: text.slice(0, length), length };
}

function chunkedBody(text: string) {
  let body = '';
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
    if (size === 0) return { body, length: at };
  }
}
