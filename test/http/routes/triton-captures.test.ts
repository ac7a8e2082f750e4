import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import { sampleOutputNames } from '../../../src/schema/inference/sample-outputs.ts';
import { sharedApp } from '../../helper.ts';
import { exchange, type Response } from '../exchange.ts';
import { type Output, type Question, type Tensor, tensor, textbook } from '../textbook.ts';

const folder = new URL('../../fixtures/triton/', import.meta.url);
const clients = ['sync', 'aio'];

/** `outputs` are in order; `output` says which reductions are in the output of that name, [name, bytes] is one that comes as bytes. */
type Answered = {
  readonly title: string;
  readonly asked?: Question;
  readonly output?: readonly Output[];
  readonly outputs: readonly (string | readonly [string, 'bytes'])[];
  readonly warnings?: readonly string[];
  readonly id?: string;
  readonly version?: string;
  /** the codings that the answer may have; none unless given */
  readonly codings?: readonly (string | undefined)[];
};

type Refused = {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly error?: RegExp;
  readonly pointer?: RegExp;
};

type Found = { readonly title: string; readonly body: (body: unknown) => void };

const numbers = ['sum', 'mean', 'batchmean', 'distribution_mean'] as const;
const everyOutput = ['output', 'none', 'per_distribution', ...numbers];

const input = tensor([2, 3], [2, 1, 0.1, 0.3, 0.3, 0.3]);
const target = tensor([2, 3], [1.5, 1.2, 0.2, 0.1, 0.9, 2]);
const example: Question = { input, target };
const cube: Question = {
  input: tensor(
    [2, 2, 3],
    Array.from({ length: 12 }, (_, i) => i / 4),
  ),
  target: tensor(
    [2, 2, 3],
    Array.from({ length: 12 }, (_, i) => i ** 2 / 50),
  ),
};
const counts: Question = {
  input: tensor([2, 3], [12, 30, 58, 1, 2, 3]),
  target: tensor([2, 3], [20, 25, 55, 3, 2, 1]),
  kinds: ['counts', 'counts'],
};
const farCounts: Question = {
  input: tensor([2, 3], [12, 30, 5e9, 1, 2, 3]),
  target: tensor([2, 3], [20, 25, 7e9, 3, 2, 1]),
  kinds: ['counts', 'counts'],
};
const masked: Question = {
  input: tensor([2, 3], [2, 1, -Infinity, 0.3, 0.3, 0.3]),
  target: tensor([2, 3], [1.5, 1.2, -Infinity, 0.1, 0.9, 2]),
};
const missed: Question = {
  input: tensor([2, 3], [0.5, 0.5, 0, 0.2, 0.3, 0.5]),
  target: tensor([2, 3], [0.25, 0.25, 0.5, 0.2, 0.2, 0.6]),
  kinds: ['probs', 'probs'],
};
const large: Question = {
  input: tensor(
    [100, 100],
    Array.from({ length: 10_000 }, (_, i) => (i % 7) + 1),
  ),
  target: tensor(
    [100, 100],
    Array.from({ length: 10_000 }, (_, i) => (i % 5) + 1),
  ),
  kinds: ['counts', 'counts'],
};
const mixedKinds: Question = {
  input: tensor([2, 3], [0.7, 0.2, 0.1, 0.25, 0.25, 0.5]),
  target: tensor([2, 3], [5, 3, 2, 1, 2, 1]),
  kinds: ['probs', 'counts'],
};

/** Every number of a question, rounded as a narrower datatype does it. */
const rounded = (round: (x: number) => number): Question => ({
  input: tensor(input.shape, input.data.map(round)),
  target: tensor(target.shape, target.data.map(round)),
});

