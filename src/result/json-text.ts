import { refuse } from '../errors.ts';

/** An answer as text. Its values are JSON already; only its length can still be wrong. @throws RequestError TOO_MANY_ELEMENTS */
export function jsonText(answer: unknown): string {
  try {
    return JSON.stringify(answer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refuse(
      'TOO_MANY_ELEMENTS',
      '#/reduction',
      'the answer would be longer than 512 MiB of JSON: ask for fewer tensors, or send input as base64',
    );
  }
}

/** Entries of a list that are written at once. */
const atOnce = 64;

/**
 * Writes an answer into memory piece by piece, so that no string holds all of a large tensor, nor new memory its bytes.
 * How many bytes it took; undefined where it does not fit. `check` is called now and then, and may throw to end it.
 */
export function writeJson(
  answer: { readonly results: Readonly<Record<string, unknown>> },
  into: Buffer,
  check: () => void = () => {},
): number | undefined {
  let at = 0;
  for (const piece of pieces(answer)) {
    check();
    if (Buffer.byteLength(piece) > into.length - at) return undefined;
    at += into.write(piece, at);
  }
  return at;
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
