import { kernelIsSupported } from './divergence-module.ts';

/** How products are added on this machine: by an instruction of their own, which rounds once, or in two that round twice. */
type Rounding = 'fused' | 'separate' | 'typescript';

/**
 * Relaxed SIMD leaves it to the machine whether x·y + z is rounded once or twice, so that last digits differ between machines of two kinds.
 * This module holds `(x, y, z) => relaxed_madd(x, y, z)` and nothing else.
 */
const probe = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // a type: three f64 in, one out; a function of it, exported as f
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7c, 0x7c, 0x7c, 0x01, 0x7c],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
  // each parameter in both lanes, f64x2.relaxed_madd, the first lane
  ...[0x0a, 0x16, 0x01, 0x14, 0x00],
  ...[0x20, 0x00, 0xfd, 0x14, 0x20, 0x01, 0xfd, 0x14, 0x20, 0x02, 0xfd, 0x14],
  ...[0xfd, 0x87, 0x02, 0xfd, 0x21, 0x00, 0x0b],
]);

/** How this machine rounds; `typescript` where it has no relaxed SIMD, and the definition computes everything. */
export function roundingHere(): Rounding {
  if (!kernelIsSupported()) return 'typescript';
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(probe)).exports as unknown as {
    f: (x: number, y: number, z: number) => number;
  };
  const x = 1 + 2 ** -27;
  return f(x, x, -(1 + 2 ** -26)) === 0 ? 'separate' : 'fused';
}
