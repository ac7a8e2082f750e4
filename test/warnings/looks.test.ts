import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KindName } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import type { Numbers } from '../../src/tensor/tensor.ts';
import { normals, seededRandom, softmaxed } from '../kernels/rows.ts';

const kernel = loadKernel();

/** The warnings of two tensors, by the definition and with the kernel, which must agree. */
function warningsOf(kind: KindName, input: Numbers, target: Numbers, shape: readonly number[]) {
  const side = (data: Numbers) => ({ kind, tensor: { form: 'flat' as const, shape, data } });
  const request = {
    ...{ input: side(input), target: side(target), input_kind: kind, target_kind: kind },
    ...{ temperature: 1, pseudocount: 0, weights: undefined, dim: -1, base: 'e' as const, strict: false },
    reduction: 'distribution_mean' as const,
  };
  const [defined, found] = [{}, kernel && { kernel: { kernel } }].map((tools) => solve(request, tools).warnings);
  assert.deepEqual(
    found.map(({ code }) => code),
    defined.map(({ code }) => code),
  );
  return defined;
}

const halves = {
  float16: (x: number) => Math.f16round(x),
  bfloat16: (x: number) => {
    const bits = new Uint32Array(Float32Array.of(x).buffer);
    bits[0] = (bits[0] + 0x8000) & 0xffff0000;
    return new Float32Array(bits.buffer)[0];
  },
};

for (const [name, round] of Object.entries(halves)) {
  test(`KIND_MISMATCH recognises probabilities in ${name}, whose sums are off 1 by their rounding`, () => {
    const random = seededRandom(7);
    const exact = [0, 1].map(() => softmaxed(normals(random, 4000), 1000));
    const [input, target] = exact.map((data) => Float32Array.from(data, round));
    const [{ code, details }] = warningsOf('logits', input, target, [4, 1000]);
    assert.deepEqual([code, details.distributions, details.send_as], ['KIND_MISMATCH', 4, 'counts']);
    const value = kl(exact[1], exact[0], 1000);
    const valueIf = (details.value_if as { distribution_mean: number }).distribution_mean;
    assert.ok(Math.abs(valueIf / value - 1) < 0.01, `${valueIf} instead of ${value}`);
  });
}

for (const [name, round] of Object.entries(halves)) {
  for (const outcomes of [2, 3, 5, 30]) {
    test(`KIND_MISMATCH recognises many distributions of ${outcomes} probabilities in ${name}, which arithmetic in ${name} has normalised`, () => {
      const random = seededRandom(outcomes);
      const [input, target] = [0, 1].map(() => {
        const powers = normals(random, 500 * outcomes).map((x) => round(Math.exp(2 * x)));
        return Float32Array.from(powers, (power, k) => {
          const start = k - (k % outcomes);
          return round(power / round(powers.slice(start, start + outcomes).reduce((sum, x) => sum + x)));
        });
      });
      const [{ code, details }] = warningsOf('logits', input, target, [500, outcomes]);
      assert.deepEqual([code, details.distributions, details.send_as], ['KIND_MISMATCH', 500, 'counts']);
    });
  }
}

for (const [decimals, outcomes, scale] of [
  [2, 1000, 3],
  [3, 1000, 1],
  [3, 5000, 2],
  [3, 32_000, 4],
]) {
  test(`KIND_MISMATCH recognises ${outcomes} probabilities that were rounded to ${decimals} decimals, whose sums lack what became 0`, () => {
    const random = seededRandom(decimals);
    const [input, target] = [0, 1].map(() => {
      const scaled = normals(random, 4 * outcomes).map((x) => scale * x);
      return softmaxed(scaled, outcomes).map((share) => Math.round(share * 10 ** decimals) / 10 ** decimals);
    });
    const found = warningsOf('logits', input, target, [4, outcomes]);
    assert.deepEqual(
      found.map(({ code, details }) => [code, details.side, details.distributions, details.send_as]),
      ['input', 'target'].map((side) => ['KIND_MISMATCH', side, 4, 'counts']),
    );
    assert.match(found[0].message, /^input lies in \[0, 1\] and sums to 1 but for rounding along dim 1 in 4 of 4 distributions/);
  });
}

test('KIND_MISMATCH is not raised for 1000 numbers in [0, 1] that are no shares, nor for few that sum to 1 by far', () => {
  const random = seededRandom(3);
  const numbers = (count: number, highest: number) =>
    Float64Array.from({ length: count }, () => Math.round(random() * highest * 1000) / 1000);
  assert.deepEqual(warningsOf('logits', numbers(4000, 1), numbers(4000, 1), [4, 1000]), []);
  // not rounded
  const small = () => Float64Array.from({ length: 4000 }, () => random() / 600);
  assert.deepEqual(warningsOf('logits', small(), small(), [4, 1000]), []);
  assert.deepEqual(warningsOf('logits', Float64Array.of(0.1, 0.2, 0.3, 0.1), Float64Array.of(0.3, 0.2, 0.2, 0.1), [1, 4]), []);
});

test('MASS_DIFFERENCE is raised whenever float32 probabilities of nearly equal logits leave little but rounding', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed);
    const logits = normals(random, 1000);
    const near = logits.map((x) => x + 1e-5 * (random() - 0.5));
    const [input, target] = [near, logits].map((row) => Float32Array.from(softmaxed(row, 1000)));
    const codes = warningsOf('probs', input, target, [1, 1000]).map(({ code }) => code);
    assert.ok(codes.includes('MASS_DIFFERENCE'), `seed ${seed}: ${codes}`);
    const [logInput, logTarget] = [input, target].map((row) => row.map(Math.log));
    const ofLogs = warningsOf('log_probs', logInput, logTarget, [1, 1000]).map(({ code }) => code);
    assert.ok(ofLogs.includes('MASS_DIFFERENCE'), `seed ${seed}, log_probs: ${ofLogs}`);
  }
});

test('MASS_DIFFERENCE is not raised for float32 probabilities of two models that differ', () => {
  const random = seededRandom(1);
  for (let trial = 0; trial < 60; trial++) {
    const logits = normals(random, 1000);
    const other = logits.map((x) => x + 0.1 * (random() - 0.5));
    const [input, target] = [other, logits].map((row) => Float32Array.from(softmaxed(row, 1000)));
    assert.deepEqual(warningsOf('probs', input, target, [1, 1000]), []);
  }
});

/** The mean of Σ p·ln(p / q) over rows of n. */
function kl(p: Float64Array, q: Float64Array, n: number): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += p[k] * Math.log(p[k] / q[k]);
  return sum / (p.length / n);
}
