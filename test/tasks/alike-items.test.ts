import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KindName, kindNames } from '../../src/core/kinds.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { createItemScanner } from '../../src/kernels/item-scanner.ts';
import { withTaskMemory } from '../../src/memory/task-memory.ts';
import type { TaskName, WorkerTools } from '../../src/tasks/task.ts';
import { runTask } from '../../src/tasks/tasks.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { nested } from '../http/fuzz/tensors.ts';
import { bodyOf, jsonInput } from './json-task.ts';

const kernel = loadKernel();

/** How many distributions the kernel was asked for at once, at the most. */
let mostAtOnce = 0;

const tools: WorkerTools = {
  scanItems: createItemScanner(),
  kernel: kernel && {
    kernel: {
      find: (operands, found, first, end) => {
        mostAtOnce = Math.max(mostAtOnce, end - first);
        kernel.find(operands, found, first, end);
      },
    },
    minElements: 32,
  },
};

const input = { ...jsonInput, limits: { maxElements: 20_000 } };

/** The text of an answer, and what the log tells of it. */
function answered(task: TaskName, value: unknown) {
  const run = () => runTask({ ...input, task }, bodyOf(value), tools);
  const { answered: output, refused } = withTaskMemory(
    2 ** 30,
    () => {},
    run,
    () => [],
  );
  if (output === undefined) return { text: JSON.stringify(refused), about: undefined };
  const { content, ...about } = output;
  return { text: typeof content === 'string' ? content : Buffer.concat(content).toString(), about };
}

type Items = { readonly defaults: object; readonly items: readonly object[] };

/** Asserts that each item of a batch is answered byte for byte as it is in a batch of its own. Returns the answers. */
function assertAsAlone({ defaults, items }: Items): Record<string, unknown>[] {
  const { text, about } = answered('batch', { defaults, items });
  const each = items.map((item) => answered('batch', { defaults, items: [item] }));
  const texts = each.map((one) => one.text.slice('{"items":['.length, -']}'.length));
  assert.equal(text, `{"items":[${texts.join(',')}]}`);
  const told = each.map((one) => one.about);
  const sum = (of: (one: (typeof told)[number]) => number | undefined) => told.reduce((total, one) => total + (of(one) ?? 0), 0);
  assert.equal(
    about?.elements,
    sum((one) => one?.elements),
  );
  assert.deepEqual(about?.items, { answered: sum((one) => one?.items?.answered), refused: sum((one) => one?.items?.refused) });
  assert.deepEqual(new Set(about?.warnings), new Set(told.flatMap((one) => one?.warnings ?? [])));
  return JSON.parse(text).items;
}

const shapes = [[40], [1, 40], [4, 10], [10, 4], [2, 5, 4], [5, 2], [2, 3], [7]];

const rarely = fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 5);

/** Batches whose items mostly have one shape, and some of which have something of their own. */
const batches = fc
  .record({
    kinds: fc.record({ input: fc.constantFrom(...kindNames), target: fc.constantFrom(...kindNames) }),
    shape: fc.constantFrom(...shapes),
    dim: fc.constantFrom(0, -1),
    options: fc.record({
      reduction: fc.constantFrom('mean', 'sum', 'per_distribution', 'batchmean', ['distribution_mean', 'per_distribution'], 'all'),
      base: fc.constantFrom('e', 2),
      strict: rarely,
      statistics: rarely,
    }),
    isTame: fc.boolean(),
    shared: fc.constantFrom('none', 'none', 'input', 'target', 'weights'),
    isWithIds: fc.boolean(),
  })
  .chain(({ kinds, shape, dim, options, isTame, shared, isWithIds }) => {
    const number = (kind: KindName) =>
      isTame ? tame[kind] : fc.oneof({ weight: 30, arbitrary: tame[kind] }, { weight: 1, arbitrary: fc.constantFrom(...odd[kind]) });
    const side = (kind: KindName, of = shape) =>
      fc
        .array(number(kind), { minLength: elementCount(of), maxLength: elementCount(of) })
        .map((data) => nested({ shape: of, data: kind === 'probs' || kind === 'log_probs' ? shares(data, kind, of, dim) : data }));
    const own = { input: side(kinds.input), target: side(kinds.target) };
    const other = fc.oneof(
      fc.record({ ...own, base: fc.constant(2) }),
      fc.record({ ...own, weights: fc.constant([1]) }),
      fc.record({ input: own.input, target: fc.constant([[1, null]]) }),
      fc.record({ input: side(kinds.input, [2, 2]), target: side(kinds.target, [2, 2]) }),
      fc.record({ target: own.target }),
      fc.record({ input: fc.constant({ shape: [2], data: [1, 2] }), target: own.target }),
    );
    const plain =
      shared === 'input' ? fc.record({ target: own.target }) : shared === 'target' ? fc.record({ input: own.input }) : fc.record(own);
    const item = fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: other });
    const common = shared === 'none' || shared === 'weights' ? fc.constant({}) : fc.record({ [shared]: own[shared] });
    return fc.record({ items: fc.array(item, { minLength: 2, maxLength: 24 }), common }).map((drawn) => ({
      defaults: { input_kind: kinds.input, target_kind: kinds.target, dim, ...options, ...drawn.common },
      items: drawn.items.map((one, at) => (isWithIds ? { id: at % 2 === 0 ? at : `"é${at}`, ...one } : one)),
    }));
  });

