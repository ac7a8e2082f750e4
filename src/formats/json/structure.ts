import { isAscii } from 'node:buffer';
import { closingQuote } from './lexer.ts';

/**
 * What a JSON text consists of: how deep lists and objects nest, how many they are, how many fields and commas there are, and how many
 * bytes its strings take at the most.
 */
export type Structure = { depth: number; deepest: number; containers: number; fields: number; commas: number; characters: number };

const chunk = 2 ** 16;

/** The structure of a JSON text, told from its bytes before anything is built; counting ends where it is deeper than `maxDepth`. */
export function structureOf(bytes: Buffer, maxDepth: number): Structure {
  const structure = { depth: 0, deepest: 0, containers: 0, fields: 0, commas: 0, characters: 0 };
  // many short calls, because V8 optimises a function between its calls better than within one long loop
  for (let at = 0; at < bytes.length && structure.deepest <= maxDepth; ) {
    at = scan(bytes, at, Math.min(at + chunk, bytes.length), structure);
  }
  return structure;
}

/** Counts from `start` to `end`, and on to the end of a string that begins there; returns where it stopped. */
function scan(bytes: Buffer, start: number, end: number, structure: Structure): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at];
    // digits, commas and signs, nearly all of a tensor, are below the rest
    if (byte < 0x3a) {
      if (byte === 0x2c /* , */) structure.commas++;
      else if (byte === 0x22 /* " */) at = passString(bytes, at, structure);
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

/** Counts the characters of the string that starts here, and returns where it ends. */
function passString(bytes: Buffer, start: number, structure: Structure): number {
  const end = closingQuote(bytes, start);
  structure.characters += widthOf(bytes, start, end) * (end - start);
  return end;
}

/** A string of at most this many bytes is not looked at: two bytes for each character are assumed. */
const shortString = 32;

/** Bytes that V8 takes for each character of a string, at the most: one beyond Latin-1, which an escape may be, makes two of all. */
function widthOf(bytes: Buffer, start: number, end: number): 1 | 2 {
  if (end - start <= shortString) return 2;
  const string = bytes.subarray(start, end);
  return isAscii(string) && !string.includes(0x5c /* \\ */) ? 1 : 2;
}
