import { type SideName, sideNames } from '../../../src/core/comparison.ts';
import { isPlainSum, parseDivergence } from '../../../src/core/divergences/named-divergence.ts';
import { optionFields } from '../../../src/schema/request.ts';
import { sampleFields } from '../../../src/schema/samples.ts';
import type { Request, Side } from './request.ts';
import { base64, bytesOf, type Datatype, flat, nested } from './tensors.ts';
import { ofBatch, ofExplanation, ofInference, ofLine, ofSafetensors, ofSingle, type ReadVerdict } from './verdict.ts';
import { inBytes, listed } from './write-lists.ts';

/** What goes over the wire. */
export type Message = { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };

/** How a request is written, undefined where the format cannot express it, and how its answer is read. */
export type Format = { readonly write: (request: Request) => Message | undefined; readonly read: ReadVerdict };

/** Where a request is sent in `/v1`: several divergences have an endpoint of their own. */
const pathOf = ({ options }: Request) => (Object.hasOwn(options, 'divergences') ? '/v1/divergences' : '/v1/kl-divergence');

type WriteTensor = (side: Side) => unknown;

/** A message of JSON text. */
export function jsonMessage(to: string, text: string, type = 'application/json'): Message {
  return { path: to, headers: { 'content-type': type }, body: Buffer.from(text) };
}

/** A request as the JSON of `/v1`. */
export function jsonOf(request: Request, input: WriteTensor, target = input): Record<string, unknown> | undefined {
  const tensors = Object.fromEntries(
    sideNames.flatMap((name) => {
      const side = request[name];
      return side === undefined ? [] : [[name, listed(side) ?? (name === 'input' ? input : target)(side)]];
    }),
  );
  return Object.values(tensors).includes(undefined) ? undefined : { ...tensors, ...request.options };
}

const json = (input: WriteTensor, target?: WriteTensor): Format => ({
  write: (request) => jsonIn(request, (value) => jsonMessage(pathOf(request), JSON.stringify(value)), input, target),
  read: ofSingle,
});

function jsonIn(
  request: Request,
  message: (value: Record<string, unknown>) => Message,
  input: WriteTensor,
  target?: WriteTensor,
): Message | undefined {
  const value = jsonOf(request, input, target);
  return value === undefined ? undefined : message(value);
}

/** Whether a derivation, which shows lists as tensors, would say something else. */
function showsLists({ input, target, options }: Request): boolean {
  const asked = [options.reduction ?? 'all'].flat();
  const listed = [input, target].filter((side) => side?.outcomes !== undefined);
  // beside a tensor, terms are lists where they have a rest
  const areListed = listed.length === 2 || (listed.length === 1 && options.rest === 'bucket');
  return areListed && (asked.includes('all') || asked.includes('none') || Object.hasOwn(options, 'pseudocount'));
}

const explained = (tensor: WriteTensor): Format => ({
  write: (request) =>
    Object.hasOwn(request.options, 'divergences') || showsLists(request)
      ? undefined
      : jsonIn(request, (value) => jsonMessage(`${pathOf(request)}/explain`, JSON.stringify(value)), tensor),
  read: ofExplanation,
});

const line = (tensor: WriteTensor): Format => ({
  write: (request) =>
    jsonIn(request, (value) => jsonMessage(`${pathOf(request)}/batch`, JSON.stringify(value), 'application/x-ndjson'), tensor),
  read: ofLine,
});

const item = (tensor: WriteTensor): Format => ({
  write: (request) => jsonIn(request, (value) => jsonMessage(`${pathOf(request)}/batch`, JSON.stringify({ items: [value] })), tensor),
  read: ofBatch,
});

/** An item whose options are those of its batch. */
const itemWithDefaults = (tensor: WriteTensor): Format => ({
  write: (request) => {
    const value = jsonOf({ ...request, options: {} }, tensor);
    return value && jsonMessage(`${pathOf(request)}/batch`, JSON.stringify({ defaults: request.options, items: [value] }));
  },
  read: ofBatch,
});

const safetensorsDtypes = { FP64: 'F64', FP32: 'F32', FP16: 'F16', BF16: 'BF16', INT64: 'I64' } as const;

