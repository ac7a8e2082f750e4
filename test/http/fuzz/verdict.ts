import assert from 'node:assert/strict';
import { type SideName, sideNames } from '../../../src/core/comparison.ts';
import { type ProblemCode, problems } from '../../../src/errors/problems.ts';
import { elementCount, unravel } from '../../../src/tensor/tensor.ts';
import type { Request, Side } from './request.ts';

/** An answer as it came. */
export type Response = {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
};

/** What a request came to, in words that are the same for every format. */
export type Verdict = {
  readonly results?: Readonly<Record<string, { readonly shape: readonly number[]; readonly numbers: readonly number[] }>>;
  readonly warnings?: undefined | readonly { readonly code: string; readonly place: string }[];
  /** The members that only `/v1` has. */
  readonly frame?: Readonly<Record<string, unknown>>;
  readonly refused?: readonly string[];
};

export type ReadVerdict = (response: Response, request: Request) => Verdict;

type Json = Readonly<Record<string, unknown>>;
type Located = { readonly pointer: string; readonly code: string; readonly detail?: string };

export const ofSingle: ReadVerdict = (response, request) => verdictOf(checked(response), request, '/v1');

export const ofExplanation: ReadVerdict = (response, request) => {
  // what only a derivation has, or repeats of its request, is left out
  const {
    steps: _,
    conventions: __,
    temperature: ___,
    pseudocount: ____,
    outcomes: _____,
    reductions,
    ...body
  } = checked(response) as Json & {
    reductions?: Json;
  };
  if (reductions === undefined) return verdictOf(body, request, '/v1');
  const members = Object.entries(reductions) as [string, { core: unknown; divisor?: number }][];
  const results = Object.fromEntries(members.map(([name, { core }]) => [name, core]));
  const divisors = Object.fromEntries(members.flatMap(([name, { divisor }]) => (divisor === undefined ? [] : [[name, divisor]])));
  return verdictOf({ results, divisors, ...body }, request, '/v1');
};

export const ofBatch: ReadVerdict = (response, request) => {
  const body = checked(response);
  if (!('items' in body)) return verdictOf(body, request, 'batch');
  const [item] = body.items as Json[];
  return itemVerdict(item, request);
};

export const ofLine: ReadVerdict = (response, request) => {
  assert.deepEqual([response.status, response.type], [200, 'application/x-ndjson']);
  const texts = response.body.toString().trimEnd().split('\n');
  const [item, ...others] = texts.map((text) => JSON.parse(text));
  const { totals } = others.pop();
  assert.deepEqual([totals.lines, totals.answered + totals.refused], [1 + others.length, 1 + others.length]);
  return itemVerdict(item, request);
};

function itemVerdict({ status, problem, ...answer }: Json, request: Request): Verdict {
  assert.equal(status, problem === undefined ? 200 : checkedProblem(problem as Json).status);
  return verdictOf((problem ?? answer) as Json, request, '/v1');
}

