const lineFeed = 0x0a;

/** Calls `take` with where each line of a text begins and ends, without its line feed; a last line needs none. */
export function eachLine(bytes: Buffer, take: (start: number, end: number) => void): void {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    take(start, end);
    start = end + 1;
  }
}

/** What is longer is no blank line, whatever it holds. */
const longestBlank = 2 ** 12;

/** Whether there is nothing but JSON's white space between two places. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > longestBlank) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== lineFeed) return false;
  }
  return true;
}