const safetensors = (datatype: keyof typeof safetensorsDtypes, accept = 'application/json'): Format => ({
  write: (request) => {
    const query = queryOf(request.options);
    const blocks: Buffer[] = [];
    const header: Record<string, unknown> = {};
    for (const name of sideNames) {
      const side = request[name];
      if (side === undefined) continue;
      const tensors = inBytes(name, side, datatype);
      if (tensors === undefined) return undefined;
      for (const [called, shape, bytes, of] of tensors) {
        const begin = Buffer.concat(blocks).length;
        header[called] = {
          dtype: safetensorsDtypes[of as keyof typeof safetensorsDtypes],
          shape,
          data_offsets: [begin, begin + bytes.length],
        };
        blocks.push(bytes);
      }
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const headers = { 'content-type': 'application/vnd.safetensors', accept };
    return query === undefined
      ? undefined
      : { path: `${pathOf(request)}${query}`, headers, body: Buffer.concat([length, text, ...blocks]) };
  },
  read: accept === 'application/json' ? ofSingle : ofSafetensors,
});

/** Options as text. Undefined where text would mean something else. */
function queryOf(options: Readonly<Record<string, unknown>>): string | undefined {
  const texts = Object.entries(options).map(([name, value]) => [name, textOf(name, value)]);
  return texts.some(([, text]) => text === undefined) ? undefined : `?${new URLSearchParams(texts as string[][])}`;
}

function textOf(name: string, value: unknown): string | undefined {
  // as text, one name is a list
  if (name === 'divergences' && !Array.isArray(value)) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return String(value);
  if (!Array.isArray(value) || value.length === 0 || !['dim', 'reduction', 'divergences', 'bins'].includes(name)) return undefined;
  // as text, a list of one is that one
  if (value.length === 1 && value[0] === 'all') return undefined;
  return value.every((one) => typeof one === 'number' || typeof one === 'string') ? value.join(',') : undefined;
}

type TensorForm = Datatype | WriteTensor;
type InferenceForm = {
  readonly input: TensorForm;
  readonly target?: TensorForm;
  readonly isBinaryAnswer?: boolean;
  readonly order?: readonly SideName[];
};

/** A request of the Open Inference Protocol: tensors as JSON or as bytes of a datatype. */
const inference = ({ input, target = input, isBinaryAnswer = false, order = sideNames }: InferenceForm): Format => ({
  write: (request) => {
    const model = modelOf(request.options);
    const { reduction, ...parameters } = parametersOf(request.options) ?? {};
    const inputs = order.flatMap((name) => inferenceInput(name, request[name], name === 'input' ? input : target));
    const isExpressible = parametersOf(request.options) !== undefined && !inputs.includes(undefined);
    if (!isExpressible || model === undefined) return undefined;
    const names = reduction === undefined ? undefined : [reduction].flat();
    const outputs = names?.map((name) => ({ name, parameters: { binary_data: isBinaryAnswer } }));
    const value = {
      inputs: inputs.map((one) => one?.json),
      outputs,
      parameters: { ...parameters, ...model.parameters, binary_data_output: isBinaryAnswer },
    };
    const text = Buffer.from(JSON.stringify(value));
    const blocks = inputs.flatMap((one) => one?.bytes ?? []);
    const length = blocks.length === 0 ? {} : { 'inference-header-content-length': String(text.length) };
    const headers = { 'content-type': 'application/octet-stream', ...length };
    return { path: `/v2/models/${model.name}/infer`, headers, body: Buffer.concat([text, ...blocks]) };
  },
  read: (response, request) =>
    ofInference(
      response,
      request,
      order.filter((name) => request[name] !== undefined),
    ),
});

/** An input of the protocol; an empty list for a side that is left out, `undefined` in it for one that the form cannot hold. */
function inferenceInput(name: SideName, side: Side | undefined, form: TensorForm): ({ json: object; bytes?: Buffer } | undefined)[] {
  if (side === undefined) return [];
  // the protocol has no lists of outcomes
  if (side.outcomes !== undefined) return [undefined];
  const head = { name, shape: side.shape, datatype: typeof form === 'string' ? form : 'FP64' };
  if (typeof form !== 'string') {
    const data = form(side);
    return [data === undefined ? undefined : { json: { ...head, data } }];
  }
  const bytes = bytesOf(side, form);
  return [bytes && { json: { ...head, parameters: { binary_data_size: bytes.length } }, bytes }];
}

/** The model that a request means: of several divergences, only one alone is a model. */
function modelOf({ divergences }: Request['options']): { name: string; parameters: object } | undefined {
  if (divergences === undefined) return { name: 'kl_div', parameters: {} };
  const named = Array.isArray(divergences) && divergences.length === 1 ? parseDivergence(String(divergences[0])) : '';
  if (typeof named === 'string') return undefined;
  const [, value] = named.key.split(':');
  return { name: named.name, parameters: value === undefined ? {} : { [named.name === 'renyi' ? 'alpha' : 'beta']: Number(value) } };
}

/** What "all" stands for: without `none` for a divergence that is no sum of terms. */
function allReductions(options: Request['options']): string[] {
  const { name = 'kl_div' } = modelOf(options) ?? {};
  const isSum = name === 'kl_div' || isPlainSum({ name: name as 'kl' });
  return [...(isSum ? ['none'] : []), 'per_distribution', 'sum', 'mean', 'batchmean', 'distribution_mean'];
}

/** Parameters of the protocol, with reductions in place of "all". Undefined for options that mean something else there. */
function parametersOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const { dim, reduction, divergences: _, ...others } = options;
  const isKnown = ['dim', 'reduction', ...Object.keys(others)].every((name) => optionFields.includes(name));
  // the protocol has no samples, and ignores what is about sampling
  if (Object.keys(sampleFields).some((name) => Object.hasOwn(others, name)) || others.input_kind === 'samples') return undefined;
  const names = reduction === 'all' ? allReductions(options) : reduction;
  const text = Array.isArray(dim) ? textOf('dim', dim) : dim;
  const isOther = (Array.isArray(dim) && text === undefined) || (Array.isArray(names) && names.length === 0);
  return isKnown && !isOther ? { ...others, dim: text, reduction: names } : undefined;
}

