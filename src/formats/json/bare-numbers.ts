import { closingQuote, code, isKeyInBytes } from './lexer.ts';

const quote = code('"');

const words = ['NaN', 'Infinity'].map((word) => Buffer.from(word));

/**
 * Puts quotes around the tokens NaN, Infinity and -Infinity of a text that is JSON but for them, as Python and Triton's clients write it.
 * What else is wrong with the text stays wrong.
 */
export function quoteBareNumbers(text: Buffer): Buffer {
  const quoted = Buffer.allocUnsafeSlow(text.length + 2 * initialsIn(text));
  let used = 0;
  let copied = 0;
  const copy = (end: number) => {
    used += text.copy(quoted, used, copied, end);
    copied = end;
  };
  for (let at = 0; at < text.length; ) {
    if (text[at] === quote) {
      at = closingQuote(text, at) + 1;
      continue;
    }
    const end = endOfWord(text, at);
    if (end !== undefined) {
      copy(text[at] === code('I') && text[at - 1] === code('-') ? at - 1 : at);
      quoted[used++] = quote;
      copy(end);
      quoted[used++] = quote;
    }
    at = end ?? at + 1;
  }
  copy(text.length);
  return quoted.subarray(0, used);
}

/** At least as many as there are tokens. */
function initialsIn(text: Uint8Array): number {
  let count = 0;
  for (const byte of text) if (byte === code('N') || byte === code('I')) count++;
  return count;
}

/** Where the token that starts here ends; undefined where there is none, or the name of a field: that has quotes in any JSON. */
function endOfWord(text: Buffer, at: number): number | undefined {
  const word = words.find((each) => each[0] === text[at] && each.compare(text, at, at + each.length) === 0);
  return word === undefined || isKeyInBytes(text, at + word.length) ? undefined : at + word.length;
}