/** The nearest bfloat16, ties to even: the upper half of a float32. */
function bfloat16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0];
  const upper = ((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(Uint32Array.of(upper).buffer)[0];
}

const meanWarning = ['MEAN_DIVIDES_BY_SUPPORT'];
const defaultBytes = { asked: example, outputs: [['output', 'bytes']], warnings: meanWarning } as const;
const defaultJson = { asked: example, outputs: ['output'], warnings: meanWarning } as const;
const sumOnly = { asked: example, outputs: ['sum'] } as const;
const largeAnswer = { asked: large, outputs: [['none', 'bytes'], 'sum'], warnings: ['NEGATIVE_TERMS'] } as const;
const notFound = { status: 404, code: 'NOT_FOUND' } as const;
const tensorMetadata = (name: string) => ({ name, datatype: 'FP64' });

/** By the name of a case, which both clients have, what it is answered. */
const rows: Record<string, Answered | Refused | Found> = {
  'binary-fp32': {
    title: 'float32 bytes are read as they are, and the vector of the numbers comes as bytes',
    ...defaultBytes,
    asked: rounded(Math.fround),
  },
  'binary-fp64': { title: 'float64 bytes are read', ...defaultBytes },
  'binary-fp16': { title: 'float16 bytes are read', ...defaultBytes, asked: rounded(Math.f16round) },
  'binary-bf16': { title: 'bfloat16 bytes are read', ...defaultBytes, asked: rounded(bfloat16) },
  'int64-counts': { title: 'counts beyond 32 bits are read from INT64', ...defaultBytes, asked: farCounts },
  'uint8-counts': { title: 'counts are read from UINT8', ...defaultBytes, asked: counts },
  'odd-header': { title: 'tensors that are not aligned are read', ...defaultBytes, id: 'odd' },
  'json-fp64': { title: 'flat numbers in JSON are answered in JSON', ...defaultJson },
  'json-fp32': { title: 'float32 numbers that were written as float64 are read', ...defaultJson, asked: rounded(Math.fround) },
  'json-int64-counts': { title: 'integers in JSON are read', ...defaultJson, asked: farCounts },
  'json-without-outputs': { title: 'JSON that names no output is answered with bytes, as binary_data_output asks', ...defaultBytes },
  'json-minus-infinity': {
    title: 'the bare token -Infinity masks a logit',
    asked: masked,
    outputs: ['per_distribution'],
    warnings: ['ZERO_OVER_ZERO'],
  },
  'json-infinity': {
    title: 'the bare token Infinity is refused as a logit, at its place',
    status: 400,
    code: 'INFINITE_ELEMENT',
    pointer: /^#\/inputs\/0\/data\/2$/,
  },
  'json-nan': {
    title: 'the bare token NaN is refused as an element, at its place',
    status: 400,
    code: 'NAN_ELEMENT',
    pointer: /^#\/inputs\/1\/data\/4$/,
  },
  'infinite-answer': {
    title: 'an infinite divergence is "Infinity" in JSON and an infinity in bytes',
    asked: missed,
    outputs: ['sum', ['none', 'bytes'], 'per_distribution', ['distribution_mean', 'bytes']],
    warnings: ['INFINITE_DIVERGENCE', 'NEGATIVE_TERMS'],
  },
  'gzip-request': { title: 'a body in gzip is read; the length of the header counts what comes out', ...defaultBytes },
  'deflate-request': { title: 'a body in deflate (zlib) is read', ...defaultBytes },
  'gzip-json-request': { title: 'JSON in gzip is read', ...defaultJson },
  'gzip-small-answer': { title: 'a small answer is not compressed, though gzip is accepted', ...defaultBytes },
  'gzip-large-answer': { title: 'a large answer may come in gzip when it is asked for', ...largeAnswer, codings: ['gzip', undefined] },
  'deflate-large-answer': {
    title: 'a large answer may come in deflate when it is asked for',
    ...largeAnswer,
    codings: ['deflate', undefined],
  },
  'any-large-answer': {
    title: 'a large answer comes in no coding that the client cannot read, though aiohttp accepts br',
    ...largeAnswer,
    codings: ['gzip', 'deflate', undefined],
  },
  'every-output-json': {
    title: 'every output comes in JSON, in the order of the request',
    asked: example,
    outputs: everyOutput,
    warnings: [...meanWarning, 'NEGATIVE_TERMS'],
  },
  'every-output-binary': {
    title: 'every output comes as bytes, in the order of the request',
    asked: example,
    outputs: everyOutput.map((name) => [name, 'bytes'] as const),
    warnings: [...meanWarning, 'NEGATIVE_TERMS'],
  },
  'mixed-outputs': {
    title: 'outputs in JSON stand between outputs as bytes',
    asked: example,
    outputs: ['sum', ['none', 'bytes'], 'mean', ['per_distribution', 'bytes']],
    warnings: [...meanWarning, 'NEGATIVE_TERMS'],
  },
  reduction: { title: 'output follows the parameter reduction', asked: example, output: ['batchmean'], outputs: ['output'] },
  'reduction-none': {
    title: 'output is a tensor where the reduction is one',
    asked: example,
    output: ['none'],
    outputs: [['output', 'bytes']],
    warnings: ['NEGATIVE_TERMS'],
  },
  'two-reductions': {
    title: 'output holds the reductions of a list, in its order',
    asked: example,
    output: ['sum', 'distribution_mean'],
    outputs: ['output'],
  },
  'dim-integer': { title: 'dim may be an integer', asked: { ...cube, dim: [1] }, outputs: [['per_distribution', 'bytes']] },
  'dim-text': { title: 'dim may be text that lists axes', asked: { ...cube, dim: [0, 1] }, outputs: [['per_distribution', 'bytes']] },
  'dim-out-of-range': {
    title: 'an axis that does not exist is refused at the parameter',
    status: 400,
    code: 'DIM_OUT_OF_RANGE',
    pointer: /^#\/parameters\/dim$/,
    error: /7/,
  },
  kinds: { title: 'the kinds of both inputs are parameters', asked: mixedKinds, outputs: ['sum'] },
  base: { title: 'base is a parameter', asked: { ...example, base: 2 }, outputs: ['sum'] },
  'base-fraction': { title: 'base may be a fraction', asked: { ...example, base: 2.5 }, outputs: ['sum'] },
  strict: { title: 'strict lets an answer through that carries no warning', asked: example, outputs: ['distribution_mean'] },
  'strict-refused': { title: 'strict refuses an answer that carries a warning', status: 400, code: 'STRICT_WARNINGS' },
  'unknown-parameter': { title: 'a parameter that a proxy added is ignored with a warning', ...sumOnly, warnings: ['IGNORED_PARAMETER'] },
  'sequence-and-priority': {
    title: 'sequence and priority, which Triton knows, are ignored with a warning',
    ...sumOnly,
    warnings: ['IGNORED_PARAMETER'],
  },
  timeout: { title: 'a timeout that is long enough changes nothing', ...sumOnly },
  'request-id': { title: 'the id comes back', ...sumOnly, id: 'a request, number 7 – été' },
  'model-version': { title: 'a version in the path is answered', ...sumOnly, version: '1' },
  'unknown-version': { title: 'a version that does not exist is refused', ...notFound, error: /\b2\b/ },
  'unknown-model': { title: 'a model that does not exist is refused by its name', ...notFound, error: /resnet50/ },
  'unknown-output': { title: 'an output that does not exist is refused by its name', status: 400, code: 'INVALID_VALUE', error: /maen/ },
  'shapes-differ': {
    title: 'shapes that differ are refused',
    status: 400,
    code: 'SHAPE_MISMATCH',
    pointer: /^#\/inputs\/1/,
    error: /\[2, 2\]/,
  },
  'one-input': { title: 'a request without target is refused', status: 400, code: 'INVALID_VALUE', error: /target/ },
  'server-live': { title: 'the server is live', body: (body) => assert.deepEqual(body, { live: true }) },
  'server-ready': { title: 'the server is ready', body: (body) => assert.deepEqual(body, { ready: true, live: true }) },
  'model-ready': { title: 'the model is ready', body: (body) => assert.deepEqual(body, { name: 'kl_div', ready: true }) },
  'model-ready-version': { title: 'its version is ready', body: (body) => assert.deepEqual(body, { name: 'kl_div', ready: true }) },
  'unknown-model-ready': { title: 'a model that does not exist is not ready', ...notFound, error: /resnet50/ },
  'server-metadata': { title: 'the server says which extensions it has', body: isServerMetadata },
  'model-metadata': { title: 'the model says what it takes and gives', body: isModelMetadata },
  'model-metadata-version': { title: 'its version says what it takes and gives', body: isModelMetadata },
  'unknown-model-metadata': { title: 'a model that does not exist has no metadata', ...notFound, error: /resnet50/ },
  'model-config': {
    title: 'a call of Triton that is not served is refused in words that the client can read',
    ...notFound,
    error: /config/,
  },
};

test('every capture has a row in this table, and every row its captures', () => {
  const captures = globSync('*.http', { cwd: folder.pathname }).sort();
  assert.deepEqual(captures, clients.flatMap((client) => Object.keys(rows).map((name) => `${client}-${name}.http`)).sort());
});

for (const [name, row] of Object.entries(rows)) {
  for (const client of clients) {
    test(`triton capture ${client}-${name}: ${row.title}`, async () => {
      const { port } = await sharedApp();
      const request = readFileSync(new URL(`${client}-${name}.http`, folder));
      const response = await exchange(port, request);
      if ('outputs' in row) isAnswer(response, row);
      else if ('code' in row) isRefusal(response, row);
      else isFound(response, row);
    });
  }
}

test('the odd header is odd, so that no tensor of that capture is aligned', () => {
  for (const client of clients) {
    const head = readFileSync(new URL(`${client}-odd-header.http`, folder), 'latin1');
    assert.equal(Number(/Inference-Header-Content-Length: (\d+)/.exec(head)?.[1]) % 2, 1);
  }
});

function isFound({ status, headers, body }: Response, row: Found) {
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  row.body(JSON.parse(body.toString()));
}

function isServerMetadata(body: unknown) {
  const { name, version, extensions } = body as Record<string, unknown>;
  assert.equal(typeof name, 'string');
  assert.equal(typeof version, 'string');
  assert.ok(Array.isArray(extensions) && extensions.includes('binary_tensor_data'));
}

function isModelMetadata(body: unknown) {
  const { name, versions, platform, inputs, outputs } = body as Record<string, unknown>;
  assert.equal(name, 'kl_div');
  assert.deepEqual(versions, ['1']);
  assert.equal(typeof platform, 'string');
  const withoutShape = (list: unknown) =>
    (list as { shape: unknown }[]).map(({ shape, ...rest }) => {
      assert.ok(Array.isArray(shape));
      return rest;
    });
  assert.deepEqual(withoutShape(inputs), ['input', 'target'].map(tensorMetadata));
  assert.deepEqual(withoutShape(outputs), [...everyOutput, ...sampleOutputNames].map(tensorMetadata));
}

function isRefusal({ status, headers, body }: Response, row: Refused) {
  const problem = JSON.parse(body.toString());
  assert.deepEqual([status, problem.status, problem.code], [row.status, row.status, row.code]);
  assert.equal(headers.get('content-type'), 'application/json');
  // the clients decode and show this text, and do not decompress it
  assert.equal(headers.get('content-encoding'), undefined);
  assert.match(problem.error, row.error ?? /./);
  for (const member of ['type', 'title', 'detail', 'instance', 'request_id']) assert.equal(typeof problem[member], 'string', member);
  assert.equal(problem.errors.length, problem.error_count);
  assert.match(problem.errors[0].pointer, row.pointer ?? /^#/);
}

function isAnswer(response: Response, row: Answered) {
  assert.equal(response.status, 200, response.body.toString());
  assert.ok((row.codings ?? [undefined]).includes(response.headers.get('content-encoding')), 'Content-Encoding');
  const { json, outputs } = readInference(response);
  assert.equal(json.model_name, 'kl_div');
  if (row.version !== undefined) assert.equal(json.model_version, row.version);
  assert.equal(json.id, row.id);
  const warnings: { code: string }[] = JSON.parse(json.parameters.warnings);
  assert.equal(json.parameters.warning_count, warnings.length);
  assert.deepEqual([...new Set(warnings.map(({ code }) => code))].sort(), [...(row.warnings ?? [])].sort());

  const wanted = row.outputs.map((output) =>
    typeof output === 'string' ? { name: output, bytes: false } : { name: output[0], bytes: true },
  );
  assert.deepEqual(
    outputs.map(({ name, bytes }) => ({ name, bytes })),
    wanted,
  );
  const values = textbook(row.asked ?? example);
  for (const { name, datatype, shape, data } of outputs) {
    const expected = name === 'output' ? asked(values, row.output ?? numbers) : values[name as Output];
    assert.equal(datatype, 'FP64');
    assert.deepEqual(shape, expected.shape, `the shape of ${name}`);
    agree(data, expected.data, name);
  }
}

/** The output that follows `reduction`: one of the values, or the vector of several numbers. */
function asked(values: Record<Output, Tensor>, reductions: readonly Output[]): Tensor {
  if (reductions.length === 1) return values[reductions[0]];
  return tensor(
    [reductions.length],
    reductions.flatMap((name) => values[name].data),
  );
}

/** Equal to 1e-12 of the number, or of 1e-3 for terms that cancel. */
function agree(actual: readonly number[], expected: readonly number[], name: string) {
  assert.equal(actual.length, expected.length, `the length of ${name}`);
  for (const [i, value] of expected.entries()) {
    const near = value === actual[i] || Math.abs(value - actual[i]) <= 1e-12 * Math.max(Math.abs(value), 1e-3);
    assert.ok(near, `${name}[${i}] is ${actual[i]}, expected ${value}`);
  }
}

/** An answer in the words of the binary tensor extension: JSON, then the bytes of the outputs that have a binary_data_size. */
function readInference({ headers, body }: Response) {
  const coding = headers.get('content-encoding');
  const plain = coding === 'gzip' ? gunzipSync(body) : coding === 'deflate' ? inflateSync(body) : body;
  const header = headers.get('inference-header-content-length');
  assert.equal(headers.get('content-type'), header === undefined ? 'application/json' : 'application/octet-stream');
  const json = JSON.parse(plain.toString('utf8', 0, header === undefined ? plain.length : Number(header)));
  let at = Number(header ?? plain.length);
  const outputs = json.outputs.map((output: { name: string; datatype: string; shape: number[]; data?: unknown[]; parameters?: object }) => {
    const { name, datatype, shape, data, parameters } = output;
    if (data !== undefined) return { name, datatype, shape, bytes: false, data: data.map(numberOf) };
    const size = (parameters as { binary_data_size: number }).binary_data_size;
    const copy = new Uint8Array(plain.subarray(at, at + size));
    at += size;
    return { name, datatype, shape, bytes: true, data: [...new Float64Array(copy.buffer)] };
  }) as { name: string; datatype: string; shape: number[]; bytes: boolean; data: number[] }[];
  assert.equal(at, plain.length, 'the bytes are those of the outputs');
  assert.equal(
    header !== undefined,
    outputs.some(({ bytes }) => bytes),
  );
  return { json, outputs };
}

/** What NumPy makes of an element of `data`: infinities are texts. */
function numberOf(element: unknown): number {
  assert.ok(typeof element === 'number' || element === 'Infinity' || element === '-Infinity', String(element));
  return Number(element);
}
