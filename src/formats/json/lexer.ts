const space = { blank: 0x20, lineFeed: 0x0a, carriageReturn: 0x0d, tab: 0x09 } as const;
const doubleQuote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** Looking at each byte is faster than a search for this many bytes. */
const shortString = 32;

/** Returns the byte, or the code unit, of an ASCII character. */
export function code(character: string): number {
  return character.charCodeAt(0);
}

/** Whether a byte, or a code unit, is JSON's white space: RFC 8259, section 2. */
export function isSpace(byte: number): boolean {
  return byte === space.blank || byte === space.lineFeed || byte === space.carriageReturn || byte === space.tab;
}

/** Returns the position of the first character from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  let end = at;
  while (isSpace(text.charCodeAt(end))) end++;
  return end;
}

/** Returns the position behind the string that starts at `start`, in a text that is valid JSON. */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether the string that ends before `end` is a key: a colon follows it. */
export function isKey(text: string, end: number): boolean {
  return text[skipSpace(text, end)] === ':';
}

/** Whether what ends before `end` is a key, in the bytes of a text. */
export function isKeyInBytes(bytes: Uint8Array, end: number): boolean {
  let at = end;
  while (isSpace(bytes[at])) at++;
  return bytes[at] === colon;
}

/** Returns the position of the quote that closes the string that starts at `start`; the end of the text if none does. */
export function closingQuote(bytes: Buffer, start: number): number {
  for (let at = start + 1; ; at++) {
    const soon = Math.min(at + shortString, bytes.length);
    while (at < soon && bytes[at] !== doubleQuote) at += bytes[at] === backslash ? 2 : 1;
    if (at < soon) return at;
    const searched = at;
    at = bytes.indexOf(doubleQuote, searched);
    if (at === -1) return bytes.length;
    if (!isEscaped(bytes, at, searched)) return at;
  }
}

/** Whether an odd number of backslashes stands before `at`, not counting those before `from`. */
export function isEscaped(bytes: Uint8Array, at: number, from = 0): boolean {
  let start = at;
  while (start > from && bytes[start - 1] === backslash) start--;
  return (at - start) % 2 === 1;
}
