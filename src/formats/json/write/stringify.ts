import { LazyJson } from './json-tensor.ts';

/** An answer as text. Its values are JSON already. */
export function jsonText(answer: unknown): string {
  return JSON.stringify(answer);
}

/** Shortest and longest memory that is taken at once. What is never written to takes none. */
const pieceBytes = { least: 2 ** 16, most: 2 ** 22 };

/**
 * Writes text into memory, so that no string holds all of it: first into `into`, then into more and more pieces, none of which is copied.
 * Returns the pieces. `check` is called now and then, and may throw to end it.
 */
export function writeChunks(chunks: Iterable<string>, into?: Buffer, check: () => void = () => {}): Buffer[] {
  const full: Buffer[] = [];
  let memory = into ?? Buffer.allocUnsafeSlow(pieceBytes.least);
  let at = 0;
  let total = 0;
  for (const chunk of chunks) {
    check();
    const length = Buffer.byteLength(chunk);
    if (at + length > memory.length) {
      if (at > 0) full.push(memory.subarray(0, at));
      memory = Buffer.allocUnsafeSlow(Math.max(length, Math.min(pieceBytes.most, Math.max(pieceBytes.least, total))));
      at = 0;
    }
    at += memory.write(chunk, at);
    total += length;
  }
  return [...full, memory.subarray(0, at)];
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
