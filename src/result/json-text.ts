import { type RequestError, refuse } from '../errors.ts';

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

/** Entries of a list that are written at once. */
const atOnce = 64;

/**
 * Writes an answer into memory piece by piece, so that no string holds all of a large tensor, nor new memory its bytes, unless they do not fit.
 * Returns the bytes. `check` is called now and then, and may throw to end it. @throws RequestError TOO_MANY_ELEMENTS
 */
export function writeJson(
  answer: { readonly results: Readonly<Record<string, unknown>> },
  into: Buffer,
  check: () => void = () => {},
): Buffer {
  let memory = into;
  let at = 0;
  for (const piece of pieces(answer)) {
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

function* pieces({ results, ...rest }: { readonly results: Readonly<Record<string, unknown>> }): Generator<string> {
  let before = '{"results":{';
  for (const [name, value] of Object.entries(results)) {
    yield `${before}${JSON.stringify(name)}:`;
    if (Array.isArray(value)) yield* piecesOfList(value);
    else yield JSON.stringify(value);
    before = ',';
  }
  yield `},${JSON.stringify(rest).slice(1)}`;
}

function* piecesOfList(list: readonly unknown[]): Generator<string> {
  for (let start = 0; start < list.length; start += atOnce) {
    yield `${start === 0 ? '[' : ','}${JSON.stringify(list.slice(start, start + atOnce)).slice(1, -1)}`;
  }
  yield ']';
}
