import { isAscii } from 'node:buffer';

/** What a JSON text consists of: how deep lists and objects nest, how many they are, how many fields and commas there are, and how many bytes its strings take at the most. */
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
      else if (byte === 0x22 /* " */) at = endOfString(bytes, at, structure);
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

const doubleQuote = 0x22;
const backslash = 0x5c;

/** Bytes of a string that are looked at one by one, which is faster than to have them searched as long as they are few. */
const few = 32;

/** Where the string that starts here has its closing quote; the end of the text where it has none. */
function endOfString(bytes: Buffer, start: number, structure: Structure): number {
  let at = start + 1;
  for (let isOpen = true; isOpen && at < bytes.length; ) {
    const soon = Math.min(at + few, bytes.length);
    while (at < soon && bytes[at] !== doubleQuote) at += bytes[at] === backslash ? 2 : 1;
    if (at < soon) break;
    const found = bytes.indexOf(doubleQuote, at);
    isOpen = found !== -1 && backslashesBetween(bytes, at, found) % 2 === 1;
    at = found === -1 ? bytes.length : isOpen ? found + 1 : found;
  }
  structure.characters += widthOf(bytes, start, at) * (at - start);
  return at;
}

function backslashesBetween(bytes: Uint8Array, from: number, end: number): number {
  let count = 0;
  while (end - count > from && bytes[end - 1 - count] === backslash) count++;
  return count;
}

/** Bytes that V8 takes for each character of a string, at the most: one beyond Latin-1, which an escape may be, makes two of all. */
function widthOf(bytes: Buffer, start: number, end: number): 1 | 2 {
  if (end - start <= few) return 2;
  const string = bytes.subarray(start, end);
  return isAscii(string) && !string.includes(backslash) ? 1 : 2;
}
