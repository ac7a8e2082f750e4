import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BinChoice, edgesFor } from '../../../src/core/samples/edges.ts';
import { binCategories, binNumbers } from '../../../src/core/samples/histogram.ts';
import { choiceOf, golden, observationsOf } from './golden.ts';

/** Rows one behind the other, and their lengths. */
const rows = (...all: readonly Float64Array[]) => ({
  values: Float64Array.from(all.flatMap((row) => [...row])),
  lengths: Uint32Array.from(all, ({ length }) => length),
});

const observed = (name: string) => {
  const { input, target } = observationsOf(name);
  return { input: rows(...input), target: rows(...target) };
};

for (const [name, { bins }] of Object.entries(golden.samples)) {
  for (const [rule, { input, target }] of Object.entries(bins)) {
    test(`${rule} bins of ${name} have the counts of NumPy on both sides`, () => {
      const { count } = binNumbers(observed(name), choiceOf(rule));
      assert.deepEqual({ input: [...count('input')], target: [...count('target')] }, { input, target });
    });
  }
}

const numbers = (...values: number[]) => Float64Array.from(values);

test('a bin holds its lower edge and not its upper one, the first and the last are open', () => {
  const values = numbers(-5, 0, 0.5, 1, 9.9, 10, 11);
  const { count } = binNumbers({ input: rows(values), target: rows(values) }, [0, 1, 10]);
  assert.deepEqual([...count('input')], [3, 4]);
});

test('a last edge that is there twice makes a bin of what has reached it', () => {
  const { count } = binNumbers({ input: rows(numbers(0, 1, 1, 2)), target: rows(numbers(0)) }, [0, 1, 1]);
  assert.deepEqual([...count('input')], [1, 3]);
});

const observations = fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.integer({ min: -3, max: 3 })), { minLength: 1 });

test('every observation is in the bin whose edges it lies between, by every rule', () => {
  // also far apart beside close ones, and with a range that is no double
  const edge = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
    fc.constantFrom(-1.5e308, 1e6, 1.5e308),
  );
  const given = fc
    .uniqueArray(edge, { minLength: 2, maxLength: 60, selector: (x) => x + 0 })
    .map((edges) => edges.toSorted((a, b) => a - b));
  const rules = fc.oneof(fc.constantFrom<BinChoice>('doane', 'sturges', 'deciles'), fc.integer({ min: 1, max: 50 }), given);
  fc.assert(
    fc.property(observations, observations, rules, (input, target, rule) => {
      const observed = { input: [Float64Array.from(input)], target: [Float64Array.from(target)] };
      const { values } = edgesFor(rule, observed);
      const inner = values.slice(1, -1);
      const counts = new Float64Array(values.length - 1);
      for (const x of input) counts[inner.filter((edge) => x >= edge).length]++;
      const both = { input: rows(...observed.input), target: rows(...observed.target) };
      assert.deepEqual(binNumbers(both, rule).count('input'), counts);
    }),
  );
});

test('rows share the bins, and each has counts of its own, whatever its length', () => {
  const { edges, bins, count } = binNumbers({ input: rows(numbers(0, 4), numbers(1)), target: rows(numbers(3, 3, 3), numbers(0, 2)) }, 2);
  assert.deepEqual([[...(edges ?? [])], bins, [...count('input')], [...count('target')]], [[0, 2, 4], 2, [1, 1, 1, 0], [0, 3, 1, 1]]);
});

test('categories are counted by name, in the order of their characters, also where one side or one row lacks some', () => {
  const observed = {
    input: { values: ['red', 'blue', 'red'], lengths: Uint32Array.of(3, 0) },
    target: { values: ['green', 'Blue', 'red', 'red'], lengths: Uint32Array.of(3, 1) },
  };
  const { categories, bins, count } = binCategories(observed);
  assert.deepEqual([categories, bins], [['Blue', 'blue', 'green', 'red'], 4]);
  assert.deepEqual([count('input'), count('target')], [numbers(0, 1, 0, 2, 0, 0, 0, 0), numbers(1, 0, 1, 1, 0, 0, 0, 1)]);
});

test('names of members that every object has are categories like others', () => {
  const { categories } = binCategories({
    input: { values: ['__proto__', 'constructor'], lengths: Uint32Array.of(2) },
    target: { values: ['toString'], lengths: Uint32Array.of(1) },
  });
  assert.deepEqual(categories, ['__proto__', 'constructor', 'toString']);
});
