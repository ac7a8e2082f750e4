import { readFileSync } from 'node:fs';
import type { AgreementExports } from './mark-agreement.ts';

/** What the module exports, as its source in `assembly/divergence` has it. */
export type Exports = AgreementExports & {
  readonly memory: WebAssembly.Memory;
  readonly capacity: WebAssembly.Global;
  readonly mostRows: WebAssembly.Global;
  readonly terms: WebAssembly.Global;
  readonly totals: WebAssembly.Global;
  readonly regular: WebAssembly.Global;
  readonly skipped: WebAssembly.Global;
  readonly missing: WebAssembly.Global;
  readonly spans: WebAssembly.Global;
  readonly forms: WebAssembly.Global;
  readonly parameters: WebAssembly.Global;
  readonly mostForms: WebAssembly.Global;
  readonly range: WebAssembly.Global;
  readonly write: WebAssembly.Global;
  readonly ask: (forms: number) => void;
  readonly rows: (pair: number, count: number, n: number, temperature: number, pseudocount: number, wantsTerms: number) => void;
  readonly begin: (pair: number, temperature: number, pseudocount: number, wantsTerms: number) => void;
  readonly advance: () => number;
  /** Whether what follows is needed. */
  readonly piece: (n: number) => number;
  readonly whole: (n: number) => void;
  readonly finish: (row: number) => void;
  readonly widenSingles: (at: number, n: number) => void;
  readonly widenHalves: (at: number, n: number) => void;
  readonly widenUpperHalves: (at: number, n: number) => void;
};

const wasm = readFileSync(new URL('./divergence.wasm', import.meta.url));

/** Whether this platform has what the kernel is built for. */
export function kernelIsSupported(): boolean {
  return WebAssembly.validate(wasm);
}

/** An instance of the module with memory of its own; undefined where the platform has no relaxed SIMD. */
export function instantiate(): Exports | undefined {
  if (!kernelIsSupported()) return undefined;
  // what the module exports is fixed by its source, which the compiler of this file does not see
  return new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as Exports;
}

/** The memory that the module computes in, as rows of numbers one after the other. */
export type Scratch = Readonly<Record<'input' | 'target' | 'terms' | 'totals', Float64Array>> & {
  /** All of the memory. */
  readonly bytes: Uint8Array;
  /** Of each row whether it may be used: what becomes of `trusted` in `KernelOutput`. */
  readonly regular: Uint8Array;
  /** 1 for a row that is not read. */
  readonly skipped: Uint8Array;
  /** Of a row whose `regular` is 2, how many outcomes have no mass in Q. */
  readonly missing: Uint32Array;
  /** Of each row of different lengths the place of its first number, and how many it has. */
  readonly spans: Int32Array;
  /** The number of each form that is asked for, and its parameter. */
  readonly forms: Int32Array;
  readonly parameters: Float64Array;
  /** How many numbers each array holds. */
  readonly capacity: number;
  /** Which distribution each row is. */
  readonly distributions: Uint32Array;
};

/** The arrays of an instance. */
export function scratchOf(exported: Exports): Scratch {
  const capacity = exported.capacity.value;
  const mostRows = exported.mostRows.value;
  const buffer = exported.memory.buffer;
  return {
    capacity,
    input: new Float64Array(buffer, exported.input.value, capacity),
    target: new Float64Array(buffer, exported.target.value, capacity),
    terms: new Float64Array(buffer, exported.terms.value, capacity),
    totals: new Float64Array(buffer, exported.totals.value, mostRows),
    bytes: new Uint8Array(buffer),
    regular: new Uint8Array(buffer, exported.regular.value, mostRows),
    skipped: new Uint8Array(buffer, exported.skipped.value, mostRows),
    missing: new Uint32Array(buffer, exported.missing.value, mostRows),
    spans: new Int32Array(buffer, exported.spans.value, 2 * mostRows),
    forms: new Int32Array(buffer, exported.forms.value, exported.mostForms.value),
    parameters: new Float64Array(buffer, exported.parameters.value, exported.mostForms.value),
    distributions: new Uint32Array(mostRows),
  };
}
