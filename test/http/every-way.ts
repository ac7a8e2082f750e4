import type supertest from 'supertest';
import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { mediaTypes } from '../../src/http/hooks/content-type.ts';
import { numbersOf } from '../helper.ts';

/** A question with tensors of two axes, which `none`, `per_distribution` and numbers answer. Elements may be null where bytes hold NaN. */
export type Asked = {
  readonly input: readonly (readonly unknown[])[];
  readonly target: readonly (readonly unknown[])[];
  readonly weights?: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
};

/** The numbers of each result, or the code and pointers of the problem. */
export type Answered = Readonly<Record<string, readonly unknown[]>>;

type Http = ReturnType<typeof supertest>;

const reduction = ['none', 'per_distribution', 'sum', 'mean', 'distribution_mean'];

type Flat = { readonly shape: readonly number[]; readonly data: Float64Array<ArrayBuffer> };

/** Every way to ask one question over HTTP. */
export const ways: Readonly<Record<string, (http: Http, asked: Asked) => Promise<Answered>>> = {
  nested: (http, { options, ...tensors }) => json(http, { ...tensors, ...options }),
  flat: (http, { options, ...tensors }) => json(http, { ...mapped(tensors, listed), ...options }),
  base64: (http, { options, ...tensors }) => json(http, { ...mapped(tensors, (rows) => encoded(flat(rows))), ...options }),
  'options before tensors': (http, { options, ...tensors }) =>
    json(http, { ...options, ...Object.fromEntries(Object.entries(tensors).toReversed()) }),
  batch: async (http, { options, ...tensors }) => {
    const { body } = await http.post('/v1/kl-divergence/batch').send({ defaults: { reduction }, items: [{ ...tensors, ...options }] });
    return answered(body.items?.[0]?.problem ?? body.items?.[0] ?? body);
  },
  NDJSON: async (http, { options, ...tensors }) => {
    const line = `${JSON.stringify({ ...tensors, ...options, reduction })}\n`;
    const { text } = await http.post('/v1/kl-divergence/batch').set('content-type', 'application/x-ndjson').send(line);
    const item = JSON.parse(text.split('\n')[0]);
    return answered(item.problem ?? item);
  },
  safetensors: async (http, { options = {}, ...tensors }) => {
    const query = new URLSearchParams(Object.entries({ ...options, reduction }).map(([name, value]) => [name, String(value)]));
    const bytes = Buffer.concat(writeSafetensors(mapped(tensors, flat) as Record<string, Flat>, {}));
    const sent = http.post(`/v1/kl-divergence?${query}`).set('content-type', mediaTypes.safetensors[0]);
    return answered((await sent.serialize(asIs).send(bytes)).body);
  },
  'inference in JSON': async (http, { options, ...tensors }) => {
    const inputs = Object.entries(mapped(tensors, listed)).map(([name, tensor]) => ({ name, datatype: 'FP64', ...(tensor as object) }));
    return inferred(await http.post(infer).send({ inputs, parameters: options, outputs }));
  },
  'inference in bytes': async (http, { options, ...tensors }) => {
    const all = Object.entries(mapped(tensors, flat) as Record<string, Flat>);
    const inputs = all.map(([name, { shape, data }]) => ({
      name,
      shape,
      datatype: 'FP64',
      parameters: { binary_data_size: data.byteLength },
    }));
    const head = Buffer.from(JSON.stringify({ inputs, parameters: options, outputs }));
    const sent = http.post(infer).set('inference-header-content-length', String(head.length));
    return inferred(await sent.serialize(asIs).send(Buffer.concat([head, ...all.map(([, { data }]) => Buffer.from(data.buffer))])));
  },
};

const infer = '/v2/models/kl_div/infer';
const outputs = reduction.map((name) => ({ name }));

const asIs = ((body: unknown) => body) as (body: unknown) => string;

async function json(http: Http, request: object): Promise<Answered> {
  return answered((await http.post('/v1/kl-divergence').send({ ...request, reduction })).body);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
function answered(body: any): Answered {
  if (body.results === undefined) return problem(body);
  return { ...Object.fromEntries(reduction.map((name) => [name, numbersOf(body.results[name])])), ...described(body.statistics) };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
function inferred({ body }: { body: any }): Answered {
  if (body.outputs === undefined) return problem(body);
  const results = body.outputs.map(({ name, data }: { name: string; data: unknown }) => [name, numbersOf(data)]);
  const { statistics } = body.parameters;
  return { ...Object.fromEntries(results), ...described(statistics && JSON.parse(statistics)) };
}

/** The numbers of the statistics, in their order, where there are any. */
function described(statistics: unknown): Answered {
  return statistics === undefined ? {} : { statistics: leavesOf(statistics) };
}

function leavesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}

function problem({ errors }: { errors: { code: string; pointer: string }[] }): Answered {
  return { codes: errors.map(({ code }) => code), pointers: errors.map(({ pointer }) => pointer) };
}

function mapped(tensors: object, become: (rows: readonly unknown[]) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tensors).map(([name, rows]) => [name, become(rows)]));
}

function shapeOf(rows: readonly unknown[]): number[] {
  return Array.isArray(rows[0]) ? [rows.length, rows[0].length] : [rows.length];
}

function listed(rows: readonly unknown[]) {
  return { shape: shapeOf(rows), data: rows.flat() };
}

function flat(rows: readonly unknown[]): Flat {
  return { shape: shapeOf(rows), data: Float64Array.from(rows.flat(), (value) => (value === null ? Number.NaN : Number(value))) };
}

function encoded({ shape, data }: Flat) {
  return { shape, base64: Buffer.from(data.buffer).toString('base64') };
}
