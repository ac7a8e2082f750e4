import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelPairs } from '../../src/core/kernel.ts';
import { type KindName, kinds, zeroMassOf } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { runKernel } from '../../src/kernels/run-kernel.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';
import { near, rowsOf, seededRandom } from './rows.ts';

const kernel = loadKernel();
const random = seededRandom(97);

/** What rows may have here and there: masks, what is nearly a mask, and what is large. */
const oddities: Readonly<Record<KindName, readonly number[]>> = {
  logits: [Number.NEGATIVE_INFINITY, -1e4, -781, -779, -700, -689, -650, -590, 1e13, 40],
  log_probs: [Number.NEGATIVE_INFINITY, -1e4, -781, -779, -700, -689, -650, -590, -230],
  probs: [0, 5e-324, 1e-310, 1e-302, 1e-300, 1e-250, 1e-181, 1e-180, 1e-97],
  counts: [0, 5e-324, 1e-310, 1e-302, 1e-300, 1e-250, 1e-181, 1e-180, 1e-97, 1e20],
};

const pick = (numbers: readonly number[]) => numbers[Math.floor(random() * numbers.length)];

type Row = { readonly p: Float64Array; readonly q: Float64Array };

/** Both sides of a row, near each other or not, with some oddities, often in the same places. */
function randomRow(target: KindName, input: KindName, n: number): Row {
  const p = rowsOf(target, random, 1, n, 1);
  const q = target === input && random() < 0.5 ? near(target, p, n, 0.05, random) : rowsOf(input, random, 1, n, 1);
  for (let odd = Math.floor(random() * 4); odd > 0; odd--) {
    const at = Math.floor(random() * n);
    const side = random();
    if (side < 0.7) p[at] = pick(oddities[target]);
    if (side > 0.3) q[at] = target === input && random() < 0.5 ? p[at] : pick(oddities[input]);
  }
  return { p: normalized(target, p), q: normalized(input, q) };
}

/** A row that is used as it stands, with the mass 1 again. */
function normalized(kind: KindName, row: Float64Array): Float64Array {
  if (kind === 'logits' || kind === 'counts') return row;
  const mass = row.reduce((sum, x) => sum + (kind === 'probs' ? x : Math.exp(x)), 0);
  return row.map((x) => (kind === 'probs' ? x / mass : x - Math.log(mass)));
}

/** The kernel's findings about the second of two rows. */
function foundBehind(before: Row, row: Row, target: KindName, input: KindName) {
  assert.ok(kernel);
  const n = row.p.length;
  const shape = [2, n];
  const operand = (kind: KindName, side: 'p' | 'q') => ({
    kind,
    tensor: { shape, data: Float64Array.from([...before[side], ...row[side]]) },
  });
  const comparison = {
    target: operand(target, 'p'),
    input: operand(input, 'q'),
    axes: distributionAxes(shape, -1),
    temperature: 1,
    pseudocount: 0,
  };
  const found = runKernel({ kernel }, comparison, { wantsTerms: false });
  assert.ok(found);
  const trusted = found.trusted[1];
  return { trusted, total: trusted === 0 ? undefined : found.totals[1], missing: trusted === 2 ? found.missing?.[1] : undefined };
}

for (const { target, input } of kernelPairs) {
  test(`${target} against ${input}: what is found of a row does not depend on whether the row before has masks`, () => {
    const trusted = [0, 0, 0];
    for (let trial = 0; trial < 2000; trial++) {
      const n = 2 + Math.floor(random() * 20);
      const row = randomRow(target, input, n);
      const plain = { p: rowsOf(target, random, 1, n, 1), q: rowsOf(input, random, 1, n, 1) };
      const withMasks = { p: plain.p.with(n - 1, zeroMassOf(kinds[target])), q: plain.q.with(n - 1, zeroMassOf(kinds[input])) };
      const behindPlain = foundBehind(plain, row, target, input);
      assert.deepEqual(foundBehind(withMasks, row, target, input), behindPlain, `${trial}: ${row.p} | ${row.q}`);
      trusted[behindPlain.trusted]++;
    }
    assert.ok(
      trusted.every((count) => count > 20),
      String(trusted),
    );
  });
}
