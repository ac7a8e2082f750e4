import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { SideName } from '../../../src/core/comparison.ts';
import { estimateFromSamples } from '../../../src/core/divergences/estimate.ts';
import { estimateNames, type NamedDivergence, parseDivergence } from '../../../src/core/divergences/named-divergence.ts';
import { statisticsOf } from '../../../src/core/statistics/statistics.ts';
import { distributionAxes } from '../../../src/tensor/axes.ts';
import { faultPlaces } from '../../helper.ts';
import { seededRandom } from '../../kernels/rows.ts';

type Golden = { log_p: number; log_q: number; k1: number; k2: number; k3: number };

const golden: readonly Golden[] = JSON.parse(readFileSync(new URL('../../golden/estimates.json', import.meta.url), 'utf8'));
const asked = estimateNames.map((name) => parseDivergence(name) as NamedDivergence);

type Wanted = { shape?: readonly number[]; dim?: readonly number[]; weights?: readonly number[]; base?: number };

function estimatesOf(sampledFrom: SideName, p: readonly number[], q: readonly number[], wanted: Wanted = {}) {
  const { shape = [p.length], dim = [], weights, base = 'e' } = wanted;
  const operand = (data: readonly number[]) => ({ tensor: { shape, data: Float64Array.from(data) }, kind: 'log_probs' as const });
  const [input, target] = sampledFrom === 'input' ? [p, q] : [q, p];
  const comparison = {
    input: operand(input),
    target: operand(target),
    axes: distributionAxes(shape, dim),
    temperature: 1,
    pseudocount: 0,
    weights: weights && Float64Array.from(weights),
    sampledFrom,
  };
  const { members, impossible } = estimateFromSamples(comparison, {
    base,
    asked,
    wantsTerms: true,
    placeOf: (name) => ({ pointer: `#/${name}`, where: '' }),
  });
  return { impossible, ...Object.fromEntries(members.map((member) => [member.divergence.name, member])) } as Record<
    'k1' | 'k2' | 'k3',
    (typeof members)[number]
  > & { impossible: typeof impossible };
}

for (const sampledFrom of ['input', 'target'] as const) {
  test(`k1, k2 and k3 of samples from ${sampledFrom} are those of 60 digits, near a log-ratio of 0 too`, () => {
    const found = estimatesOf(
      sampledFrom,
      golden.map(({ log_p }) => log_p),
      golden.map(({ log_q }) => log_q),
    );
    for (const name of ['k1', 'k2', 'k3'] as const) {
      for (const [at, exact] of golden.entries()) {
        const value = found[name].perDistribution[at];
        assert.ok(Math.abs(value - exact[name]) <= 2e-15 * Math.abs(exact[name]), `${name} of ${JSON.stringify(exact)} is ${value}`);
      }
      assert.deepEqual([...found[name].terms], [...found[name].perDistribution]);
    }
  });
}

/** Samples of a distribution, drawn by their cumulative sums. */
function drawn(probs: readonly number[], count: number): number[] {
  const random = seededRandom(20_261_129);
  const ends = probs.map((_, k) => probs.slice(0, k + 1).reduce((sum, probability) => sum + probability, 0));
  return Array.from({ length: count }, () => {
    const at = random() * ends[ends.length - 1];
    return ends.findIndex((end) => at < end);
  });
}

test('over samples, k1 and k3 are KL within three standard errors, k3 with the smaller one, and k2 is off by its bias', () => {
  const p = [0.5, 0.3, 0.2];
  const q = [0.2, 0.5, 0.3];
  const kl = p.reduce((sum, probability, k) => sum + probability * Math.log(probability / q[k]), 0);
  const expectedK2 = p.reduce((sum, probability, k) => sum + 0.5 * probability * Math.log(probability / q[k]) ** 2, 0);
  const samples = drawn(p, 40_000);
  const found = estimatesOf(
    'target',
    samples.map((k) => Math.log(p[k])),
    samples.map((k) => Math.log(q[k])),
  );
  const described = (name: 'k1' | 'k2' | 'k3') => {
    const { mean, standardError } = statisticsOf(found[name], undefined, []);
    return { mean, error: standardError ?? Number.NaN };
  };
  const [k1, k2, k3] = [described('k1'), described('k2'), described('k3')];
  for (const { mean, error } of [k1, k3]) assert.ok(Math.abs(mean - kl) < 3 * error, `${mean} ± ${error}, not ${kl}`);
  assert.ok(k3.error < k1.error);
  assert.ok(Math.abs(k2.mean - expectedK2) < 3 * k2.error && Math.abs(k2.mean - kl) > 10 * k2.error, `${k2.mean} ± ${k2.error}`);
});

test('along dim samples are added up: the estimate of a sequence is that of its tokens', () => {
  const tokens = estimatesOf('target', [-1, -2, -3, -4], [-2, -2.5, -1, -4], { shape: [2, 2] });
  const sequences = estimatesOf('target', [-1, -2, -3, -4], [-2, -2.5, -1, -4], { shape: [2, 2], dim: [1] });
  assert.deepEqual([...tokens.k1.perDistribution], [1, 0.5, -2, 0]);
  assert.deepEqual([...sequences.k1.perDistribution], [1.5, -2]);
  assert.deepEqual([sequences.k2.sum, sequences.k3.sum], [tokens.k2.sum, tokens.k3.sum]);
});

test('a sample of weight 0 is not read, the others count by their weight, and base divides every estimate', () => {
  const { k1, k3 } = estimatesOf('input', [-1, Number.NaN, -3], [-2, 7, -1], { weights: [2, 0, 0.5], base: 2 });
  assert.deepEqual([...k1.perDistribution], [1 / Math.LN2, Number.NaN, -2 / Math.LN2]);
  assert.ok(Math.abs(k1.sum - 1 / Math.LN2) < 1e-15 && Math.abs(k3.sum * Math.LN2 - (2 / Math.E + 0.5 * (Math.exp(2) - 3))) < 1e-14);
});

test('an estimate beyond float64 is Infinity and counted; a sample that only its own model draws is told apart', () => {
  const { k1, k2, k3, impossible } = estimatesOf('target', [-712, -1, -1], [-1, Number.NEGATIVE_INFINITY, -2]);
  assert.deepEqual([k1.sum, k2.sum, k3.sum], [Infinity, Infinity, Infinity]);
  assert.deepEqual([...k3.perDistribution].slice(0, 2), [Infinity, Infinity]);
  assert.deepEqual(
    [k1, k2, k3].map(({ overflow }) => overflow),
    [
      { count: 0, first: [] },
      { count: 0, first: [] },
      { count: 1, first: [0] },
    ],
  );
  assert.deepEqual(impossible, { count: 1, first: [1] });
});

test('a sample that its own model never draws is refused, and so is a log-probability that is no mask and no probability', () => {
  const refused = (from: SideName, p: number, q: number) => faultPlaces(() => estimatesOf(from, [-1, p], [-1, q]));
  assert.deepEqual(refused('target', Number.NEGATIVE_INFINITY, -1), ['INFINITE_ELEMENT #/target']);
  assert.deepEqual(refused('input', Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY), ['INFINITE_ELEMENT #/input']);
  assert.deepEqual(refused('input', -1.7e308, -1), ['NUMBER_OVERFLOW #/input']);
  assert.deepEqual(refused('input', -1, -1.7e308), ['NUMBER_OVERFLOW #/target']);
});