const list: WriteTensor = (side) => flat(side)?.data;
const float64: WriteTensor = (side) => base64(side, 'float64');
const float32: WriteTensor = (side) => base64(side, 'float32');
const unnamed: WriteTensor = (side) => base64(side, undefined);

/** Every format, and the ways in which each holds tensors. */
export const formats: Readonly<Record<string, Format>> = {
  'nested lists': json(nested),
  'flat lists': json(flat),
  'base64 of float64': json(float64),
  'base64 of float32': json(float32),
  'base64 without a dtype beside nested lists': json(unnamed, nested),
  'an explanation of nested lists': explained(nested),
  'an explanation of base64': explained(float64),
  'a line of nested lists': line(nested),
  'a line of flat lists': line(flat),
  'a batch of nested lists': item(nested),
  'a batch of base64': item(float64),
  'a batch with defaults': itemWithDefaults(flat),
  'safetensors F64': safetensors('FP64'),
  'safetensors F64, answered so': safetensors('FP64', 'application/vnd.safetensors'),
  'safetensors F32': safetensors('FP32'),
  'safetensors F16': safetensors('FP16'),
  'safetensors BF16': safetensors('BF16'),
  '/v2 with lists': inference({ input: list }),
  '/v2 with nested lists, target first': inference({ input: nested, order: ['target', 'input'] }),
  '/v2 with FP64': inference({ input: 'FP64' }),
  '/v2 with FP32, answered in bytes': inference({ input: 'FP32', isBinaryAnswer: true }),
  '/v2 with lists and FP64, answered in bytes': inference({ input: list, target: 'FP64', isBinaryAnswer: true }),
  '/v2 with FP16 and BF16': inference({ input: 'FP16', target: 'BF16' }),
  '/v2 with INT8 and UINT16': inference({ input: 'INT8', target: 'UINT16' }),
  '/v2 with INT32 and INT64': inference({ input: 'INT32', target: 'INT64' }),
};
