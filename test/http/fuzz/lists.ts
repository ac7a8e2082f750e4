import fc from 'fast-check';
import { type SideName, sideNames } from '../../../src/core/comparison.ts';
import { type KindName, kindNames } from '../../../src/core/kinds.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import { bases, elements, familyNames, ofOneKind, type Request, reductions, type Side, someOf, withKind } from './request.ts';

/** A side that lists outcomes. */
export type ListSide = Side & Required<Pick<Side, 'outcomes'>>;

/** An outcome of a list, and its number. */
type Entry = readonly [outcome: number, value: number];

/** Ids near one another or far apart; as names, texts that JSON escapes. */
const idPools: readonly fc.Arbitrary<number>[] = [fc.nat(9), fc.nat(9).map((id) => id * 2 ** 45 + 3)];
const nameOf = (id: number) => ['', '"', 'é\n', '\\u0041', `name ${id}`][id % 5];

/** Each kind, and those twice that may have a rest. */
const listedKinds = [...kindNames, 'probs', 'log_probs'] as const;

/** Rows of which a third is too heavy for a rest, and some are empty. */
function rowsOf(kind: KindName, ids: fc.Arbitrary<number>, rows: number): fc.Arbitrary<readonly (readonly Entry[])[]> {
  const row = fc.uniqueArray(fc.tuple(ids, elements[kind]), { maxLength: 5, selector: ([id]) => id }).chain((entries) =>
    fc.integer({ min: 1, max: 3 }).map((share) => {
      const light = ([id, value]: Entry): Entry => [id, kind === 'probs' ? value / 5 : value - Math.log(5)];
      return share === 1 || kind === 'counts' || kind === 'logits' ? entries : entries.map(light);
    }),
  );
  // a side without a single outcome is refused
  return fc
    .tuple(elements[kind], fc.array(row, { minLength: rows, maxLength: rows }))
    .map(([value, all]) => (all.every((one) => one.length === 0) ? all.with(0, [[7, value]]) : all));
}

function sideOf(rows: readonly (readonly Entry[])[], shape: readonly number[], areNames: boolean): ListSide {
  const values = rows.flatMap((row) => row.map(([, value]) => value));
  return { shape, outcomes: rows.map((row) => row.map(([id]) => (areNames ? nameOf(id % 5) : id))), data: values };
}

/** Names are fewer than ids: each comes once in a row. */
const distinct = (rows: readonly (readonly Entry[])[]) =>
  rows.map((row) => row.filter(([id], k) => row.findIndex(([other]) => other % 5 === id % 5) === k));

const shapes = fc.constantFrom<readonly number[]>([], [1], [3], [2, 2]);

type Plan = { readonly shape: readonly number[]; readonly kinds: readonly [KindName, KindName]; readonly dense?: SideName };

/** Both sides as lists, or one beside a tensor along one of its axes. */
function sidesOf({ shape, kinds, dense }: Plan): fc.Arbitrary<Pick<Request, SideName> & { readonly dim?: number }> {
  const rows = elementCount(shape);
  if (dense === undefined) {
    return fc.tuple(fc.constantFrom(...idPools), fc.boolean()).chain(([ids, areNames]) => {
      const side = (kind: KindName) => rowsOf(kind, ids, rows).map((all) => sideOf(areNames ? distinct(all) : all, shape, areNames));
      return fc.record({ input: side(kinds[0]), target: side(kinds[1]) });
    });
  }
  const size = 10;
  const tensor = (kind: KindName, dim: number) =>
    fc
      .array(elements[kind], { minLength: rows * size, maxLength: rows * size })
      .map((data): Side => ({ shape: shape.toSpliced(dim, 0, size), data }));
  const list = (kind: KindName) => rowsOf(kind, fc.nat(size - 1), rows).map((all) => sideOf(all, shape, false));
  return fc.integer({ min: 0, max: shape.length }).chain((dim) =>
    fc.record({
      input: dense === 'input' ? tensor(kinds[0], dim) : list(kinds[0]),
      target: dense === 'target' ? tensor(kinds[1], dim) : list(kinds[1]),
      dim: fc.constant(dim),
    }),
  );
}

