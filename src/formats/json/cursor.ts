import type { BodyReader } from '../../memory/shared-body.ts';
import { code, isEscaped, isSpace } from './lexer.ts';

const longestName = 64;

/**
 * Bytes after which the cursor asks again whether the request is cancelled. To ask for each byte takes twenty times as long as to read it.
 */
const askEvery = 2 ** 16;

/**
 * Goes through a JSON text that may still be arriving, without building anything. What it goes past is skipped, not checked. Steps return
 * false where it cannot be sure of what it sees. @throws BodyUnavailable
 */
export type JsonCursor = {
  /** Where it stands, in bytes. */
  at: number;
  /** Whether the next value begins so. */
  readonly isAt: (character: '[' | '{') => boolean;
  /** Goes through the object that begins here; `pass` goes past the value of a member. */
  readonly members: (pass: (name: string) => boolean) => boolean;
  /** Goes through the list that begins here; `pass` goes past an entry. */
  readonly entries: (pass: (index: number) => boolean) => boolean;
  /** Goes past the value that begins here: a string, a list or object with all that is in it, or a word. */
  readonly skip: () => boolean;
};

export function createCursor(body: BodyReader): JsonCursor {
  const { bytes } = body;
  let available = 0;
  const cursor: JsonCursor = { at: 0, isAt: (character) => nextByte() === code(character), members, entries, skip };
  return cursor;

  function members(pass: (name: string) => boolean): boolean {
    if (!takes('{')) return false;
    while (!takes('}')) {
      takes(',');
      const name = takeName();
      if (name === undefined || !takes(':') || !pass(name)) return false;
    }
    return true;
  }

  function entries(pass: (index: number) => boolean): boolean {
    if (!takes('[')) return false;
    for (let index = 0; !takes(']'); index++) {
      takes(',');
      if (isAtEnd() || !pass(index)) return false;
    }
    return true;
  }

  function skip(): boolean {
    let depth = 0;
    do {
      const byte = nextByte();
      if (isAtEnd()) return false;
      cursor.at++;
      if (byte === code('"')) skipString(cursor, body);
      else if (byte === code('[') || byte === code('{')) depth++;
      else if (byte === code(']') || byte === code('}')) depth--;
      else if (depth === 0) while (!endsWord(byteHere())) cursor.at++;
    } while (depth > 0);
    return true;
  }

  /** A name without escapes: with them, it could be any. */
  function takeName(): string | undefined {
    if (!takes('"')) return undefined;
    const start = cursor.at;
    while (byteHere() !== code('"')) {
      if (byteHere() === code('\\') || cursor.at - start === longestName || isAtEnd()) return undefined;
      cursor.at++;
    }
    return bytes.toString('latin1', start, cursor.at++);
  }

  function takes(character: string): boolean {
    if (nextByte() !== code(character)) return false;
    cursor.at++;
    return true;
  }

  /** The next byte that is not white space. */
  function nextByte(): number {
    while (isSpace(byteHere())) cursor.at++;
    return byteHere();
  }

  /** The byte here, 0 behind the end. */
  function byteHere(): number {
    if (isAtEnd()) return 0;
    if (cursor.at >= available) available = Math.min(body.waitFor(cursor.at + 1), cursor.at + askEvery);
    return bytes[cursor.at];
  }

  function isAtEnd(): boolean {
    return cursor.at >= bytes.length;
  }
}

/** Goes past the end of the string whose opening quote has been read. */
function skipString(cursor: { at: number }, { bytes, waitFor }: BodyReader): void {
  while (cursor.at < bytes.length) {
    const available = waitFor(cursor.at + 1);
    const found = bytes.subarray(cursor.at, available).indexOf(code('"'));
    cursor.at = found === -1 ? available : cursor.at + found + 1;
    if (found !== -1 && !isEscaped(bytes, cursor.at - 1)) return;
  }
}

function endsWord(byte: number): boolean {
  return byte === 0 || byte === code(',') || byte === code(']') || byte === code('}') || isSpace(byte);
}
