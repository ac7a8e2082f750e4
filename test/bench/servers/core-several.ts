import { loadKernel } from '../../../src/kernels/divergence-kernel.ts';
import { solve } from '../../../src/tasks/solve/solve.ts';
import { normals } from '../tensors.ts';
import { computePerLine } from './core-loop.ts';

const [rows, support, scale, distance, ...divergences] = process.argv.slice(2).map((text, place) => (place < 4 ? Number(text) : text)) as [
  number,
  number,
  number,
  number,
  ...string[],
];
const kernel = loadKernel();
if (kernel === undefined) throw new Error('this platform has no relaxed SIMD');

const shape = [rows, support];
const target = normals(11, rows * support).map((x) => scale * x);
const steps = normals(12, rows * support);
// nearly equal, or independent at a distance of 0
const input = target.map((x, k) => (distance === 0 ? scale * steps[k] : x + distance * steps[k]));

const operand = (data: Float32Array) => ({ tensor: { shape, data, form: 'flat' as const }, kind: 'logits' as const });
const request = {
  input: operand(input),
  target: operand(target),
  dim: -1,
  base: 'e' as const,
  strict: false,
  temperature: 1,
  pseudocount: 0,
  weights: undefined,
  reduction: undefined,
  input_kind: 'logits' as const,
  target_kind: 'logits' as const,
  ...(divergences.length === 0 ? {} : { divergences }),
};

computePerLine(() => solve(request, { kernel: { kernel } }).divergence.sum / rows);
