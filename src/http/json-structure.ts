/** How deep lists and objects nest, how many they are, and how many fields the objects have. */
type Structure = { depth: number; containers: number; fields: number };

const [quote, backslash, colon, openBracket, closeBracket, openBrace, closeBrace] = Buffer.from('"\\:[]{}');

/** The structure of a JSON text, told from its bytes before anything is built; counting ends below `maxDepth`. */
export function structureOf(bytes: Uint8Array, maxDepth: number): Structure {
  const structure = { depth: 0, containers: 0, fields: 0 };
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      at = endOfString(bytes, at);
    } else if (byte < openBracket) {
      // digits, commas, signs: nearly all of a tensor
      if (byte === colon) structure.fields++;
    } else if (byte === openBracket || byte === openBrace) {
      structure.containers++;
      if (++depth > structure.depth) structure.depth = depth;
      if (depth > maxDepth) return structure;
    } else if (byte === closeBracket || byte === closeBrace) {
      depth--;
    }
  }
  return structure;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
