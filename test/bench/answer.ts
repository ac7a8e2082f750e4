/** An answer as it stands at the beginning of some bytes. */
export type Answer = {
  readonly status: number;
  /** The status line and the headers. */
  readonly head: string;
  /** Lies in the bytes that were read, and is good for as long as they are. */
  readonly body: Buffer;
  /** Whether it says how long its body is; if not, what follows it cannot be understood. */
  readonly framed: boolean;
  /** How many bytes it took. */
  readonly size: number;
};

const blankLine = '\r\n\r\n';
const none = Buffer.alloc(0);

/** The first answer in some bytes, interim ones (1xx) included; undefined while it is not all there. Chunks are not read. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(blankLine);
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const begin = end + blankLine.length;
  const length = status < 200 ? '0' : headerOf(head, 'content-length');
  if (length === undefined) return { status, head, body: none, framed: false, size: begin };
  const size = begin + Number(length);
  return bytes.length < size ? undefined : { status, head, body: bytes.subarray(begin, size), framed: true, size };
}

/** The value of a header, whose name is written in lower case. */
export function headerOf(head: string, name: string): string | undefined {
  return patternOf(name).exec(head)?.[1];
}

/** Whether the server says that it closes the connection. */
export function closes(head: string): boolean {
  return headerOf(head, 'connection')?.toLowerCase() === 'close';
}

/** Whether an answer refuses because of load, in the way that a client can act upon: a problem, and when to come back. */
export function isRefusal({ status, head, body }: Answer): boolean {
  if (status !== 503 || !headerOf(head, 'content-type')?.startsWith('application/problem+json')) return false;
  return /^[1-9]\d*$/.test(headerOf(head, 'retry-after') ?? '') && codeOf(body) === 'OVERLOADED';
}

/** The code of a problem; undefined of anything else. */
export function codeOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()).code;
  } catch {
    return undefined;
  }
}

const patterns = new Map<string, RegExp>();

function patternOf(name: string): RegExp {
  const known = patterns.get(name);
  if (known !== undefined) return known;
  const pattern = new RegExp(`\r\n${name}:[ \t]*([^\r]*)`, 'i');
  patterns.set(name, pattern);
  return pattern;
}
