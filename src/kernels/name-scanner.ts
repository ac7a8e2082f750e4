import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CodedNames } from '../core/outcomes/name-table.ts';
import { noteGarbage } from '../memory/garbage.ts';
import type { BodyReader } from '../memory/shared-body.ts';
import { takeMemory } from '../memory/task-memory.ts';

/** What src/kernels/assembly/scan-names exports. */
type Exports = {
  readonly memory: WebAssembly.Memory & { readonly grow: (pages: number) => number };
  readonly textOffset: () => number;
  readonly textCapacity: () => number;
  readonly codesOffset: () => number;
  readonly lengthsOffset: () => number;
  readonly open: (seed: bigint, factor: bigint) => void;
  readonly start: () => void;
  readonly scan: (length: number) => number;
  readonly startOf: (code: number) => number;
  readonly endOf: (code: number) => number;
  readonly consumed: { readonly value: number };
  readonly written: { readonly value: number };
  readonly ended: { readonly value: number };
  readonly hasRows: { readonly value: number };
  readonly size: { readonly value: number };
};

/** What `scan` of the module returns. */
const complete = 1;
const refused = 2;

const pageBytes = 2 ** 16;

/** A list of names that stood in a text, where it ended, and where it has rows their lengths. */
type ScannedNames = { readonly names: CodedNames; readonly end: number; readonly lengths?: Uint32Array };

/**
 * Reads the list of names that starts at `start`, or rows of them, which may be empty and differ in length, as codes of one table, which
 * are put into the memory of `into`. Returns undefined for anything else, for more names or rows than `into` has numbers, and for names
 * that have no UTF-8: the caller then uses JSON.parse.
 * @throws BodyUnavailable, RequestError where the task may not take the memory
 */
export type NameScanner = (body: BodyReader, start: number, into: Float64Array) => ScannedNames | undefined;

type Instance = { readonly wasm: Exports; readonly bytesAt: (start: number, length: number) => Buffer };

/** An instance reserves gigabytes of addresses: a thread uses one again, unless it has grown to more than this. */
const keptBytes = 2 ** 23;

let compiled: WebAssembly.Module | undefined;
let kept: Instance | undefined;

/** One for each request: its names are gone when the thread makes the next. */
export function createNameScanner(): NameScanner {
  kept ??= newInstance();
  const { wasm, bytesAt } = kept;
  const random = randomBytes(16);
  wasm.open(random.readBigUInt64LE(), random.readBigUInt64LE(8));
  const [text, capacity] = [wasm.textOffset(), wasm.textCapacity()];
  const strings: string[] = [];
  const nameOf = (code: number) => {
    strings[code] ??= bytesAt(wasm.startOf(code), wasm.endOf(code) - wasm.startOf(code)).toString('utf8');
    return strings[code];
  };
  const names = { nameOf, size: () => wasm.size.value };

  return (body, start, into) => {
    const { bytes } = body;
    const codes = new Int32Array(into.buffer, into.byteOffset, into.length);
    const codeBytes = Buffer.from(into.buffer, into.byteOffset, codes.byteLength);
    const lengths: number[] = [];
    wasm.start();
    let count = 0;
    let at = start;
    for (;;) {
      const available = body.waitFor(Math.min(at + capacity / 4, bytes.length));
      const length = Math.min(capacity, available - at);
      // not set, here and below, which goes byte by byte where the two are not aligned alike
      bytes.copy(bytesAt(text, capacity), 0, at, at + length);
      const state = wasm.scan(length);
      const { value: consumed } = wasm.consumed;
      const { value: written } = wasm.written;
      if (state === refused || count + written > codes.length || lengths.length > codes.length) return undefined;
      bytesAt(wasm.codesOffset(), 4 * written).copy(codeBytes, 4 * count);
      for (const length of new Int32Array(wasm.memory.buffer, wasm.lengthsOffset(), wasm.ended.value)) lengths.push(length);
      count += written;
      at += consumed;
      if (state === complete) break;
      // a name that all the bytes there are do not end
      if (consumed === 0 && (length === capacity || available === bytes.length)) return undefined;
    }
    if (count === 0 || lengths.length > codes.length) return undefined;
    const found = { names: { codes: codes.subarray(0, count), table: names }, end: at };
    return wasm.hasRows.value === 0 ? found : { ...found, lengths: new Uint32Array(lengths) };
  };
}

function newInstance(): Instance {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./scan-names.wasm', import.meta.url)));
  const bytesAt = (start: number, length: number) => Buffer.from(wasm.memory.buffer, start, length);
  const grow = (bytes: number) => {
    const pages = Math.ceil(bytes / pageBytes);
    takeMemory(pages * pageBytes);
    wasm.memory.grow(pages);
    if (wasm.memory.buffer.byteLength <= keptBytes) return;
    kept = undefined;
    noteGarbage(pages * pageBytes);
  };
  const names = { isUtf8: (start: number, length: number) => isUtf8(bytesAt(start, length)), unescape: unescapedIn(bytesAt) };
  const wasm = new WebAssembly.Instance(compiled, { table: { grow }, names }).exports as unknown as Exports;
  return { wasm, bytesAt };
}

/** Puts the UTF-8 of a string with escapes, which is never longer, in its place; -1 where there is none, or half a surrogate pair. */
function unescapedIn(bytesAt: (start: number, length: number) => Buffer) {
  return (start: number, length: number): number => {
    const sent = bytesAt(start, length);
    if (!isUtf8(sent)) return -1;
    try {
      const name: string = JSON.parse(`"${sent.toString('utf8')}"`);
      return name.isWellFormed() ? sent.write(name) : -1;
    } catch {
      return -1;
    }
  };
}
