import { readFileSync } from 'node:fs';
import type { BodyReader } from '../memory/shared-body.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { powersOfFive } from './powers-of-five.ts';

/** What src/kernels/assembly/scan-json exports, for single tensors and for the items of a batch. */
type Exports = {
  readonly memory: WebAssembly.Memory;
  readonly textOffset: () => number;
  readonly textCapacity: () => number;
  readonly numbersOffset: () => number;
  readonly shapeOffset: () => number;
  readonly lengthsOffset: () => number;
  readonly powersOfFiveOffset: () => number;
  readonly start: (ragged: boolean) => void;
  readonly scan: (length: number) => number;
  readonly consumed: { readonly value: number };
  readonly written: { readonly value: number };
  readonly ended: { readonly value: number };
  readonly rank: { readonly value: number };
  readonly lowest: { readonly value: number };
  readonly highest: { readonly value: number };
  readonly hadFraction: { readonly value: number };
  readonly envelopeOffset: () => number;
  readonly envelopeLength: { readonly value: number };
  readonly listsOffset: () => number;
  readonly listCount: { readonly value: number };
  readonly beginItems: () => void;
  readonly takeItems: (length: number) => void;
};

/** What `scan` of the module returns. */
const complete = 1;
const refused = 2;

/**
 * A tensor that stood in a text, where it ended, and the range of its numbers; of rows of different lengths their lengths, and one tensor
 * of all.
 */
export type ScannedTensor = {
  readonly tensor: Tensor;
  readonly end: number;
  readonly lowest: number;
  readonly highest: number;
  /** Whether each was written as an integer, without a point or an exponent. */
  readonly areIntegers: boolean;
  readonly lengths?: Uint32Array;
};

/** What a list at the start of a text is: a tensor, or rows, which may be empty and differ in length. */
type ScannedForm = 'tensor' | 'rows';

/**
 * Reads the nested lists of numbers that start at `start` straight into float64: each the double that JSON.parse gives.
 * Returns undefined for other values, for invalid JSON, and if `into` is too short: the caller then uses JSON.parse.
 */
export type NumberScanner = (body: BodyReader, start: number, into: Float64Array, form?: ScannedForm) => ScannedTensor | undefined;

/** The module with memory of its own: one instance for each thread. */
type ScannerModule = {
  readonly wasm: Exports;
  readonly capacity: number;
  readonly text: Uint8Array;
  readonly numbers: Float64Array;
};

export function instantiateScanner(): ScannerModule {
  const module = new WebAssembly.Module(readFileSync(new URL('./scan-json.wasm', import.meta.url)));
  const convert = (start: number, length: number) => Number(Buffer.from(wasm.memory.buffer, start, length).toString('latin1'));
  const wasm = new WebAssembly.Instance(module, { number: { convert } }).exports as unknown as Exports;
  const { buffer } = wasm.memory;
  const capacity = wasm.textCapacity();
  const powers = powersOfFive();
  new BigUint64Array(buffer, wasm.powersOfFiveOffset(), powers.length).set(powers);
  return {
    wasm,
    capacity,
    text: new Uint8Array(buffer, wasm.textOffset(), capacity),
    numbers: new Float64Array(buffer, wasm.numbersOffset(), capacity / 2 + 1),
  };
}

export function createNumberScanner({ wasm, capacity, text, numbers } = instantiateScanner()): NumberScanner {
  const { buffer } = wasm.memory;
  const shape = new Int32Array(buffer, wasm.shapeOffset());
  const ended = new Uint32Array(buffer, wasm.lengthsOffset(), capacity / 2 + 1);

  return (body, start, into, form = 'tensor') => {
    const { bytes } = body;
    const isRagged = form === 'rows';
    const lengths: number[] = [];
    wasm.start(isRagged);
    let count = 0;
    let at = start;
    for (;;) {
      const available = body.waitFor(Math.min(at + capacity / 4, bytes.length));
      const length = Math.min(capacity, available - at);
      // not set, which goes byte by byte where the two are not aligned alike
      bytes.copy(text, 0, at, at + length);
      const state = wasm.scan(length);
      const { value: written } = wasm.written;
      const { value: consumed } = wasm.consumed;
      if (state === refused || count + written > into.length || lengths.length > into.length) return undefined;
      into.set(numbers.subarray(0, written), count);
      for (let row = 0; row < wasm.ended.value; row++) lengths.push(ended[row]);
      count += written;
      at += consumed;
      if (state === complete) break;
      // a token that all the bytes there are do not end
      if (consumed === 0 && (length === capacity || available === bytes.length)) return undefined;
    }
    const range = { end: at, lowest: wasm.lowest.value, highest: wasm.highest.value, areIntegers: wasm.hadFraction.value === 0 };
    const data = into.subarray(0, count);
    if (isRagged) return { tensor: { shape: [count], data }, ...range, lengths: new Uint32Array(lengths) };
    return { tensor: { shape: [...shape.subarray(0, wasm.rank.value)], data }, ...range };
  };
}
