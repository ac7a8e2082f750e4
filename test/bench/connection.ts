import { connect } from 'node:net';
import { type Answer, closes, readAnswer } from './answer.ts';
import type { Body } from './bodies.ts';

/** A request as bytes. A body that stands apart is sent at once, or after `100 Continue` where the head expects that. */
export type Prebuilt = { readonly head: Buffer; readonly body?: Buffer; readonly expects: boolean };

/** What became of a request: its answer, and whether its body was never asked for; undefined where the connection was lost. */
export type Done = (answer: Answer | undefined, withheld: boolean) => void;

export type Connection = {
  /** Sends a request, the one before it having been answered. */
  readonly send: (request: Prebuilt, done: Done) => void;
  readonly destroy: () => void;
};

type Flight = { readonly request: Prebuilt; readonly done: Done; continued: boolean };

/** One for all connections: what has been read is dealt with before the next is. */
const buffer = Buffer.allocUnsafe(2 ** 16);
const none = Buffer.alloc(0);

/** The bytes of a POST. @param apart whether the body may be sent later than the head */
export function prebuilt({ type, bytes }: Body, { apart = false, expects = false, headers = {} as Record<string, string> } = {}): Prebuilt {
  const lines = ['POST /v1/kl-divergence HTTP/1.1', 'host: bench', `content-type: ${type}`, `content-length: ${bytes.length}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (expects) lines.push('expect: 100-continue');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return apart || expects ? { head, body: bytes, expects } : { head: Buffer.concat([head, bytes]), expects };
}

/**
 * A connection to loopback, at little cost for each request. `free` is called when it can take the next one, `gone` when it has ended.
 * A request whose body was withheld ends its connection: the server still counts on a body of that length.
 */
export function openConnection(port: number, { free, gone }: { free: (self: Connection) => void; gone: (self: Connection) => void }) {
  let flight: Flight | undefined;
  let rest = none;
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer,
      callback: (count) => {
        take(buffer.subarray(0, count));
        return true;
      },
    },
  });
  const self: Connection = { send, destroy: () => socket.destroy() };
  // what is wrong with a connection is that it ends
  socket.on('error', () => {});
  socket.once('close', () => {
    gone(self);
    end(undefined, false);
  });
  return self;

  function send(request: Prebuilt, done: Done): void {
    flight = { request, done, continued: false };
    socket.write(request.head);
    if (request.body !== undefined && !request.expects) socket.write(request.body);
  }

  function take(bytes: Buffer): void {
    let left = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (let answer = readAnswer(left); answer !== undefined; answer = readAnswer(left)) {
      left = left.subarray(answer.size);
      if (answer.status === 100) proceed();
      else if (answer.status > 100) finish(answer);
    }
    rest = left.length === 0 ? none : Buffer.from(left);
  }

  function proceed(): void {
    if (flight?.request.body === undefined) return;
    flight.continued = true;
    socket.write(flight.request.body);
  }

  function finish(answer: Answer): void {
    const withheld = flight?.request.expects === true && !flight.continued;
    end(answer, withheld);
    if (withheld || !answer.framed || closes(answer.head)) socket.destroy();
    else if (socket.writableLength === 0) free(self);
    else socket.once('drain', () => free(self));
  }

  function end(answer: Answer | undefined, withheld: boolean): void {
    const ended = flight;
    flight = undefined;
    ended?.done(answer, withheld);
  }
}
