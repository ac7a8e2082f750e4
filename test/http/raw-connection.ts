import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A connection on which a test writes bytes, and what has come on it. */
export type RawConnection = {
  readonly socket: Socket;
  /** Fails where the connection has ended: with its reason, and what came. */
  readonly assertOpen: () => void;
  /** Resolves with all that has come once it matches, and fails where the connection ends before. */
  readonly until: (pattern: RegExp) => Promise<string>;
};

/** Connects to a port and writes a text. The connection is closed with the test. */
export async function rawConnection(t: TestContext, port: number, text: string): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  let heard = '';
  let end: string | undefined;
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', ({ message }) => {
    end = message;
  });
  socket.on('close', () => {
    end ??= 'the other side closed it';
  });
  socket.write(text);
  const assertOpen = () => assert.equal(end, undefined, `the connection ended: ${end}. What came: ${heard.slice(-1000)}`);
  const until = async (pattern: RegExp) => {
    while (!pattern.test(heard)) {
      assertOpen();
      await new Promise((resolve) => {
        socket.once('data', resolve);
        socket.once('close', resolve);
      });
    }
    return heard;
  };
  return { socket, assertOpen, until };
}
