import fc from 'fast-check';
import { sideNames } from '../../../src/core/comparison.ts';
import type { Request, Side } from './request.ts';

/** What can be wrong with a request, whatever its format: each returns requests with one thing wrong, or something that only seems so. */
const mutations: Readonly<Record<string, (request: Request) => fc.Arbitrary<Request>>> = {
  'an element is replaced': (request) =>
    onSide(request, (side) =>
      fc
        .tuple(fc.nat(side.data.length - 1), fc.constantFrom<unknown>(...oddElements))
        .map(([at, value]) => ({ ...side, data: side.data.with(at, value) })),
    ),
  'there is no mass': (request) =>
    onSide(request, (side) => fc.constantFrom(0, Number.NEGATIVE_INFINITY).map((value) => ({ ...side, data: side.data.map(() => value) }))),
  'the shape is replaced': (request) =>
    onSide(request, (side) => fc.constantFrom<readonly unknown[]>(...oddShapes(side)).map((shape) => ({ ...side, shape }))),
  'the tensor is replaced': (request) => onSide(request, () => fc.constantFrom(...oddTensors)),
  'there are too many or too few numbers': (request) =>
    onSide(request, (side) => fc.constantFrom([...side.data, 1], side.data.slice(1)).map((data) => ({ ...side, data }))),
  'a list is longer than the others': (request) =>
    onSide(request, (side) =>
      fc.array(fc.nat(3), { maxLength: side.shape.length - 1 }).map((path) => (hasOthers(side, path) ? { ...side, ragged: path } : side)),
    ),
  'a tensor is missing': (request) => fc.constantFrom(...sideNames).map((name) => ({ ...request, [name]: undefined })),
  'an option is replaced': (request) =>
    fc
      .constantFrom(...Object.entries(oddOptions))
      .chain(([name, values]) =>
        fc.constantFrom(...values).map((value) => ({ ...request, options: { ...request.options, [name]: value } })),
      ),
};

/** Whether a longer list makes the tensor ragged: a row that stands alone only makes another shape. */
function hasOthers({ shape }: Side, path: readonly number[]): boolean {
  const last = shape.length - 1;
  return path.length < last || Number(shape[last - 1]) > 1;
}

const oddElements = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  -1e-300,
  1e280,
  622,
  1.7e308,
  null,
  true,
  {},
].concat(['x', '1', 'inf', '', 'nan'] as never[]);

const oddShapes = ({ shape }: Side): unknown[][] => [
  shape.toReversed(),
  [...shape, 1],
  [1, ...shape],
  [],
  [...shape, 0],
  [0],
  shape.with(0, 1.5),
  shape.with(0, -1),
  shape.with(-1, null),
  shape.with(-1, '2'),
  [2 ** 53, 2 ** 53],
  Array(33).fill(1),
];

// a number that every kind admits
const tensorOf = (...shape: number[]): Side => ({ shape, data: Array(shape.reduce((a, b) => a * b, 1)).fill(0) });

const oddTensors = [
  tensorOf(),
  tensorOf(0),
  tensorOf(2, 0),
  tensorOf(1),
  tensorOf(7),
  tensorOf(2, 3),
  tensorOf(1001),
  tensorOf(...Array(33).fill(1)),
];

const oddOptions: Readonly<Record<string, readonly unknown[]>> = {
  input_kind: ['logit', 'probs', 'counts', '', null, 1],
  target_kind: ['Probs', 'log_probs', ['probs'], {}],
  dim: [9, -9, [0, 0], [0, 9], [0, -9, 0], 1.5, [0, 0.5], 1e20, 'x', null, [], {}, [null], true],
  reduction: ['average', ['sum', 'x'], ['all'], [], null, 3, {}, ''],
  base: [1, 1.0000000001, 0, -2, 0.5, 1e300, 'two', 'E', null, [2], true, ''],
  strict: ['yes', null, 1, {}, ''],
  temperature: [2, 0, -1, 'hot', null, [2], true],
  pseudocount: [0.5, -1, 1e300, 'one', null, [1], false],
  divergences: [['psi'], ['jensen_shannon:1'], ['renyi'], [], null, 'kl', [1], {}],
  statistics: ['yes', null, 1.5, {}, '', [], [2], [-0.1, 0.5], ['median']],
  axis: [0],
  reductions: ['sum'],
};

function onSide(request: Request, change: (side: Side) => fc.Arbitrary<Side>): fc.Arbitrary<Request> {
  return fc.constantFrom(...sideNames).chain((name) => {
    const side = request[name];
    return side === undefined ? fc.constant(request) : change(side).map((changed) => ({ ...request, [name]: changed }));
  });
}

/** A request and what was made of it. */
export const mutated = (requests: fc.Arbitrary<Request>): fc.Arbitrary<Request & { readonly mutation: string }> =>
  requests.chain((request) =>
    fc
      .constantFrom(...Object.entries(mutations))
      .chain(([mutation, mutate]) => mutate(request).map((changed) => ({ mutation, ...changed }))),
  );

/** Options that are wrong whatever the tensors are. */
const wrongOptions = [{ dim: 1.5 }, { base: 0.5 }, { input_kind: 'x' }, { target_kind: 'x' }, { strict: 'yes' }, { reduction: 'x' }].concat(
  [{ temperature: 0 }, { pseudocount: -1 }] as never[],
);

/** Requests with an option that is wrong, too. */
export const withWrongOption = <One extends Request>(some: fc.Arbitrary<One>): fc.Arbitrary<One> =>
  fc.tuple(some, fc.constantFrom(...wrongOptions)).map(([request, wrong]) => ({ ...request, options: { ...request.options, ...wrong } }));
