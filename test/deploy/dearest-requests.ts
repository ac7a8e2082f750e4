import { readFileSync } from 'node:fs';
import { listRequests } from './list-requests.ts';
import { digits, jsonTensors, most, numbers, repeated, type Side, sides, widthOf } from './request-bodies.ts';

/** A request that costs as much as one of its kind may. */
export type DearRequest = {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: () => Uint8Array;
  /** Whether its length is not said, and how many ms its client waits before it reads. */
  readonly isChunked?: boolean;
  readonly readAfter?: number;
};

/** The limits that `/v1/info` tells. */
export type Limits = Readonly<Record<'body_bytes' | 'elements_per_tensor' | 'explained_elements_per_tensor' | 'rank', number>>;

type Schema = Readonly<Record<string, unknown>> & {
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
};
type Options = Readonly<Record<string, unknown>>;
/** How a tensor of n elements lies: its shape, and along which axis distributions do. */
type Layout = { readonly name: string; readonly shapeOf: (n: number) => number[]; readonly dim: number };
type Writer = (limits: Limits, layout: Layout, options: Options) => Generator<DearRequest>;

const document = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'));
const schemas: Readonly<Record<string, Schema & { readonly properties: Readonly<Record<string, Schema>> }>> = document.components.schemas;

/** The paths and media types that tensors may be sent to and in. */
export const documented: readonly string[] = Object.entries<{ post?: { tags: string[]; requestBody?: { content: object } } }>(
  document.paths,
).flatMap(([path, { post }]) =>
  // jobs have their tensors elsewhere
  post === undefined || post.tags.includes('Jobs') ? [] : Object.keys(post.requestBody?.content ?? {}).map((type) => `${path} ${type}`),
);

/** The values of a field that are worth trying, as its schema tells them. */
function valuesOf(schema: Schema): readonly unknown[] {
  if (typeof schema.$ref === 'string') return valuesOf(schemas[schema.$ref.split('/').at(-1) as string]);
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(valuesOf);
  if (schema.enum !== undefined) return schema.enum;
  if ('const' in schema) return [schema.const];
  if (schema.type === 'boolean') return [true, false];
  if (schema.type === 'integer') return [...new Set([schema.minimum ?? -1, schema.maximum ?? schema.minimum ?? 0])];
  if (schema.type === 'number')
    return [(Number(schema.exclusiveMinimum ?? schema.minimum ?? 0) + Number(schema.exclusiveMaximum ?? 1)) / 2];
  if (schema.type === 'array' && schema.items !== undefined) return [[...new Set(valuesOf(schema.items))]];
  throw new Error(`what is worth trying of ${JSON.stringify(schema)}?`);
}

function ofKind(kind: string): Options {
  if (!valuesOf(schemas.Kind).includes(kind)) throw new Error(`there is no kind ${kind}`);
  return { input_kind: kind, target_kind: kind };
}

function layoutsOf({ rank }: Limits): Layout[] {
  return [
    { name: `rank ${rank}, distributions of one`, shapeOf: (n) => [n, ...Array(rank - 1).fill(1)], dim: -1 },
    { name: 'rank 2, distributions of two', shapeOf: (n) => [Math.floor(n / 2), 2], dim: 1 },
    { name: 'rank 1, one distribution', shapeOf: (n) => [n], dim: 0 },
  ];
}

const json = { 'content-type': 'application/json' };

function* jsonRequests(path: string, limits: Limits, layout: Layout, options: Options): Generator<DearRequest> {
  for (const [form, tensor] of jsonTensors(limits, layout.shapeOf, valuesOf(schemas.Base64Tensor.properties.dtype))) {
    yield {
      name: form,
      path,
      headers: json,
      body: () => jsonBody(tensor, { reduction: 'all', dim: layout.dim, ...options }),
    };
  }
}

function jsonBody(tensor: (side: Side) => Buffer[], options: Options): Buffer {
  const rest = JSON.stringify(options).slice(1);
  return Buffer.concat([
    Buffer.from('{"input":'),
    ...tensor('input'),
    Buffer.from(',"target":'),
    ...tensor('target'),
    Buffer.from(`,${rest}`),
  ]);
}

