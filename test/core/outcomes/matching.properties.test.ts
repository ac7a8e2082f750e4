import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bucketed } from '../../../src/core/outcomes/bucket.ts';
import { codesOf } from '../../../src/core/outcomes/codes.ts';
import type { OutcomeList } from '../../../src/core/outcomes/outcome-list.ts';
import { partnersOf } from '../../../src/core/outcomes/partners.ts';
import { listSide, outcomeOf } from '../../../src/core/outcomes/rows.ts';
import { type MatchedRows, restSource, unionOf } from '../../../src/core/outcomes/union.ts';
import { faultList } from '../../../src/errors/fault-list.ts';

type Row = ReadonlyMap<number, number>;

/** A row of masses that sum to less than 1, by ids near one another or far apart. */
const row = (id: fc.Arbitrary<number>): fc.Arbitrary<Row> =>
  fc.uniqueArray(id, { maxLength: 90 }).map((ids) => new Map(ids.map((one, k) => [one, (1 + (k % 5)) / 500])));

const rows = fc
  .constantFrom(fc.nat(120), fc.maxSafeNat())
  .chain((id) => fc.array(fc.tuple(row(id), row(id)), { minLength: 1, maxLength: 8 }));

function listOf(sent: readonly Row[], areNames: boolean): OutcomeList {
  const ids = sent.flatMap((one) => [...one.keys()]);
  const starts = new Uint32Array(sent.length + 1);
  for (const [d, one] of sent.entries()) starts[d + 1] = starts[d] + one.size;
  return {
    shape: [sent.length],
    starts,
    ...(areNames ? { names: ids.map(String) } : { ids: Float64Array.from(ids) }),
    values: Float64Array.from(sent.flatMap((one) => [...one.values()])),
    placeOf: () => ({ pointer: '#', where: '' }),
  };
}

function matching(sent: readonly (readonly [Row, Row])[], areNames: boolean) {
  const [target, input] = [0, 1].map((side) =>
    listOf(
      sent.map((pair) => pair[side]),
      areNames,
    ),
  );
  const { codes, size } = codesOf([target, input]);
  const sides = [listSide(target, 'probs', codes[0]), listSide(input, 'probs', codes[1])] as const;
  const outcomeAt = ({ sources }: MatchedRows, at: number) => {
    const source = sources[at];
    if (source === restSource) return null;
    return Number(source < 0 ? outcomeOf(input, ~source) : outcomeOf(target, source));
  };
  const rowOf = (matched: MatchedRows, d: number) =>
    Array.from({ length: matched.lengths[d] }, (_, k) => {
      const at = matched.starts[d] + k;
      return [outcomeAt(matched, at), matched.target[at], matched.input[at]];
    });
  const faults = faultList();
  return { sides, size, faults, rowOf };
}

test('with "zero" a row has the outcomes of both, those of target first, with 0 where a side lists none', () => {
  fc.assert(
    fc.property(rows, fc.boolean(), (sent, areNames) => {
      const { sides, size, faults, rowOf } = matching(sent, areNames);
      const matched = unionOf(...sides, size, () => false, faults);
      faults.throwIfAny();
      for (const [d, [p, q]] of sent.entries()) {
        const union = [...new Set([...p.keys(), ...q.keys()])];
        assert.deepEqual(
          rowOf(matched, d),
          union.map((id) => [id, p.get(id) ?? 0, q.get(id) ?? 0]),
        );
      }
    }),
  );
});

test('with "bucket" a row has what both list, then the rest to 1, and coverage is the mass of what both list', () => {
  fc.assert(
    fc.property(rows, fc.boolean(), (sent, areNames) => {
      const { sides, size, faults, rowOf } = matching(sent, areNames);
      const matched = bucketed(...sides, partnersOf(...sides, size, faults), undefined, faults);
      faults.throwIfAny();
      const covered = sent.map(([p, q], d) => {
        const common = [...p.keys()].filter((id) => q.has(id));
        const found = rowOf(matched, d);
        assert.deepEqual(
          found.slice(0, -1),
          common.map((id) => [id, p.get(id), q.get(id)]),
        );
        const [outcome, restOfP, restOfQ] = found[found.length - 1];
        const mass = (of: Row) => common.reduce((sum, id) => sum + (of.get(id) ?? 0), 0);
        assert.equal(outcome, null);
        near(restOfP, 1 - mass(p));
        near(restOfQ, 1 - mass(q));
        return { target: mass(p), input: mass(q) };
      });
      for (const side of ['target', 'input'] as const) {
        const masses = covered.map((one) => one[side]);
        near(matched.coverage[side].mean, masses.reduce((sum, one) => sum + one, 0) / masses.length);
        near(matched.coverage[side].least, Math.min(...masses));
      }
    }),
  );
});

