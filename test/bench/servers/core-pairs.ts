import { Worker } from 'node:worker_threads';
import { type KindName, kindNames } from '../../../src/core/kinds.ts';
import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import type { SharedBlocks } from '../../../src/kernels/shared-blocks.ts';
import { solve } from '../../../src/tasks/solve/solve.ts';
import { type Dtype, tensorOfBytes } from '../../../src/tensor/dtypes.ts';
import { normals } from '../tensors.ts';
import { computePerLine } from './core-loop.ts';

// as test/bench/peers/pairs.py has it: rows, outcomes, kind of target and of input, dtype, distance (0 for independent sides), share of
// masks, options
const [rows, support, ofTarget, ofInput, dtype, distance, masked, ...options] = process.argv.slice(2);
const shape = [Number(rows), Number(support)];
const isTransposed = options.includes('dim0');
const kernel = loadKernel();
if (kernel === undefined) throw new Error('this platform has no relaxed SIMD');

const logitsOfTarget = normals(11, shape[0] * shape[1]).map((x) => 3 * x);
const steps = normals(12, shape[0] * shape[1]);
const logitsOfInput = logitsOfTarget.map((x, k) => (Number(distance) === 0 ? 3 * steps[k] : x + Number(distance) * steps[k]));
const isMasked = (k: number) => (k * 0.618_033_988_7) % 1 < Number(masked);

function ofKind(kind: KindName, logits: Float32Array): Float64Array {
  const numbers = Float64Array.from(logits, (x, k) => (isMasked(k) ? Number.NEGATIVE_INFINITY : x));
  if (kind === 'logits') return numbers;
  if (kind === 'counts') return numbers.map((x) => (x === Number.NEGATIVE_INFINITY ? 0 : 1 + Math.floor(100 * Math.exp(x))));
  for (let start = 0; start < numbers.length; start += shape[1]) {
    const row = numbers.subarray(start, start + shape[1]);
    const log = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    row.set(row.map((x) => x - log));
  }
  return kind === 'probs' ? numbers.map(Math.exp) : numbers;
}

const makers: Partial<Record<Dtype, (numbers: Float64Array) => ArrayBufferView>> = {
  float64: (numbers) => numbers,
  float32: (numbers) => Float32Array.from(numbers),
  float16: (numbers) => Float16Array.from(numbers),
  bfloat16: (numbers) =>
    Uint16Array.from(new Uint32Array(Float32Array.from(numbers).buffer), (bits) => (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16),
};

/** Numbers in row-major order of `shape`, with its axes exchanged. */
function transposed(numbers: Float64Array): Float64Array {
  return numbers.map((_, k) => numbers[(k % shape[0]) * shape[1] + Math.floor(k / shape[0])]);
}

function bytesOf(kind: KindName, logits: Float32Array): Uint8Array {
  const numbers = ofKind(kind, logits);
  const view = makers[dtype as Dtype]?.(isTransposed ? transposed(numbers) : numbers);
  if (view === undefined) throw new Error(`no dtype ${dtype}`);
  const bytes = new Uint8Array(new SharedArrayBuffer(view.byteLength));
  bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return bytes;
}

const [targetKind, inputKind] = [ofTarget, ofInput].map((name) => kindNames.find((kind) => kind === name) ?? 'logits');
const bytes = { target: bytesOf(targetKind, logitsOfTarget), input: bytesOf(inputKind, logitsOfInput) };
const about = { shape: isTransposed ? shape.toReversed() : shape, form: 'flat' as const };
const operand = (of: Uint8Array, kind: KindName) => ({ tensor: tensorOfBytes(dtype as Dtype, of, about), kind });
const common = {
  dim: isTransposed ? 0 : -1,
  base: 'e' as const,
  strict: false,
  temperature: options.includes('temperature') ? 2 : 1,
  pseudocount: 0,
  weights: options.includes('weights') ? Float64Array.from({ length: shape[0] }, (_, d) => 1 + (d % 2)) : undefined,
  reduction: undefined,
  input_kind: inputKind,
  target_kind: targetKind,
  ...(options.includes('statistics') ? { statistics: true } : {}),
  ...(options.includes('family') ? { divergences: ['kl', 'reverse_kl', 'jeffreys', 'jensen_shannon'] } : {}),
};

const helper = options.includes('threads') ? new Worker(new URL('./core-helper.ts', import.meta.url)) : undefined;
const runner = { kernel, ...(helper && { requestHelp: (blocks: SharedBlocks) => helper.postMessage(blocks) }) };

// from the bytes on, as a body of safetensors has them
computePerLine(() => {
  const input = operand(bytes.input, inputKind);
  const target = operand(bytes.target, targetKind);
  return solve({ ...common, input, target }, { kernel: runner }).divergence.sum / shape[0];
});