/** Requests whose sides list their outcomes, one of which may be a tensor; most are answered. */
export const listRequests: fc.Arbitrary<Request> = fc
  .record(
    {
      shape: shapes,
      kinds: fc.tuple(fc.constantFrom(...listedKinds), fc.constantFrom(...listedKinds)),
      dense: fc.constantFrom(...sideNames),
    },
    { requiredKeys: ['shape', 'kinds'] },
  )
  .chain((plan) => fc.tuple(fc.constant(plan), sidesOf(plan)))
  .chain(
    ([
      {
        kinds: [input_kind, target_kind],
      },
      { dim, ...sides },
    ]) => {
      const rests = [input_kind, target_kind].every((kind) => kind.endsWith('probs')) ? ['zero', 'bucket'] : ['zero'];
      const others = { reduction: reductions, base: bases, strict: fc.boolean(), divergences: someOf(familyNames) };
      return fc
        .record({ rest: fc.constantFrom(...rests), ...others, ...ofOneKind(input_kind, target_kind) }, { requiredKeys: [] })
        .map((options) => ({
          ...sides,
          options: {
            ...withKind('input_kind', input_kind),
            ...withKind('target_kind', target_kind),
            ...(dim === undefined ? {} : { dim }),
            ...options,
          },
        }));
    },
  );

/** What can be wrong with a list: each returns one with one thing wrong, or something that only seems so. */
const mutations: Readonly<Record<string, (side: ListSide, at: number) => ListSide>> = {
  'an outcome comes twice': (side, at) => withOutcome(side, at, (row, k) => row[(k + 1) % row.length]),
  'an outcome is padding': (side, at) => withOutcome(side, at, () => -1),
  'an outcome is far away': (side, at) => withOutcome(side, at, () => 2 ** 40),
  'an id is below 0': (side, at) => withOutcome(side, at, () => -2),
  'an id is no integer': (side, at) => withOutcome(side, at, () => 1.5),
  'an outcome is neither': (side, at) => withOutcome(side, at, () => null),
  'a name among ids': (side, at) => withOutcome(side, at, () => 'x'),
  'a value is none': (side, at) => ({ ...side, data: side.data.with(at % side.data.length, Number.NaN) }),
  'a value is infinite': (side, at) => ({ ...side, data: side.data.with(at % side.data.length, Number.POSITIVE_INFINITY) }),
  'a value is padding': (side, at) => ({ ...side, data: side.data.with(at % side.data.length, Number.NEGATIVE_INFINITY) }),
  'a value is below 0': (side, at) => ({ ...side, data: side.data.with(at % side.data.length, -1) }),
  'a value is too large': (side, at) => ({ ...side, data: side.data.with(at % side.data.length, 3e270) }),
  'there is another row': (side) => ({ ...side, shape: [side.outcomes.length + 1], outcomes: [...side.outcomes, []] }),
};

function withOutcome(side: ListSide, at: number, change: (row: readonly unknown[], k: number) => unknown): ListSide {
  const places = side.outcomes.flatMap((row, d) => row.map((_, k) => [d, k] as const));
  const [d, k] = places[at % places.length];
  return { ...side, outcomes: side.outcomes.with(d, side.outcomes[d].with(k, change(side.outcomes[d], k))) };
}

/** `listRequests` with something wrong in a list. */
export const mutatedLists: fc.Arbitrary<Request & { readonly mutation: string }> = fc
  .tuple(listRequests, fc.constantFrom(...sideNames), fc.constantFrom(...Object.keys(mutations)), fc.nat())
  .map(([request, name, mutation, at]) => {
    const side = request[name];
    const changed = side?.outcomes === undefined ? side : mutations[mutation](side as ListSide, at);
    return { ...request, [name]: changed, mutation };
  });
