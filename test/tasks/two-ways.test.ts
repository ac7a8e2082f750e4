import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindNames } from '../../src/core/kinds.ts';
import { RequestError } from '../../src/errors/request-error.ts';
import { jsonReader } from '../../src/formats/json/read-request.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { createNumberScanner } from '../../src/kernels/number-scanner.ts';
import { klContract } from '../../src/schema/parse-request.ts';
import { answer } from '../../src/tasks/json-response.ts';
import { solve } from '../../src/tasks/solve.ts';
import { numbersOf } from '../helper.ts';
import { rowsOf, seededRandom } from '../kernels/rows.ts';

const readJson = jsonReader(klContract);

const limits = { maxElements: 10_000 };
const scanTensor = createNumberScanner();
const kernel = loadKernel();
const random = seededRandom(31);
const waitFor = (limit: number) => Math.floor(random() * limit);
const pick = <T>(options: readonly T[]): T => options[waitFor(options.length)];

/** What a body is answered with: as a small one is, or as a large one is in a thread. */
function answered(text: string, way: 'small' | 'large') {
  const bytes = Buffer.from(text);
  const source = { bytes, numbers: new Float64Array(2 * limits.maxElements), waitFor: () => bytes.length };
  try {
    const request = readJson(source, {}, limits.maxElements, way === 'large' ? scanTensor : undefined);
    return answer(solve(request, way === 'large' && kernel ? { kernel: { kernel } } : undefined));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return error.faults;
  }
}

/** A tensor of some kind, now and then with elements that are masks, zeros, extremes or nonsense. */
function tensor(shape: readonly [number, number], kind: (typeof kindNames)[number]): unknown {
  const [rows, n] = shape;
  const numbers: unknown[] = [...rowsOf(kind === 'log_probs' ? 'probs' : kind, random, rows, n, pick([0.001, 1, 5, 60]))];
  const data = kind === 'log_probs' ? numbers.map((p) => Math.log(Number(p))) : numbers;
  for (let odd = waitFor(8) - 5; odd > 0; odd--)
    data[waitFor(data.length)] = pick(['-Infinity', 0, 1e-320, -3.4e38, 1e260, 1e280, -1, null, 'NaN']);
  return waitFor(3) === 0 ? { shape, data } : Array.from({ length: rows }, (_, row) => data.slice(row * n, (row + 1) * n));
}

/** Weights of a shape, of which some are 0, and now and then of another shape or with one that is none. */
function weightsOf(shape: readonly number[]): unknown {
  const one = () => pick([0, 0, 1, 1, 2.5, true, false, waitFor(40) === 0 ? -1 : 1]);
  if (shape.length === 0) return one();
  const weights = Array.from({ length: shape[0] + (waitFor(20) === 0 ? 1 : 0) }, one);
  return waitFor(3) === 0 ? { shape: [weights.length], data: weights } : weights;
}

test('whatever is asked, a large request is answered as a small one: same warnings and faults, numbers equal but for rounding', () => {
  const seen = { answers: 0, refusals: 0 };
  for (let round = 0; round < 1500; round++) {
    const shape = [1 + waitFor(8), 1 + waitFor(pick([4, 40]))] as const;
    const kind = pick(kindNames);
    const otherKind = waitFor(3) === 0 ? pick(kindNames) : kind;
    const input = tensor(shape, kind);
    const target = waitFor(6) === 0 && kind === otherKind ? input : tensor(shape, otherKind);
    const reduction = pick(['all', 'sum', ['none'], ['per_distribution', 'mean']]);
    const options = {
      input_kind: kind,
      target_kind: otherKind,
      temperature: waitFor(5) === 0 ? pick([0.5, 3]) : undefined,
      pseudocount: kind === 'counts' && waitFor(2) === 0 ? pick([0.5, 1, 0.1, 1e-300]) : undefined,
      dim: pick([-1, -1, 0, [0, 1]]),
      base: pick(['e', 2]),
      statistics: [undefined, undefined, true, [0.25]][round % 4],
      strict: waitFor(20) === 0,
    };
    const remaining = { '-1': [shape[0]], '0': [shape[1]], '0,1': [] }[String(options.dim)] ?? [];
    const weights = waitFor(3) === 0 ? weightsOf(remaining) : undefined;
    const text = JSON.stringify(
      pick([
        { input, target, weights, reduction, ...options },
        { ...options, weights, reduction, target, input },
      ]),
    );
    const [large, small] = [answered(text, 'large'), answered(text, 'small')];
    if ('results' in small && 'results' in large) {
      seen.answers++;
      assert.deepEqual(
        large.warnings.map(({ code, details }) => [code, details.count]),
        small.warnings.map(({ code, details }) => [code, details.count]),
        text,
      );
      for (const name of Object.keys(small.results))
        assertClose(numbersOf(large.results[name]), numbersOf(small.results[name]), name, text);
      assertSameStatistics(large.statistics, small.statistics, text);
    } else {
      seen.refusals++;
      assert.deepEqual(large, small, text);
    }
  }
  assert.ok(seen.answers > 500 && seen.refusals > 200, JSON.stringify(seen));
});

type Statistics = ReturnType<typeof answer>['statistics'];

/** The errors are compared with the largest divergence: those of nearly equal divergences have few digits of their own. */
function assertSameStatistics(large: Statistics, small: Statistics, text: string): void {
  if (small === undefined || large === undefined) {
    assert.equal(large, small, text);
    return;
  }
  const { count, infinite, top_1_agreement } = small;
  assert.deepEqual(
    { count: large.count, infinite: large.infinite, top_1_agreement: large.top_1_agreement },
    { count, infinite, top_1_agreement },
    text,
  );
  const scale = Math.max(...[small.minimum, small.maximum].map((value) => Math.abs(Number(value))));
  const numbers = ({ mean, standard_deviation, standard_error, minimum, maximum, quantiles, largest }: NonNullable<Statistics>) => [
    ...[mean, standard_deviation, standard_error, minimum, maximum].map((value) => (value === null ? Number.NaN : Number(value))),
    ...[...quantiles, ...largest].map(({ value }) => Number(value)),
  ];
  const expected = numbers(small);
  for (const [place, value] of numbers(large).entries()) {
    const isClose = Object.is(value, expected[place]) || Math.abs(value - expected[place]) <= 1e-11 * scale;
    assert.ok(isClose, `statistic ${place} is ${value}, not ${expected[place]}: ${text}`);
  }
}

/** Terms are compared with the largest of them: those near 0 have no digits of their own. */
function assertClose(actual: number[], expected: number[], name: string, text: string): void {
  const largest = Math.max(...expected.filter(Number.isFinite).map(Math.abs), 0);
  for (const [place, value] of actual.entries()) {
    const scale = name === 'none' ? largest : Math.abs(expected[place]);
    const isClose = Object.is(value, expected[place]) || Math.abs(value - expected[place]) <= 2e-12 * scale;
    assert.ok(isClose, `${name}[${place}] is ${value}, not ${expected[place]}: ${text}`);
  }
}