function* safetensorsRequests(path: string, limits: Limits, { shapeOf, dim }: Layout, options: Options): Generator<DearRequest> {
  for (const dtype of ['F16', 'BF16', 'F32', 'F64', 'U8', 'I64']) {
    const shape = shapeOf(most(limits, widthOf(dtype)));
    const size = shape.reduce((a, b) => a * b) * widthOf(dtype);
    const header = Buffer.from(
      JSON.stringify(Object.fromEntries(sides.map((side, k) => [side, { dtype, shape, data_offsets: [k * size, (k + 1) * size] }]))),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const body = () => Buffer.concat([length, header, ...sides.map((side) => numbers(dtype, size / widthOf(dtype), side))]);
    const query = new URLSearchParams(Object.entries({ reduction: 'all', dim, ...options }).map(([name, value]) => [name, String(value)]));
    for (const accept of Object.keys(document.paths['/v1/kl-divergence'].post.responses['200'].content)) {
      const headers = { 'content-type': 'application/octet-stream', accept };
      yield { name: `${dtype} to ${accept}`, path: `${path}?${query}`, headers, body };
    }
  }
}

function* inferenceRequests(isBinary: boolean, limits: Limits, { shapeOf, dim }: Layout, options: Options): Generator<DearRequest> {
  const { reduction: _, ...parameters } = { dim, ...options } as Record<string, unknown>;
  const texts = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  const datatypes = isBinary ? valuesOf(schemas.InferenceDatatype) : ['INT8'];
  for (const datatype of datatypes as string[]) {
    const width = isBinary ? widthOf(datatype) : 2;
    const shape = shapeOf(most(limits, width));
    const count = shape.reduce((a, b) => a * b);
    for (const binary_data of valuesOf(schemas.InferenceOutputParameters.properties.binary_data)) {
      const outputs = valuesOf(schemas.InferenceOutputName)
        .filter((name) => name !== 'output')
        .map((name) => ({ name, parameters: { binary_data } }));
      const held = (side: Side) => (isBinary ? { parameters: { binary_data_size: width * count } } : { data: `of ${side}` });
      const inputs = sides.map((name) => ({ name, shape, datatype, ...held(name) }));
      const head = JSON.stringify({ id: '1', inputs, outputs, parameters: texts });
      const [first, second, last] = head.split(/"of input"|"of target"/);
      const list = (side: Side) => [Buffer.from('['), repeated(digits[side], 2 * count - 1), Buffer.from(']')];
      const text = () => Buffer.concat([Buffer.from(first), ...list('input'), Buffer.from(second), ...list('target'), Buffer.from(last)]);
      const bytes = () => Buffer.concat([Buffer.from(head), ...sides.map((side) => numbers(datatype, count, side))]);
      const headers = isBinary
        ? { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) }
        : json;
      yield {
        name: `${datatype}, ${binary_data ? 'binary' : 'JSON'} outputs`,
        path: '/v2/models/kl_div/infer',
        headers,
        body: isBinary ? bytes : text,
      };
    }
  }
}

function* itemRequests(path: string, isLines: boolean, limits: Limits, layout: Layout, options: Options): Generator<DearRequest> {
  for (const items of [1, 10]) {
    const each = { ...limits, body_bytes: limits.body_bytes / items, elements_per_tensor: Math.floor(limits.elements_per_tensor / items) };
    for (const { name, body } of jsonRequests(path, each, layout, options)) {
      const parts = () => Array<Uint8Array>(items).fill(body());
      const between = (separator: string) => parts().flatMap((part, k) => [Buffer.from(k === 0 ? '' : separator), part]);
      const whole = () => Buffer.concat(isLines ? between('\n') : [Buffer.from('{"items":['), ...between(','), Buffer.from(']}')]);
      const headers = isLines ? { 'content-type': 'application/x-ndjson' } : json;
      yield { name: `${items} of ${name}`, path, headers, body: whole };
    }
  }
}

/** Explanations are few numbers: as many as may be, in all forms. */
function* explainRequests(limits: Limits, layout: Layout, options: Options): Generator<DearRequest> {
  const few = { ...limits, elements_per_tensor: limits.explained_elements_per_tensor };
  for (const request of jsonRequests('/v1/kl-divergence/explain', few, layout, options)) yield request;
}

