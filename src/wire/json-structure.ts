/** What a JSON text consists of: how deep lists and objects nest, how many they are, and how many fields and commas there are. */
export type Structure = { depth: number; deepest: number; containers: number; fields: number; commas: number };

const chunk = 2 ** 16;

/** The structure of a JSON text, told from its bytes before anything is built; counting ends where it is deeper than `maxDepth`. */
export function structureOf(bytes: Uint8Array, maxDepth: number): Structure {
  const structure = { depth: 0, deepest: 0, containers: 0, fields: 0, commas: 0 };
  // many short calls, because V8 optimises a function between its calls better than within one long loop
  for (let at = 0; at < bytes.length && structure.deepest <= maxDepth; ) {
    at = scan(bytes, at, Math.min(at + chunk, bytes.length), structure);
  }
  return structure;
}

/** Counts from `start` to `end`, and on to the end of a string that begins there; returns where it stopped. */
function scan(bytes: Uint8Array, start: number, end: number, structure: Structure): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at];
    // digits, commas and signs, nearly all of a tensor, are below the rest
    if (byte < 0x3a) {
      if (byte === 0x2c /* , */) structure.commas++;
      else if (byte === 0x22 /* " */) at = endOfString(bytes, at);
    } else if (byte === 0x5b /* [ */ || byte === 0x7b /* { */) open(structure);
    else if (byte === 0x5d /* ] */ || byte === 0x7d /* } */) structure.depth--;
    else if (byte === 0x3a /* : */) structure.fields++;
  }
  return at;
}

function open(structure: Structure): void {
  structure.containers++;
  structure.depth++;
  if (structure.depth > structure.deepest) structure.deepest = structure.depth;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c /* \ */ ? 2 : 1;
  return at;
}