export const ofSafetensors: ReadVerdict = (response, request) => {
  if (response.status !== 200) return ofSingle(response, request);
  assert.equal(response.type, 'application/vnd.safetensors');
  const length = Number(response.body.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(response.body.subarray(8, 8 + length).toString());
  const texts = Object.entries(metadata as Record<string, string>).map(([name, text]) => [name, JSON.parse(text)]);
  const members = Object.fromEntries(texts);
  for (const [name, { dtype, shape, data_offsets }] of Object.entries<{ dtype: string; shape: number[]; data_offsets: number[] }>(
    tensors,
  )) {
    assert.equal(dtype, 'F64');
    const [begin, end] = data_offsets.map((offset) => 8 + length + offset);
    const [, of, reduction] = /^(?:(.*)\.)?(\w+)$/.exec(name) ?? [];
    const { results } = of === undefined ? members : members.divergences[of];
    results[reduction] = { shape, base64: response.body.subarray(begin, end).toString('base64') };
  }
  return verdictOf(members, request, '/v1');
};

/** @param order the names of the inputs in the body */
export function ofInference(response: Response, request: Request, order: readonly SideName[]): Verdict {
  if (response.status !== 200) return verdictOf(checked(response), request, order);
  const length = response.headers['inference-header-content-length'];
  const { outputs, parameters } = JSON.parse(response.body.subarray(0, length === undefined ? undefined : Number(length)).toString());
  let begin = Number(length);
  const results: Record<string, unknown> = {};
  for (const { name, shape, data, parameters = {} } of outputs) {
    const size = parameters.binary_data_size;
    const numbers = size === undefined ? data : float64s(response.body.subarray(begin, begin + size));
    begin += size ?? 0;
    // `output` holds a number for each reduction that it follows
    if (name !== 'output') results[name] = { shape, data: numbers };
    else for (const [at, reduction] of parameters.reduction.split(',').entries()) results[reduction] = numbers[at];
  }
  if (length !== undefined) assert.equal(begin, response.body.length);
  const [of] = (request.options.divergences as string[] | undefined) ?? [];
  const value = of === undefined ? { results } : { divergences: { [of]: { results } } };
  const { frame: _, ...verdict } = verdictOf({ ...value, warnings: JSON.parse(parameters.warnings) }, request, order);
  return verdict;
}

/** The JSON of an answer whose status and type say what it is. */
function checked({ status, type, body }: Response): Json {
  const value = JSON.parse(body.toString());
  if (status === 200) assert.match(type, /^application\/json/);
  else assert.deepEqual([checkedProblem(value).status, /^application\/(problem\+)?json/.test(type)], [status, true]);
  return value;
}

/** A problem that is the caller's: no code that is unknown, and nothing that the service did wrong. */
function checkedProblem(problem: Json): Json {
  const known = problems[problem.code as ProblemCode] ?? assert.fail(`no code: ${JSON.stringify(problem)}`);
  const status = 'error' in problem && known.status === 422 ? 400 : known.status;
  assert.deepEqual([problem.status, status >= 400 && status < 500], [status, true], JSON.stringify(problem));
  return problem;
}

/** @param body where the pointers lead: into a request of `/v1`, into a batch, or into inputs in some order */
function verdictOf(value: Json, request: Request, body: '/v1' | 'batch' | readonly SideName[]): Verdict {
  const placeOf = (located: Located) => place(located, request, body);
  const warnings = (value.warnings as Located[] | undefined)?.map(({ pointer, ...warning }) => ({
    ...warning,
    place: placeOf({ pointer, ...warning }),
  }));
  if (value.errors !== undefined) {
    const refused = (value.errors as Located[]).map((fault) => `${fault.code} ${placeOf(fault)}`);
    return { refused: [String(value.code), `${value.error_count} faults`, ...refused], ...(warnings === undefined ? {} : { warnings }) };
  }
  const { results, divergences, bins, sampling, outcomes, warnings: _, ...frame } = value;
  const members = Object.entries((divergences ?? {}) as Record<string, { results: Json; sampling?: Json }>);
  const all = [...Object.entries((results ?? {}) as Json), ...members.flatMap(([of, member]) => namedAfter(of, member.results))];
  const frames = members.map(([of, { results: __, sampling: its, ...rest }]) => [of, rest, tensorsIn(its)]);
  return {
    results: Object.fromEntries(all.map(([name, one]) => [name, tensorIn(one)])),
    warnings,
    frame: { ...frame, frames, bins: tensorsIn(bins), sampling: tensorsIn(sampling), outcomes: outcomes ?? outcomesIn(all) },
  };
}

/** The outcomes of the terms of lists. */
function outcomesIn(results: readonly [string, unknown][]): unknown {
  const listed = results.map(([, one]) => (one as Json | null)?.outcomes);
  return listed.find((outcomes) => outcomes !== undefined);
}

/** The results of one of several divergences, each under the name of its divergence too. */
function namedAfter(divergence: string, results: Json): [string, unknown][] {
  return Object.entries(results).map(([name, one]) => [`${divergence}.${name}`, one]);
}

/** The tensors in an object, which have the form of the input. */
function tensorsIn(value: unknown): unknown {
  const isTensor = typeof value !== 'object' || value === null || Array.isArray(value) || 'shape' in value;
  if (value === undefined) return undefined;
  if (isTensor) return tensorIn(value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, tensorsIn(one)]));
}