/** From 1 / 1024 on, so that no mass is nearly none: what the kernel leaves to the definition there depends on the rows before. */
const fractions = fc.integer({ min: 1, max: 2 ** 20 }).map((count) => count / 2 ** 10);

/** Numbers about which there is nothing to say, and beside them those about which there may be. */
const tame: Readonly<Record<KindName, fc.Arbitrary<number>>> = {
  logits: fractions.map((value) => (value % 18) - 9),
  log_probs: fractions.map((value) => -(value % 9)),
  probs: fractions.map((value) => value / 2 ** 10),
  counts: fractions,
};

const odd: Readonly<Record<KindName, readonly number[]>> = {
  logits: [0, -100, 700, 1e260],
  log_probs: [0, -0, 600, -1000],
  probs: [0, 1, 1e260],
  counts: [0, 1, 7, 1e260],
};

/** Numbers that sum to 1 along an axis: unless they do, no answer is without warnings of its own. */
function shares(data: readonly number[], kind: KindName, shape: readonly number[], dim: number): readonly number[] {
  const last = shape.length - 1;
  const axis = dim < 0 ? last : dim;
  const stride = elementCount(shape.slice(axis + 1));
  const length = shape[axis] * stride;
  const masses = data.map((value) => (kind === 'log_probs' ? Math.exp(value) : value));
  const totals = masses.map((_, at) => {
    const first = Math.floor(at / length) * length + (at % stride);
    return Array.from({ length: shape[axis] }, (__, k) => masses[first + k * stride]).reduce((sum, mass) => sum + mass, 0);
  });
  return masses.map((mass, at) => (kind === 'log_probs' ? data[at] - Math.log(totals[at]) : mass / totals[at]));
}

test('a batch of items that are alike but for their numbers answers byte for byte what each of them answers alone', () => {
  let withoutWarnings = 0;
  mostAtOnce = 0;
  fc.assert(
    fc.property(batches, (batch) => {
      const answers = assertAsAlone(batch);
      withoutWarnings += answers.filter(({ warnings }) => Array.isArray(warnings) && warnings.length === 0).length;
    }),
    { seed: 1, numRuns: 150, endOnFailure: true },
  );
  assert.ok(withoutWarnings > 100, `${withoutWarnings} had no warnings`);
  assert.ok(kernel === undefined || mostAtOnce > 50, `at most ${mostAtOnce} distributions were computed at once`);
});

test('alike items of a batch have the numbers that each has as a request of its own', () => {
  const options = { input_kind: 'counts', target_kind: 'counts', reduction: ['per_distribution', 'distribution_mean'] };
  const counts = (seed: number, length: number) => Array.from({ length }, (_, k) => 1 + ((k * 7919 + seed * 104_729) % 101));
  for (const length of [5, 50]) {
    const items = Array.from({ length: 120 }, (_, at) => ({ target: [counts(at, length), counts(at + 500, length)] }));
    const shared = { input: [counts(1000, length), counts(2000, length)] };
    const texts = items.map((item) => answered('json', { ...options, ...shared, ...item }).text);
    const { text } = answered('batch', { defaults: { ...options, ...shared }, items });
    const answers = JSON.parse(text).items;
    for (const [at, one] of texts.entries()) assert.equal(JSON.stringify(answers[at]), `{"status":200,${one.slice(1)}`, String(at));
  }
});
