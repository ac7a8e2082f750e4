/**
 * How often a confidence interval of 95 % holds the divergence of the distributions that the samples came from, for docs/samples.md:
 * `npm run interval-coverage` prints the table. Ten or two outcomes a side, as many observations on both.
 */
import { computeFamily } from '../../src/core/divergences/compute-family.ts';
import { type NamedDivergence, parseDivergence } from '../../src/core/divergences/named-divergence.ts';
import { testHomogeneity } from '../../src/core/sampling/homogeneity.ts';
import { bootstrapIntervals } from '../../src/core/sampling/interval.ts';
import { drawCounts, seededRandom } from '../../src/core/sampling/random.ts';
import { distributionAxes } from '../../src/tensor/axes.ts';

const asked = ['kl', 'jensen_shannon', 'total_variation'].map((key) => parseDivergence(key) as NamedDivergence);
const references = [
  [0.2, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05, 0.04, 0.04, 0.02],
  [0.6, 0.4],
];
const pairs = 400;

function divergencesOf(input: ArrayLike<number>, target: ArrayLike<number>): number[] {
  const shape = [input.length];
  const operand = (data: ArrayLike<number>) => ({ kind: 'counts', tensor: { shape, data: Float64Array.from(data) } }) as const;
  const comparison = { input: operand(input), target: operand(target), axes: distributionAxes(shape, 0), temperature: 1, pseudocount: 0 };
  return computeFamily(comparison, { base: 'e', asked, wantsTerms: false }).members.map(({ sum }) => sum);
}

/** Shares that differ from those of `reference` the more, the larger `shift` is. */
function shiftedBy(reference: readonly number[], shift: number): number[] {
  const masses = reference.map((share, k) => share * Math.exp(shift * ((k % 3) - 1)));
  const total = masses.reduce((a, b) => a + b);
  return masses.map((mass) => mass / total);
}

/** Of all pairs of samples of `size` observations a side: for each divergence those that held it, and those without an interval. */
function coverage(reference: readonly number[], shift: number, size: number): string[] {
  const random = seededRandom(41);
  const shifted = shiftedBy(reference, shift);
  const truth = divergencesOf(shifted, reference);
  const held = asked.map(() => 0);
  const without = asked.map(() => 0);
  const drawn = { input: new Float64Array(reference.length), target: new Float64Array(reference.length) };
  for (let pair = 0; pair < pairs; pair++) {
    drawCounts(random, size, shifted, drawn.input);
    drawCounts(random, size, reference, drawn.target);
    const options = { confidence: 0.95, seeds: [pair], asked, base: 'e', pseudocount: 0 } as const;
    const intervals = bootstrapIntervals(drawn, testHomogeneity(drawn), divergencesOf(drawn.input, drawn.target), options);
    for (const [index, { lower, upper }] of intervals.entries()) {
      if (Number.isNaN(lower)) without[index]++;
      else if (lower <= truth[index] + 1e-12 && truth[index] <= upper + 1e-12) held[index]++;
    }
  }
  const share = (count: number) => `${Math.round((100 * count) / pairs)} %`;
  const cells = held.map((count, index) => `${share(count)}${without[index] === 0 ? '' : ` (none: ${share(without[index])})`}`);
  return [String(reference.length), String(Number(truth[0].toPrecision(3))), String(size), ...cells];
}

const head = ['Outcomes', 'True KL', 'n = m', ...asked.map(({ key }) => `\`${key}\``)];
const rows = references.flatMap((reference) =>
  [100, 500, 5000].flatMap((size) => [0, 0.1, 0.3, 1].map((shift) => coverage(reference, shift, size))),
);
for (const row of [head, head.map(() => '---'), ...rows]) process.stdout.write(`| ${row.join(' | ')} |\n`);
