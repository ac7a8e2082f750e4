import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindNames } from '../../src/core/kinds.ts';
import { type Fault, RequestError } from '../../src/errors/request-error.ts';
import { jsonReader } from '../../src/formats/json/read-request.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { createNumberScanner } from '../../src/kernels/number-scanner.ts';
import { divergencesContract } from '../../src/schema/divergences.ts';
import { klContract } from '../../src/schema/parse-request.ts';
import { anyAnswer } from '../../src/tasks/json-response.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import { numbersOf } from '../helper.ts';
import { everyKey } from '../kernels/family.ts';
import { rowsOf, seededRandom } from '../kernels/rows.ts';

const readers = { 'KL alone': jsonReader(klContract), 'several divergences': jsonReader(divergencesContract) };

type Asked = keyof typeof readers;

const limits = { maxElements: 10_000 };
const scanTensor = createNumberScanner();
const kernel = loadKernel();
const random = seededRandom(31);
const waitFor = (limit: number) => Math.floor(random() * limit);
const pick = <T>(options: readonly T[]): T => options[waitFor(options.length)];

type Answered = {
  readonly results?: Readonly<Record<string, unknown>>;
  readonly divergences?: Readonly<
    Record<string, { readonly results: Readonly<Record<string, unknown>>; readonly statistics?: Statistics }>
  >;
  readonly statistics?: Statistics;
  readonly warnings: readonly { readonly code: string; readonly details: Readonly<Record<string, unknown>> }[];
};

/** What a body is answered with: as a small one is, or as a large one is in a thread. */
function answered(asked: Asked, text: string, way: 'small' | 'large'): Answered | readonly Fault[] {
  const bytes = Buffer.from(text);
  const source = { bytes, numbers: new Float64Array(2 * limits.maxElements), waitFor: () => bytes.length };
  try {
    const request = readers[asked](source, {}, limits.maxElements, way === 'large' ? scanTensor : undefined);
    return anyAnswer(solve(request, way === 'large' && kernel ? { kernel: { kernel } } : undefined)) as Answered;
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

/** A request as a caller may send it, right or wrong. */
function requestText(divergences: readonly string[] | undefined, statistics: true | readonly number[] | undefined): string {
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
    strict: waitFor(20) === 0,
    statistics,
    divergences,
  };
  const remaining = { '-1': [shape[0]], '0': [shape[1]], '0,1': [] }[String(options.dim)] ?? [];
  const weights = waitFor(3) === 0 ? weightsOf(remaining) : undefined;
  return JSON.stringify(
    pick([
      { input, target, weights, reduction, ...options },
      { ...options, weights, reduction, target, input },
    ]),
  );
}

/** Some divergences, of which now and then one is not computed in the kernel. */
function someDivergences(): string[] {
  const one = () => (waitFor(8) === 0 ? 'cross_entropy' : pick(everyKey));
  return [...new Set(Array.from({ length: 1 + waitFor(5) }, one))];
}

for (const asked of Object.keys(readers) as Asked[]) {
  test(`whatever is asked of ${asked}, a large request is answered as a small one: same warnings and faults, numbers equal but for rounding`, () => {
    const seen = { answers: 0, refusals: 0 };
    for (let round = 0; round < 1500; round++) {
      const statistics = [undefined, undefined, true as const, [0.25]][round % 4];
      const text = requestText(asked === 'KL alone' ? undefined : someDivergences(), statistics);
      const [large, small] = [answered(asked, text, 'large'), answered(asked, text, 'small')];
      if ('warnings' in small && 'warnings' in large) {
        seen.answers++;
        const told = ({ warnings }: Answered) => warnings.map(({ code, details }) => [code, details.divergence, details.count]);
        assert.deepEqual(told(large), told(small), text);
        const [actual, expected] = [valuesOf(large), valuesOf(small)];
        assert.deepEqual(Object.keys(actual), Object.keys(expected));
        for (const [name, values] of Object.entries(expected)) assertClose(actual[name], values, name, text);
        assertSameStatistics(large, small, text);
      } else {
        seen.refusals++;
        assert.deepEqual(large, small, text);
      }
    }
    assert.ok(seen.answers > 500 && seen.refusals > 200, JSON.stringify(seen));
  });
}

/** The numbers of each reduction, of each divergence. */
function valuesOf({ results, divergences = { '': { results: results ?? {} } } }: Answered): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(divergences).flatMap(([key, member]) =>
      Object.entries(member.results).map(([name, value]) => [`${key} ${name}`, numbersOf(value)] as const),
    ),
  );
}

type Statistics = Readonly<Record<string, unknown>>;

/** Counts and agreements are equal; numbers are compared by the largest divergence: nearly equal ones have few digits of their own. */
function assertSameStatistics(large: Answered, small: Answered, text: string): void {
  assert.deepEqual(large.statistics?.top_1_agreement, small.statistics?.top_1_agreement, text);
  const [actual, expected] = [membersOf(large), membersOf(small)];
  assert.deepEqual(Object.keys(actual), Object.keys(expected), text);
  for (const [key, statistics] of Object.entries(expected)) {
    const scale = Math.max(...[statistics.minimum, statistics.maximum].map((value) => Math.abs(Number(value))));
    const [theirs, ours] = [leavesOf(actual[key]), leavesOf(statistics)];
    assert.deepEqual(Object.keys(theirs), Object.keys(ours), text);
    for (const [path, value] of Object.entries(ours)) {
      const isClose = Object.is(theirs[path], value) || Math.abs(theirs[path] - value) <= 2e-11 * scale;
      assert.ok(isClose, `${key} ${path} is ${theirs[path]}, not ${value}: ${text}`);
    }
  }
}

/** The statistics of each divergence, without their indices: of equals, rounding decides. */
function membersOf({ statistics, divergences }: Answered): Record<string, Statistics> {
  const all =
    divergences === undefined
      ? { '': statistics }
      : Object.fromEntries(Object.entries(divergences).map(([key, member]) => [key, member.statistics]));
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Statistics] => entry[1] !== undefined));
}

/** Every number of nested members, by its path. */
function leavesOf(value: unknown, path = ''): Record<string, number> {
  if (typeof value !== 'object' || value === null) return { [path]: value === null ? Number.NaN : Number(value) };
  const entries = Object.entries(value).filter(([name]) => name !== 'index');
  return Object.assign({}, ...entries.map(([name, inner]) => leavesOf(inner, `${path}.${name}`)));
}

/** Terms are compared with the largest of them: those near 0 have no digits of their own. */
function assertClose(actual: number[], expected: number[], name: string, text: string): void {
  const largest = Math.max(...expected.filter(Number.isFinite).map(Math.abs), 0);
  // the rounding of the normalisers goes into the total variation as it is, and not squared
  const relative = name.startsWith('total_variation') ? 1e-11 : 2e-12;
  for (const [place, value] of actual.entries()) {
    const scale = name.endsWith(' none') ? largest : Math.abs(expected[place]);
    const isClose = Object.is(value, expected[place]) || Math.abs(value - expected[place]) <= relative * scale;
    assert.ok(isClose, `${name}[${place}] is ${value}, not ${expected[place]}: ${text}`);
  }
}
