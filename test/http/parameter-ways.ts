import { writeSafetensors } from '../../src/formats/safetensors/write.ts';
import { mediaTypes } from '../../src/http/hooks/content-type.ts';
import { numbersOf, type startedApp } from '../helper.ts';

type Http = Awaited<ReturnType<typeof startedApp>>['http'];
/** A parameter as nested lists or a number; NaN in bytes is null here. */
type Rows = number | readonly (number | readonly (number | readonly number[])[])[];
export type Parameters = Readonly<Record<string, Rows>>;
/** A question about distributions by their parameters. */
export type Asked = {
  readonly kind: string;
  readonly target: Parameters;
  readonly input: Parameters;
  readonly weights?: readonly number[];
};

export const path = '/v1/kl-divergence';
const reduction = ['per_distribution', 'sum', 'mean', 'batchmean', 'distribution_mean'];
export const kindsOf = (kind: string) => ({ input_kind: kind, target_kind: kind });

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

const listed = (rows: Rows) => ({ shape: shapeOf(rows), data: [rows].flat(3) });
const flat = (rows: Rows) => ({ shape: shapeOf(rows), data: Float64Array.from([rows].flat(3) as number[]) });
const encoded = (rows: Rows) => ({ shape: shapeOf(rows), base64: Buffer.from(flat(rows).data.buffer).toString('base64') });

function mapped(parameters: Parameters, become: (rows: Rows) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).map(([name, rows]) => [name, become(rows)]));
}

/** The tensors of both sides, by the names that formats have with one name for each tensor. */
function named({ target, input, weights }: Asked): [string, Rows][] {
  const ofSide = (side: string, parameters: Parameters) =>
    Object.entries(parameters).map(([name, rows]): [string, Rows] => [`${side}.${name}`, rows]);
  return [
    ...ofSide('target', target),
    ...ofSide('input', input),
    ...(weights === undefined ? [] : [['weights', weights] as [string, Rows]]),
  ];
}

function fields({ kind, target, input, weights }: Asked, become: (rows: Rows) => unknown) {
  return { target: mapped(target, become), input: mapped(input, become), ...(weights && { weights }), ...kindsOf(kind), reduction };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
function answered(body: any): Record<string, unknown> {
  if (body.results === undefined) return { codes: body.errors.map(({ code }: { code: string }) => code) };
  return Object.fromEntries(reduction.map((name) => [name, numbersOf(body.results[name])]));
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
function inferred({ outputs, errors }: any): Record<string, unknown> {
  if (outputs === undefined) return { codes: errors.map(({ code }: { code: string }) => code) };
  return Object.fromEntries(outputs.map(({ name, data }: { name: string; data: unknown }) => [name, numbersOf(data)]));
}

const asIs = ((body: unknown) => body) as (body: unknown) => string;

/** The protocol has no tensors without axes. */
const withAxis = (rows: Rows): Rows => (typeof rows === 'number' ? [rows] : rows);
const outputs = reduction.map((name) => ({ name }));

/** Every way to ask one question over HTTP: the numbers of each result, or the codes of the problem. */
export const ways: Readonly<Record<string, (http: Http, asked: Asked) => Promise<Record<string, unknown>>>> = {
  nested: async (http, asked) => answered((await http.post(path).send(fields(asked, (rows) => rows))).body),
  flat: async (http, asked) => answered((await http.post(path).send(fields(asked, listed))).body),
  base64: async (http, asked) => answered((await http.post(path).send(fields(asked, encoded))).body),
  batch: async (http, asked) => {
    const { input, ...item } = fields(asked, (rows) => rows);
    const { body } = await http.post(`${path}/batch`).send({ defaults: { input }, items: [item, item] });
    if (JSON.stringify(body.items[1].results) !== JSON.stringify(body.items[0].results)) throw new Error('equal items differ');
    return answered(body.items[0].problem ?? body.items[0]);
  },
  NDJSON: async (http, asked) => {
    const line = `${JSON.stringify(fields(asked, (rows) => rows))}\n`;
    const { text } = await http.post(`${path}/batch`).set('content-type', 'application/x-ndjson').send(line);
    const item = JSON.parse(text.split('\n')[0]);
    return answered(item.problem ?? item);
  },
  divergences: async (http, asked) => {
    const { body } = await http.post('/v1/divergences').send({ ...fields(asked, (rows) => rows), divergences: ['reverse_kl', 'kl'] });
    return answered(body.divergences?.kl ?? body);
  },
  safetensors: async (http, asked) => {
    const query = new URLSearchParams({ ...kindsOf(asked.kind), reduction: reduction.join(',') });
    const bytes = Buffer.concat(writeSafetensors(Object.fromEntries(named(asked).map(([name, rows]) => [name, flat(rows)])), {}));
    return answered((await http.post(`${path}?${query}`).set('content-type', mediaTypes.safetensors[0]).serialize(asIs).send(bytes)).body);
  },
  'inference in JSON': async (http, asked) => {
    const inputs = named(asked).map(([name, rows]) => ({ name, datatype: 'FP64', ...listed(withAxis(rows)) }));
    const { body } = await http.post('/v2/models/kl_div/infer').send({ inputs, parameters: kindsOf(asked.kind), outputs });
    return inferred(body);
  },
  'inference in bytes': async (http, asked) => {
    const tensors = named(asked).map(([name, rows]) => ({ name, ...flat(withAxis(rows)) }));
    const inputs = tensors.map(({ name, shape, data }) => ({
      name,
      shape,
      datatype: 'FP64',
      parameters: { binary_data_size: data.byteLength },
    }));
    const head = Buffer.from(JSON.stringify({ inputs, parameters: kindsOf(asked.kind), outputs }));
    const sent = http.post('/v2/models/kl_div/infer').set('inference-header-content-length', String(head.length));
    const { body } = await sent.serialize(asIs).send(Buffer.concat([head, ...tensors.map(({ data }) => Buffer.from(data.buffer))]));
    return inferred(body);
  },
};
