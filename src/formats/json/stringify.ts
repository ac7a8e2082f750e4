import { type RequestError, refuse } from '../../errors/request-error.ts';
import { LazyJson } from './json-tensor.ts';

/** Where V8's strings end. An answer is no longer, whichever way it is written. */
const longest = 2 ** 29 - 24;

/** An answer as text. Its values are JSON already; only its length can still be wrong. @throws RequestError TOO_MANY_ELEMENTS */
export function jsonText(answer: unknown): string {
  try {
    return JSON.stringify(answer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw tooLong();
  }
}

function tooLong(): RequestError {
  return refuse(
    'TOO_MANY_ELEMENTS',
    '#/reduction',
    'the answer would be longer than 512 MiB of JSON: ask for fewer tensors, or send input as base64',
  );
}

const noBytes: Buffer = Buffer.alloc(0);

/**
 * Writes text into memory piece by piece, so that no string holds all of it, nor new memory its bytes, unless they do not fit. Returns the
 * bytes. `check` is called now and then, and may throw to end it. @throws RequestError TOO_MANY_ELEMENTS
 */
export function writeChunks(pieces: Iterable<string>, into = noBytes, check: () => void = () => {}): Buffer {
  let memory = into;
  let at = 0;
  for (const piece of pieces) {
    check();
    const end = at + Buffer.byteLength(piece);
    if (end > memory.length) memory = larger(memory, at, end);
    at += memory.write(piece, at);
  }
  return memory.subarray(0, at);
}

/** Memory that is never written to is none yet, so there may be too much of it. */
function larger(memory: Buffer, used: number, needed: number): Buffer {
  if (needed > longest) throw tooLong();
  const more = Buffer.allocUnsafeSlow(Math.max(2 * memory.length, needed));
  memory.copy(more, 0, 0, used);
  return more;
}

/** An answer as JSON, in as many pieces as its long tensors need. */
export function* jsonChunks(value: unknown): Generator<string> {
  if (value instanceof LazyJson) yield* value.pieces();
  else if (!holdsLazyJson(value)) yield JSON.stringify(value);
  else if (Array.isArray(value))
    yield* bracketed(
      '[]',
      value.map((entry) => ['', entry]),
    );
  else
    yield* bracketed(
      '{}',
      Object.entries(value).map(([name, member]) => [`${JSON.stringify(name)}:`, member]),
    );
}

function* bracketed([opener, closer]: string, members: readonly (readonly [string, unknown])[]): Generator<string> {
  let before = opener;
  for (const [name, member] of members) {
    yield before + name;
    yield* jsonChunks(member);
    before = ',';
  }
  yield closer;
}

/** Whether an answer has tensors that are long. Those that are not are lists, and hold none. */
export function holdsLazyJson(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof LazyJson) return true;
  return Array.isArray(value)
    ? typeof value[0] === 'object' && !Array.isArray(value[0]) && value.some(holdsLazyJson)
    : Object.values(value).some(holdsLazyJson);
}