/** How the requests of each path and media type are written. */
export const writers: Readonly<Record<string, Writer>> = {
  '/v1/kl-divergence application/json': (...of) => jsonRequests('/v1/kl-divergence', ...of),
  '/v1/kl-divergence application/octet-stream': (...of) => safetensorsRequests('/v1/kl-divergence', ...of),
  '/v1/kl-divergence/explain application/json': explainRequests,
  '/v1/kl-divergence/batch application/json': (...of) => itemRequests('/v1/kl-divergence/batch', false, ...of),
  '/v1/kl-divergence/batch application/octet-stream': (...of) => itemRequests('/v1/kl-divergence/batch', true, ...of),
  '/v1/divergences application/json': (...of) => jsonRequests('/v1/divergences', ...of),
  '/v1/divergences application/octet-stream': (...of) => safetensorsRequests('/v1/divergences', ...of),
  '/v1/divergences/batch application/json': (...of) => itemRequests('/v1/divergences/batch', false, ...of),
  '/v1/divergences/batch application/octet-stream': (...of) => itemRequests('/v1/divergences/batch', true, ...of),
  '/v2/models/{model}/infer application/json': (...of) => inferenceRequests(false, ...of),
  '/v2/models/{model}/infer application/octet-stream': (...of) => inferenceRequests(true, ...of),
};

/** Of sides that are no tensors with an axis: samples in every form, whose answers have all their counts, and parameters. */
function* requestsOfOtherKinds(limits: Limits): Generator<DearRequest> {
  const [, rows, single] = layoutsOf(limits);
  for (const layout of [rows, single]) {
    for (const options of [{ bins: 'deciles' }, { bins: 5_000, missing: 'category' }]) {
      // every row has all bins: as many counts as there may be take fewer rows
      const few =
        layout === rows && options.bins === 5_000
          ? { ...limits, elements_per_tensor: 2 * Math.floor(limits.elements_per_tensor / 5_001) }
          : limits;
      for (const request of jsonRequests('/v1/divergences', few, layout, { ...options, ...ofKind('samples'), dim: undefined })) {
        yield { ...request, name: `samples, ${request.name}, ${layout.name}, ${JSON.stringify(options)}` };
      }
      const along = { ...layout, dim: -1 };
      for (const isBinary of [false, true]) {
        for (const request of inferenceRequests(isBinary, few, along, { ...options, ...ofKind('samples') })) {
          yield { ...request, name: `samples, /v2, ${request.name}, ${layout.name}, ${JSON.stringify(options)}` };
        }
      }
    }
  }
  const half = { ...limits, body_bytes: limits.body_bytes / 2, elements_per_tensor: limits.elements_per_tensor / 2 };
  for (const [form, tensor] of jsonTensors(half, single.shapeOf, valuesOf(schemas.Base64Tensor.properties.dtype))) {
    for (const [kind, [first, second]] of Object.entries({ normal: ['loc', 'scale'], gamma: ['concentration', 'rate'] })) {
      const pair = (side: Side) => [`{"${first}":`, `,"${second}":`].flatMap((before) => [Buffer.from(before), ...tensor(side)]);
      const body = () => jsonBody((side) => [...pair(side), Buffer.from('}')], { reduction: 'all', ...ofKind(kind) });
      yield { name: `parameters, ${kind}, ${form}`, path: '/v1/divergences', headers: json, body };
    }
  }
}

/** What is asked for beside an option that is refused without it. */
const company: Readonly<Record<string, Options>> = {
  temperature: ofKind('logits'),
  bins: ofKind('samples'),
  missing: ofKind('samples'),
  estimator: ofKind('samples'),
  k: { ...ofKind('samples'), estimator: 'knn' },
  confidence: { sampling: true },
  seed: { sampling: true, confidence: 0.95 },
};

/** The dearest requests of every path, format, dtype and layout; then of every path with each value of each option. */
export function* dearestRequests(limits: Limits): Generator<DearRequest> {
  const layouts = layoutsOf(limits);
  const { input: _, target: __, weights: ___, ...options } = schemas.KlDivergenceRequest.properties;
  const dearest = ofKind('counts');
  for (const layout of layouts) {
    for (const [place, write] of Object.entries(writers)) {
      for (const request of write(limits, layout, dearest)) yield { ...request, name: `${place}, ${request.name}, ${layout.name}` };
    }
  }
  yield* requestsOfOtherKinds(limits);
  yield* listRequests(limits);
  for (const [option, schema] of Object.entries(options)) {
    for (const value of valuesOf(schema)) {
      for (const [place, write] of Object.entries(writers)) {
        const [request] = write(limits, layouts[0], { ...dearest, ...company[option], [option]: value });
        yield { ...request, name: `${place}, ${request.name}, ${option} ${JSON.stringify(value)}` };
      }
    }
  }
}