test('what rounding leaves of 1 is no rest: lists of all outcomes have none, and mass that the other side has nowhere stays without an equal', () => {
  const restsOf = (p: readonly (readonly [number, number])[], q: readonly (readonly [number, number])[]) => {
    const { sides, size, faults } = matching([[new Map(p), new Map(q)]], false);
    const { target, input, lengths } = bucketed(...sides, partnersOf(...sides, size, faults), undefined, faults);
    faults.throwIfAny();
    return [target[lengths[0] - 1], input[lengths[0] - 1]];
  };
  const exact = [
    [0, 0.5],
    [1, 0.5],
  ] as const;
  // 0.3 and 0.7 are 1 - 5.6e-17 in float64, 0.3f and 0.7f 1 - 1.2e-8 in float32
  const rounded = [
    [0, 0.3],
    [1, 0.7],
  ] as const;
  const single = [
    [0, 0.3],
    [1, 0.7 - 3e-8],
  ] as const;
  for (const nearOne of [rounded, single]) {
    assert.deepEqual(restsOf(nearOne, exact), [0, 0]);
    assert.deepEqual(restsOf(exact, nearOne), [0, 0]);
  }
  assert.deepEqual(
    restsOf(
      [
        [0, 0.5],
        [2, 0.5],
      ],
      rounded,
    ),
    [0.5, 0.7],
  );
  // what is listed is mass, however little
  assert.deepEqual(
    restsOf(
      [
        [0, 0.5],
        [1, 0.5],
        [2, 1e-9],
      ],
      exact,
    ),
    [1e-9, 0],
  );
  const [restOfP, restOfQ] = restsOf(
    [
      [0, 0.3],
      [1, 0.2],
    ],
    rounded,
  );
  near(restOfP, 0.5);
  assert.equal(restOfQ, 0);
  near(restsOf([[0, 1 - 1e-7]], [[0, 1 - 3e-7]])[0], 1e-7);
});

test('the divergence with "bucket" is a lower bound of the one over all outcomes', () => {
  const distribution = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }).map((masses) => {
    const sum = masses.reduce((total, one) => total + one, 0);
    return masses.map((one) => one / sum);
  });
  const listed = (masses: readonly number[], ids: readonly number[]): Row => new Map(ids.map((id) => [id, masses[id]]));
  const kl = (pairs: readonly (readonly [number, number])[]) => pairs.reduce((sum, [p, q]) => (p > 0 ? sum + p * Math.log(p / q) : sum), 0);
  fc.assert(
    fc.property(distribution, distribution, fc.subarray([...Array(12).keys()]), fc.subarray([...Array(12).keys()]), (p, q, ofP, ofQ) => {
      const { sides, size, faults } = matching([[listed(p, ofP), listed(q, ofQ)]], false);
      const { target, input, lengths } = bucketed(...sides, partnersOf(...sides, size, faults), undefined, faults);
      faults.throwIfAny();
      // where all is compared one by one, nothing is left but what was lost to rounding
      const pairs = Array.from({ length: lengths[0] }, (_, k) => [target[k], Math.max(input[k], Number.MIN_VALUE)] as const);
      const bound = kl(pairs.filter(([mass]) => mass > 1e-12));
      assert.ok(bound <= kl(p.map((mass, k) => [mass, q[k]] as const)) + 1e-9);
    }),
  );
});

function near(actual: unknown, expected: number): void {
  assert.ok(Math.abs((actual as number) - expected) < 1e-12, `${actual} is not ${expected}`);
}
