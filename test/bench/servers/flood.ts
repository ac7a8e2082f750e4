import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { dearest } from '../../http/dearest-requests.ts';

/** Requests that are sent again and again: short ones that ask for much, and streams of lines that last for longer than the measurement. */
const floods: Readonly<Record<string, () => Buffer>> = {
  'safetensors of rank 32 in gzip': () => requestOf('safetensors: rank 32, gzip'),
  explain: () => requestOf('explain: gzip of as many elements as fit'),
  'streams of unknown fields in gzip': () => streamOf('lines: with 24 unknown fields'),
  'streams of wrong options': () => requestOf('lines: with every option wrong', 2_000),
};

const [port, flood] = process.argv.slice(2);
const request = floods[flood]();
let going = false;
const sockets = new Set<ReturnType<typeof connect>>();

// "go:4" has as many clients send one request after another; "stop" is answered when none is left
process.on('message', (message) => {
  const [what, clients] = String(message).split(':');
  going = what === 'go';
  if (going) for (let client = 0; client < Number(clients); client++) sendAgain();
  else {
    for (const socket of sockets) socket.destroy();
    process.send?.('stopped');
  }
});
process.send?.('ready');

function sendAgain(): void {
  if (!going) return;
  const socket = connect(Number(port), '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => {});
  socket.once('close', () => {
    sockets.delete(socket);
    setImmediate(sendAgain);
  });
  socket.resume();
  socket.write(request);
}

function requestOf(title: string, times = 1): Buffer {
  const { path, headers = '', body = Buffer.alloc(0) } = dearest[title];
  const whole = Buffer.concat(Array(times).fill(body));
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}Content-Length: ${whole.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), whole]);
}

function streamOf(title: string): Buffer {
  const { path, headers, body = Buffer.alloc(0) } = dearest[title];
  const zipped = gzipSync(Buffer.concat(Array(2_000).fill(body)));
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}Content-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), zipped]);
}