/** A tensor in any form. A tensor without axes and one of a single number are one: `/v2` and plain numbers do not tell them apart. */
function tensorIn(value: unknown): { shape: number[]; numbers: number[] } {
  const { shape, numbers } = anyTensor(value);
  return { shape: elementCount(shape) === 1 && shape.length <= 1 ? [] : shape, numbers: numbers.map((number) => Number(number) + 0) };
}

function anyTensor(value: unknown): { shape: number[]; numbers: readonly unknown[] } {
  if (Array.isArray(value)) return { shape: shapeOf(value), numbers: value.flat(Number.POSITIVE_INFINITY) };
  if (typeof value !== 'object' || value === null) return { shape: [], numbers: [value] };
  const { shape, data, base64, values } = value as { shape: number[]; data?: unknown[]; base64?: string; values?: unknown[] };
  // the terms of lists, which are one row where they came as bytes
  if (values !== undefined) return anyTensor(values.flat(Number.POSITIVE_INFINITY));
  return { shape, numbers: data ?? float64s(Buffer.from(String(base64), 'base64')) };
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function float64s(bytes: Buffer): number[] {
  return [...new Float64Array(new Uint8Array(bytes).buffer)];
}

/** The field that a pointer leads to, and the index of the element: where it stands in the body differs from format to format. */
function place({ pointer, code, detail = '' }: Located, request: Request, body: Parameters<typeof verdictOf>[2]): string {
  const [, ...steps] = pointer.split('/');
  const [field = '#', ...rest] = fieldIn(steps, request, body);
  const [, list, member = rest[0]] = /^(input|target)(?:\.(.+))?$/.exec(field) ?? [];
  if (member === 'outcomes' || member === 'values') {
    return `${list}.${member}${indexInList(field === list ? rest.slice(1) : [], detail, request[list as SideName])}`;
  }
  if (field !== 'input' && field !== 'target') return field;
  if (ofWholeTensors.has(code)) return field;
  const [, inDetail] = /^element \[([\d, ]+)\]: /.exec(detail) ?? [];
  if (inDetail !== undefined) return `${field}[${inDetail}]`;
  // a ragged tensor is nested, and its pointer may lead to a list
  const shape = request[field]?.shape as number[] | undefined;
  if (rest[0] === 'data' && rest.length === 2 && code !== 'RAGGED_TENSOR' && shape !== undefined) {
    return `${field}[${unravel(Number(rest[1]), shape).join(', ')}]`;
  }
  const index = rest[0] === 'data' ? rest.slice(1) : rest;
  return index.length > 0 && index.every((step) => /^\d+$/.test(step)) ? `${field}[${index.join(', ')}]` : field;
}

/** The index of an entry of a list, or of a row, which bodies of bytes tell in the detail. */
function indexInList(steps: readonly string[], detail: string, side: Side | undefined): string {
  const [, element] = /^element \[([\d, ]+)\]: /.exec(detail) ?? [];
  const [, row, , entry] = /, in row (\d+)(, entry (\d+))?$/.exec(detail) ?? [];
  if (element !== undefined) return `[${element}]`;
  if (row === undefined) return steps.length === 0 ? '' : `[${steps.join(', ')}]`;
  const index = [...unravel(Number(row), (side?.shape ?? []) as number[]), ...(entry === undefined ? [] : [entry])];
  return index.length === 0 ? '' : `[${index.join(', ')}]`;
}

const ofWholeTensors: ReadonlySet<string> = new Set<ProblemCode>([
  'EMPTY_TENSOR',
  'SCALAR_TENSOR',
  'DEPTH_LIMIT',
  'TOO_MANY_ELEMENTS',
  'SHAPE_MISMATCH',
  'DATA_LENGTH_MISMATCH',
]);

function fieldIn(steps: readonly string[], request: Request, body: Parameters<typeof verdictOf>[2]): readonly string[] {
  if (body === '/v1') return steps;
  if (body === 'batch') return steps[0] === 'defaults' ? steps.slice(1) : steps.slice(2);
  if (steps[0] === 'inputs') {
    const name = steps.length === 1 ? sideNames.find((side) => request[side] === undefined) : body[Number(steps[1])];
    return [String(name), ...steps.slice(2)];
  }
  if (steps[0] === 'outputs') return ['reduction'];
  return steps.slice(1);
}
