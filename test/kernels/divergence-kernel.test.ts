import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeInfo } from '../../src/http/routes/info.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';

test('where WebAssembly lacks relaxed SIMD there is no kernel, and /v1/info says that the definition computes', (t) => {
  assert.ok(loadKernel() !== undefined);
  assert.equal(computeInfo({ maxElements: 1 }).kernels, 'wasm-relaxed-simd');
  const { mock } = t.mock.method(WebAssembly, 'validate', () => false);
  assert.equal(loadKernel(), undefined);
  assert.equal(computeInfo({ maxElements: 1 }).kernels, 'typescript');
  // at once: another file that loads the kernel may be imported before the test is over
  mock.restore();
});
