import { readFileSync } from 'node:fs';
import { type Kernel, type KernelOperands, type KernelOutput, kernelKinds } from '../core/kernel.ts';
import type { Numbers } from '../tensor/tensor.ts';

type Exports = {
  readonly memory: WebAssembly.Memory;
  readonly capacity: WebAssembly.Global;
  readonly input: WebAssembly.Global;
  readonly target: WebAssembly.Global;
  readonly terms: WebAssembly.Global;
  readonly totals: WebAssembly.Global;
  readonly regular: WebAssembly.Global;
  readonly write: WebAssembly.Global;
  readonly rows: (kind: number, count: number, n: number, temperature: number, wantsTerms: number) => void;
  readonly begin: (kind: number, n: number, temperature: number, wantsTerms: number) => void;
  readonly advance: () => number;
  readonly piece: (n: number) => void;
  readonly finish: (row: number) => void;
};

const wasm = readFileSync(new URL('./divergence.wasm', import.meta.url));

/** Whether this platform has what the kernel is built for. */
export function kernelIsSupported(): boolean {
  return WebAssembly.validate(wasm);
}

/** The divergences of `src/core` in WebAssembly SIMD, built from `assembly/divergence`; undefined where the platform has no relaxed SIMD. */
export function loadKernel(): Kernel | undefined {
  if (!kernelIsSupported()) return undefined;
  // what the module exports is fixed by its source, which the compiler of this file does not see
  return kernelOf(new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as Exports);
}

function kernelOf(exported: Exports): Kernel {
  const capacity = exported.capacity.value;
  const buffer = exported.memory.buffer;
  const scratch = {
    input: new Float64Array(buffer, exported.input.value, capacity),
    target: new Float64Array(buffer, exported.target.value, capacity),
    terms: new Float64Array(buffer, exported.terms.value, capacity),
    totals: new Float64Array(buffer, exported.totals.value, capacity),
    regular: new Uint8Array(buffer, exported.regular.value, capacity),
  };

  function find(operands: KernelOperands, found: KernelOutput, first: number, end: number): void {
    const n = operands.axes.outcomeOffsets.length;
    const wantsTerms = found.terms.length > 0;
    const kind = kernelKinds.indexOf(operands.kind);
    const inOrder = operands.axes.outcomeOffsets.every((step, k) => step === k);
    if (n > capacity) {
      for (let d = first; d < end; d++) findLong(operands, found, d, kind, inOrder, wantsTerms);
      return;
    }
    const rowsAtOnce = Math.floor(capacity / n);
    for (let d = first; d < end; d += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, end - d);
      read(operands, d, count, inOrder);
      exported.rows(kind, count, n, operands.temperature, wantsTerms ? 1 : 0);
      found.totals.set(scratch.totals.subarray(0, count), d);
      found.trusted.set(scratch.regular.subarray(0, count), d);
      if (wantsTerms) for (let row = 0; row < count; row++) scatter(scratch.terms, found.terms, operands, d + row, 0, row * n, n, inOrder);
    }
  }

  function findLong(operands: KernelOperands, found: KernelOutput, d: number, kind: number, inOrder: boolean, wantsTerms: boolean): void {
    const n = operands.axes.outcomeOffsets.length;
    exported.begin(kind, n, operands.temperature, wantsTerms ? 1 : 0);
    for (let pass = exported.advance(); pass !== 0; pass = exported.advance()) {
      for (let from = 0; from < n; from += capacity) {
        const count = Math.min(capacity, n - from);
        gather(operands.input, scratch.input, operands, d, from, 0, count, inOrder);
        gather(operands.target, scratch.target, operands, d, from, 0, count, inOrder);
        exported.piece(count);
        if (pass === exported.write.value) scatter(scratch.terms, found.terms, operands, d, from, 0, count, inOrder);
      }
    }
    exported.finish(0);
    found.totals[d] = scratch.totals[0];
    found.trusted[d] = scratch.regular[0];
  }

  function read(operands: KernelOperands, first: number, count: number, inOrder: boolean): void {
    const { input, target } = operands;
    const { distributionOffsets, outcomeOffsets } = operands.axes;
    const n = outcomeOffsets.length;
    if (inOrder && distributionOffsets[first + count - 1] - distributionOffsets[first] === (count - 1) * n) {
      const start = distributionOffsets[first];
      scratch.input.set(input.subarray(start, start + count * n));
      scratch.target.set(target.subarray(start, start + count * n));
      return;
    }
    for (let row = 0; row < count; row++) {
      gather(input, scratch.input, operands, first + row, 0, row * n, n, inOrder);
      gather(target, scratch.target, operands, first + row, 0, row * n, n, inOrder);
    }
  }

  return { find };
}

/** Copies outcomes `from` to `from + count` of distribution d to `to[at…]`. */
function gather(
  data: Numbers,
  to: Float64Array,
  { axes: { distributionOffsets, outcomeOffsets } }: KernelOperands,
  d: number,
  from: number,
  at: number,
  count: number,
  inOrder: boolean,
): void {
  const start = distributionOffsets[d];
  if (inOrder) to.set(data.subarray(start + from, start + from + count), at);
  else for (let k = 0; k < count; k++) to[at + k] = data[start + outcomeOffsets[from + k]];
}

/** The way back: copies `terms[at…]` to outcomes `from` to `from + count` of distribution d. */
function scatter(
  terms: Float64Array,
  to: Float64Array,
  { axes: { distributionOffsets, outcomeOffsets } }: KernelOperands,
  d: number,
  from: number,
  at: number,
  count: number,
  inOrder: boolean,
): void {
  const start = distributionOffsets[d];
  if (inOrder) to.set(terms.subarray(at, at + count), start + from);
  else for (let k = 0; k < count; k++) to[start + outcomeOffsets[from + k]] = terms[at + k];
}
