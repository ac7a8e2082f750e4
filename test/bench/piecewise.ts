import { once } from 'node:events';
import { connect } from 'node:net';
import type { Body } from './bodies.ts';
import { prebuilt } from './connection.ts';

/** A client that writes more at once is itself so busy with it that it reads answers late. */
const pieceBytes = 2 ** 16;

/**
 * Posts a body piece by piece on a connection of its own. Returns the status, and the milliseconds from the head that was sent to the first
 * bytes of the answer; what follows is not read.
 */
export async function postPiecewise(port: number, body: Body, headers: Record<string, string>): Promise<{ status: number; ms: number }> {
  const { head, body: rest = Buffer.alloc(0) } = prebuilt(body, { apart: true, headers });
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const begin = performance.now();
  socket.write(head);
  let sent = 0;
  function send(): void {
    let isTaken = true;
    while (isTaken && sent < rest.length) {
      isTaken = socket.write(rest.subarray(sent, sent + pieceBytes));
      sent += pieceBytes;
    }
  }
  socket.on('drain', send);
  send();
  try {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    const ms = performance.now() - begin;
    return { status: Number(bytes.toString('latin1', 9, 12)), ms };
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
