import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { sampleOutputNames } from '../../src/schema/inference/sample-outputs.ts';

/** A request as it goes over the wire, and the status that it must have. */
export type Dear = {
  readonly path: string;
  readonly method?: string;
  readonly headers?: string;
  readonly body?: Buffer;
  readonly status: number;
};

/** What INLINE_LIMIT_BYTES is by default: a longer body is none that the event loop computes. */
const inlineBytes = 2 ** 15;

/** Zeros become as short by this. */
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

const single = '/v1/kl-divergence';
const explain = '/v1/kl-divergence/explain';
const batch = '/v1/kl-divergence/batch';
const infer = '/v2/models/kl_div/infer';

const repeated = (unit: string, times: number) => Array(times).fill(unit).join(',');
const names = (count: number, nameOf: (index: number) => string, value = '1') =>
  Array.from({ length: count }, (_, index) => `"${nameOf(index)}":${value}`).join(',');
const onesAfter = (size: number) => [size, ...Array(31).fill(1)];
const thousands = (index: number) => index.toString(36);
/** A name of no field: some short ones are. */
const unheardOf = (index: number) => `x${thousands(index)}`;
const slip = (index: number) => `inpu${thousands(index)}`;
const longName = (index: number) => thousands(index).padStart(40, 'x');

/** The longest text that `make` makes of a count and that is still computed on the event loop. */
function fill(make: (count: number) => string, bytes = inlineBytes): string {
  let low = 1;
  let high = bytes;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (make(middle).length <= bytes) low = middle;
    else high = middle - 1;
  }
  return make(low);
}

const lists =
  (input: string, target: string, rest = '"reduction":"all"') =>
  (count: number) =>
    `{"input":[${repeated(input, count)}],"target":[${repeated(target, count)}],${rest}}`;
const flat = (count: number, shape: readonly number[], rest: string) =>
  `{"input":{"shape":[${shape}],"data":[${repeated('1', count)}]},"target":{"shape":[${shape}],"data":[${repeated('2', count)}]},${rest}}`;
const base64 = (count: number) => {
  const tensor = `{"shape":[${onesAfter(count)}],"dtype":"float32","base64":"${Buffer.alloc(4 * count, 0x3c).toString('base64')}"}`;
  return `{"input":${tensor},"target":${tensor},"reduction":"all"}`;
};
const deep = (unit: string) => `${'['.repeat(31)}${unit}${']'.repeat(31)}`;

/** Parameters of distributions, the same on both sides. */
const parameters = (kind: string, names: readonly string[], count: number, value = '1.5') => {
  const side = `{${names.map((name) => `"${name}":[${repeated(value, count)}]`).join(',')}}`;
  return `{"input":${side},"target":${side},"input_kind":"${kind}","target_kind":"${kind}","reduction":"all"}`;
};

/** Identity matrices of n coordinates against twice them. */
const covariances = (n: number, count = 1) => {
  const side = (scale: number) => {
    const rows = Array.from({ length: n }, (_, i) => `[${Array.from({ length: n }, (_, j) => (i === j ? scale : 0))}]`);
    return `{"loc":0,"covariance_matrix":[${repeated(`[${rows}]`, count)}]}`;
  };
  const kinds = '"input_kind":"multivariate_normal","target_kind":"multivariate_normal"';
  return `{"input":${side(1)},"target":${side(2)},${kinds},"reduction":"all"}`;
};

/** Bodies that are JSON and one request, by what makes them dear. */
const jsonBodies: Record<string, readonly [body: string, status: number]> = {
  'every reduction of as many elements as fit': [fill((count) => flat(count, [count, 1], '"reduction":"all"')), 200],
  'every reduction of rows of one element': [fill(lists('[1]', '[2]')), 200],
  'statistics of rows of one element, all of another weight': [
    fill(
      (count) =>
        `${lists('[1]', '[2]', '"statistics":true')(count).slice(0, -1)},"weights":[${Array.from({ length: count }, (_, d) => 1 + (d % 9))}]}`,
    ),
    200,
  ],
  'every reduction of counts in rows, with warnings': [
    fill(lists('[0,9]', '[0,1]', '"reduction":"all","input_kind":"probs","target_kind":"probs"')),
    200,
  ],
  'lists of rank 32': [fill(lists(deep('1'), deep('2'))), 200],
  'base64 of rank 32': [fill(base64), 200],
  '31 axes in dim': [
    fill((count) => flat(count, onesAfter(count), `"reduction":"all","dim":[${Array.from({ length: 31 }, (_, axis) => axis + 1)}]`)),
    200,
  ],
  'gamma distributions': [fill((count) => parameters('gamma', ['concentration', 'rate'], count)), 200],
  'parameters out of their domains': [fill((count) => parameters('exponential', ['rate'], count, '0')), 422],
  'unknown parameters that are slips': [
    fill(
      (count) =>
        `{"input":{${names(count, (index) => `loc${thousands(index)}`)}},"target":{},"input_kind":"normal","target_kind":"normal"}`,
    ),
    422,
  ],
  'a multivariate normal distribution': [fill((count) => covariances(Math.ceil(Math.sqrt(count)))), 200],
  'multivariate normal distributions of one coordinate': [fill((count) => covariances(1, count)), 200],
  'a refusal under strict': [fill(lists('[1]', '[2]', '"reduction":"all","strict":true')), 422],
  'elements that are no numbers': [fill(lists('null', 'null')), 422],
  'ragged lists of rank 32': [
    fill((count) => `{"input":[${deep('1')},${repeated('1', count)}],"target":[[1,2],${repeated('[]', count)}]}`),
    422,
  ],
  'unknown fields that are slips': [fill((count) => `{${names(count, slip)}}`), 422],
  'unknown fields of long names': [fill((count) => `{${names(count, longName)}}`), 422],
  'a name that comes twice at the end': [fill((count) => `{${names(count, thousands)},"0":1}`), 400],
  'an end that is missing': [fill((count) => lists('1', '2')(count).slice(0, -1)), 400],
  'nothing but brackets': ['['.repeat(inlineBytes), 422],
  'nothing but white space': [`${' '.repeat(inlineBytes - 1)}x`, 400],
  'one long text of escapes': [fill((count) => `{"input":"${'\\u0041'.repeat(count)}"}`), 422],
  'wrong options in long lists': [`{"input":1,"target":1,"reduction":[${repeated('"a"', 32)}],"dim":[${repeated('"a"', 32)}]}`, 422],
};

const samples = '"input_kind":"samples","target_kind":"samples"';
const counted = '"input_kind":"counts","target_kind":"counts","reduction":"all"';

/** The dearest bodies with samples, and with counts whose sampling is asked for. */
const sampleBodies: Record<string, readonly [body: string, status: number]> = {
  'deciles of as many samples as fit': [
    fill((count) => listsOf(count, (index) => String((index * 7919) % 9973), `${samples},"bins":"deciles"`)),
    200,
  ],
  'samples in rows of one': [lists('[1]', '[2]', `${samples},"bins":1000,"reduction":"sum"`)(1000), 200],
  'categories that all differ': [fill((count) => listsOf(count, (index) => `"${thousands(index)}"`, samples)), 200],
  'samples that are none': [fill(lists('null', '"x"', samples)), 422],
  'sampling of counts in rows of two': [fill(lists('[7,9]', '[9,8]', `${counted},"sampling":true`)), 200],
  'sampling of fractions': [fill(lists('0.5', '1.5', `${counted},"sampling":true`)), 422],
  'a confidence interval': [lists('17', '19', `${counted},"confidence":0.9`)(500), 200],
  'confidence intervals of rows': [lists('[7,9]', '[9,8]', `${counted},"confidence":0.9`)(250), 200],
};

function listsOf(count: number, entryOf: (index: number) => string, rest: string): string {
  const entries = Array.from({ length: count }, (_, index) => entryOf(index)).join(',');
  return `{"input":[${entries}],"target":[${entries}],${rest}}`;
}

const listed = '"input_kind":"counts","target_kind":"counts","reduction":"all"';
const restOfProbs = '"input_kind":"probs","target_kind":"probs","reduction":"all","rest":"bucket"';

/** The dearest bodies with lists of outcomes. */
const outcomeBodies: Record<string, readonly [body: string, status: number]> = {
  'names that all differ': [fill((count) => outcomesOf(count, (index) => `"${thousands(index)}"`)), 200],
  'names in escapes': [fill((count) => outcomesOf(count, (index) => `"\\n${thousands(index)}"`)), 200],
  'ids far from one another': [fill((count) => outcomesOf(count, (index) => String(index * 7919 * 2 ** 20))), 200],
  'names in rows of one': [fill((count) => outcomesOf(count, () => '["a"]', '[1]')), 200],
  'a name again and again': [fill((count) => outcomesOf(count, () => '"a"')), 422],
  'names with a rest': [fill((count) => outcomesOf(count, (index) => `"${thousands(index)}"`, '0', restOfProbs)), 200],
  'names with a rest and too much mass': [fill((count) => outcomesOf(count, () => '["a"]', '[2]', restOfProbs)), 422],
  'outcomes that are neither': [fill((count) => outcomesOf(count, (index) => (index === 0 ? '"a"' : '0'))), 422],
  'ids with statistics': [fill((count) => outcomesOf(count, () => '[7]', '[1]', `${listed},"statistics":true`)), 200],
};

function outcomesOf(count: number, outcomeOf: (index: number) => string, value = '1', rest = listed): string {
  const outcomes = Array.from({ length: count }, (_, index) => outcomeOf(index)).join(',');
  const side = `{"outcomes":[${outcomes}],"values":[${repeated(value, count)}]}`;
  return `{"input":${side},"target":${side},${rest}}`;
}

/** Lists that a derivation fills up to the longest. */
function unequalLists(longest: number, rows: number): string {
  const row = Array.from({ length: longest }, (_, index) => index);
  const others = '[0]'.repeat(rows).replaceAll('][', '],[');
  const side = `{"outcomes":[[${row}],${others}],"values":[[${row.map(() => 1)}],${others.replaceAll('0', '1')}]}`;
  return `{"input":${side},"target":${side},${listed}}`;
}

const explained: Record<string, readonly [body: string, status: number]> = {
  'every reduction of as many elements as fit': [jsonBodies['every reduction of as many elements as fit'][0], 200],
  'one row of as many elements as fit': [fill(lists('1', '2')), 200],
  'every reduction of 200 elements': [lists('1', '2')(200), 200],
  'lists of rank 32': [fill(lists(deep('1'), deep('2'))), 200],
  'lists of outcomes of which one is long': [unequalLists(400, 24), 200],
};

function safetensors(shape: readonly number[]): Buffer {
  const size = 2 * shape.reduce((product, axis) => product * axis, 1);
  const entry = (from: number) => ({ dtype: 'F16', shape, data_offsets: [from, from + size] });
  const header = Buffer.from(JSON.stringify({ input: entry(0), target: entry(size) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(2 * size, 0x3c)]);
}

const safetensorsType = 'application/vnd.safetensors';
const terms = 'reduction=none,per_distribution&dim=-1';
const kindsOf = (kind: string) => `input_kind=${kind}&target_kind=${kind}`;
const samplesOfBoth = { input_kind: 'samples', target_kind: 'samples' };
const outputs: readonly string[] = ['none', 'per_distribution', 'sum', 'mean', 'batchmean', 'distribution_mean'];

function inference(
  shape: readonly number[],
  parameters: object,
  isBinary: boolean,
  names: readonly string[],
): { head: string; body: Buffer } {
  const binary_data_size = shape.reduce((product, axis) => product * axis, 1);
  const input = (name: string) => ({ name, shape, datatype: 'UINT8', parameters: { binary_data_size } });
  const wanted = names.map((name) => ({ name, parameters: { binary_data: isBinary } }));
  const header = Buffer.from(JSON.stringify({ parameters, inputs: ['input', 'target'].map(input), outputs: wanted }));
  return {
    head: `Inference-Header-Content-Length: ${header.length}`,
    body: Buffer.concat([header, Buffer.alloc(2 * binary_data_size, 7)]),
  };
}

const inferenceText = (count: number, number: string, parameters: string) => {
  const input = (name: string) => `{"name":"${name}","shape":[${count}],"datatype":"FP64","data":[${repeated(number, count)}]}`;
  const wanted = outputs.map((name) => `{"name":"${name}"}`);
  return `{"inputs":[${input('input')},${input('target')}],"outputs":[${wanted}],"parameters":{${parameters}}}`;
};

/** Lines of a stream: a hundred, or as many as fit, or so many. */
const lines = (line: string, count = Math.min(100, Math.floor(inlineBytes / (line.length + 1)))) => Buffer.from(`${line}\n`.repeat(count));
const lineBodies: Record<string, Buffer> = {
  'a thousand of one character': lines('x', 1000),
  'with 24 unknown fields': lines(`{${names(24, slip)}}`),
  'with 24 unknown fields of long names': lines(`{${names(24, longName)}}`),
  'with 32 reductions that there are not': lines(`{"input":[1],"target":[1],"reduction":[${repeated('"aaaaaaaaaaaaaaaa"', 32)}]}`),
  'with 13 reductions that there are not': lines(`{"input":[1],"target":[1],"reduction":[${repeated('"aaaaaaaaaaaaaaaa"', 13)}]}`),
  'with every option wrong': lines(
    `{"input":1,"target":1,"reduction":[${repeated('0', 32)}],"dim":[${repeated('"a"', 32)}],"base":[],"strict":0,"input_kind":"a"}`,
  ),
  'that are computed': lines('{"input":[[1,2],[3,4],[5,6],[7,8],[9,10]],"target":[[1,2],[3,4],[5,6],[7,8],[9,10]],"dim":0}'),
  'of one request, as long as fits': Buffer.from(`${fill((count) => lists('[1]', '[2]')(count), inlineBytes - 1)}\n`),
  'of lists of rank 32': Buffer.from(`${fill((count) => lists(deep('1'), deep('2'))(count), inlineBytes - 1)}\n`),
  'that are blank, 64 KiB of them': Buffer.alloc(2 ** 16, '\n'),
};

const json = (path: string, text: string | Buffer, status: number, headers = ''): Dear => ({
  path,
  status,
  headers: `Content-Type: application/json\r\n${headers}`,
  body: Buffer.from(text),
});
const stream = (body: Buffer): Dear => ({ path: batch, status: 200, headers: 'Content-Type: application/x-ndjson\r\n', body });
const zipped = ({ headers = '', body = Buffer.alloc(0), ...rest }: Dear): Dear => ({
  ...rest,
  headers: `${headers}Content-Encoding: gzip\r\n`,
  body: gzipSync(body),
});
/** A request whose body is made when it is asked for: whoever sends another need not wait for what is large. */
const whenAsked = (dear: Dear, make: () => Buffer): Dear => ({
  ...dear,
  get body() {
    return make();
  },
});
const zeros = (mebibytes: number) => Buffer.alloc(mebibytes * 2 ** 20);
const tensors = (shape: readonly number[], query: string, headers = '', status = 200): Dear => ({
  path: `${single}?${query}`,
  status,
  headers: `Content-Type: ${safetensorsType}\r\n${headers}`,
  body: safetensors(shape),
});
const binary = (shape: readonly number[], parameters: object, isBinary: boolean, names = outputs): Dear => {
  const { head, body } = inference(shape, parameters, isBinary, names);
  return { path: infer, status: 200, headers: `${head}\r\n`, body };
};

/** A body in two chunks, as HTTP frames them. */
const inChunks = (body: Buffer): Buffer => {
  const [first, rest] = [body.subarray(0, 1), body.subarray(1)].map((bytes) => [
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...first, ...rest, Buffer.from('0\r\n\r\n')]);
};

const rank32 = tensors(onesAfter(8000), `${terms}&${kindsOf('probs')}`);
const longestHeader = Buffer.from(fill((count) => `{"inputs":[],"parameters":{${names(count, thousands, 'NaN')}}}`, 2 ** 16));

/** What a request of each endpoint and format can cost the event loop at most, under the title of what it is. */
export const dearest: Readonly<Record<string, Dear>> = {
  ...byTitle('JSON', jsonBodies, ([body, status]) => json(single, body, status)),
  ...byTitle('JSON', sampleBodies, ([body, status]) => json(single, body, status)),
  ...byTitle('JSON, lists of outcomes', outcomeBodies, ([body, status]) => json(single, body, status)),
  ...byTitle('explain', explained, ([body, status]) => json(explain, body, status)),
  'explain: gzip of as many elements as fit': zipped(json(explain, explained['every reduction of as many elements as fit'][0], 200)),
  'safetensors: rank 32': rank32,
  'safetensors: rank 32, gzip': zipped(rank32),
  'safetensors: rank 32, gzip, answered in br': zipped({ ...rank32, headers: `${rank32.headers}Accept-Encoding: br\r\n` }),
  'safetensors: rank 32, every axis in dim': tensors(onesAfter(8000), `dim=${[...Array(32).keys()]}&reduction=all`),
  'safetensors: rank 32, answered as such': tensors(onesAfter(8000), terms, `Accept: ${safetensorsType}\r\n`),
  ...Object.fromEntries(
    ['probs', 'log_probs', 'logits', 'counts'].map((kind) => [
      `safetensors: every reduction of ${kind}`,
      tensors([4000, 2], `dim=0&reduction=all&${kindsOf(kind)}`),
    ]),
  ),
  'safetensors: every reduction of counts with a pseudocount': tensors(
    [4000, 2],
    `dim=0&reduction=all&pseudocount=0.1&${kindsOf('counts')}`,
  ),
  'safetensors: a query of unknown parameters': tensors(
    [8],
    fill((count) => [...Array(count).keys()].map((index) => `dimm${index}=`).join('&'), 15_000),
    '',
    422,
  ),
  'safetensors: a query of long lists': tensors([8], `reduction=${'a,'.repeat(7_000)}`, '', 422),
  '/v2: one byte an element, every output': binary([16_000], { reduction: 'none' }, false),
  '/v2: one byte an element, every output as bytes': binary([16_000], { reduction: 'none' }, true),
  '/v2: one byte an element, rank 32': binary(onesAfter(15_500), { reduction: 'none', input_kind: 'counts', target_kind: 'counts' }, false),
  '/v2: numbers in JSON, every output': json(
    infer,
    fill((count) => inferenceText(count, '1', '"reduction":"none"')),
    200,
  ),
  '/v2: samples in deciles, one byte each': binary([16_000], { ...samplesOfBoth, bins: 'deciles' }, false, ['sum', 'bins.edges']),
  '/v2: samples in rows of one, every output as bytes': binary([8000, 1], { ...samplesOfBoth, bins: 2 }, true, [
    ...outputs,
    ...sampleOutputNames,
  ]),
  '/v2: samples in JSON, in bins of their own': json(
    infer,
    fill((count) => inferenceText(count, '1', '"input_kind":"samples","target_kind":"samples","bins":4000')),
    200,
  ),
  '/v2: numbers that are NaN': json(
    infer,
    fill((count) => inferenceText(count, 'NaN', '"reduction":"none"')),
    400,
  ),
  '/v2: parameters that mean nothing here': json(
    infer,
    fill((count) => inferenceText(1, '1', names(count, unheardOf))),
    200,
  ),
  '/v2: parameters that mean nothing here, under strict': json(
    infer,
    fill((count) => inferenceText(1, '1', `"strict":true,${names(count, unheardOf)}`)),
    400,
  ),
  '/v2: a header of 64 KiB': {
    path: infer,
    status: 400,
    headers: `Inference-Header-Content-Length: ${longestHeader.length}\r\n`,
    body: Buffer.concat([longestHeader, Buffer.alloc(8)]),
  },
  'batch: a thousand requests that are none': json(batch, `{"items":[${repeated('0', 1000)}]}`, 200),
  'batch: a thousand requests that are none, under defaults': json(
    batch,
    `{"defaults":{"dim":0},"items":[${repeated('{"inpu":1}', 1000)}]}`,
    200,
  ),
  ...byTitle('lines', lineBodies, stream),
  ...byTitle('lines in gzip', lineBodies, (body) => zipped(stream(body))),
  'compressed: gzip of 256 MiB': whenAsked(json(single, '', 413, 'Content-Encoding: gzip\r\n'), () => gzipSync(zeros(256), { level: 1 })),
  'compressed: brotli of 256 MiB': whenAsked(json(single, '', 413, 'Content-Encoding: br\r\n'), () => brotliCompressSync(zeros(256), fast)),
  'compressed: gzip of 60 MiB for a worker': whenAsked(tensors([1], '', 'Content-Encoding: gzip\r\n', 400), () => gzipSync(zeros(60))),
  'chunked: 60 MiB for a worker': whenAsked(tensors([1], '', 'Transfer-Encoding: chunked\r\n', 400), () => inChunks(zeros(60))),
  'a path that there is not, of 15 000 characters': { path: `/${'x/'.repeat(7_500)}`, status: 404 },
  'a method that there is not here': { path: single, method: 'DELETE', status: 405 },
  'a preflight': {
    path: single,
    method: 'OPTIONS',
    status: 405,
    headers: 'Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n',
  },
  'headers as many as there may be': {
    path: '/livez',
    status: 200,
    headers: fill((count) => [...Array(count).keys()].map((index) => `x${index}: y\r\n`).join(''), 14_000),
  },
  '/livez': { path: '/livez', status: 200 },
  '/readyz': { path: '/readyz', status: 200 },
  '/metrics': { path: '/metrics', status: 200 },
  '/v1/info': { path: '/v1/info', status: 200 },
  '/problems/invalid-json': { path: '/problems/invalid-json', status: 200 },
  '/v2': { path: '/v2', status: 200 },
  '/v2/models/kl_div': { path: '/v2/models/kl_div', status: 200 },
  '/docs/': { path: '/docs/', status: 200 },
  '/docs/static/swagger-ui-bundle.js': { path: '/docs/static/swagger-ui-bundle.js', status: 200 },
};

/** Documents that are made of the schemas: what they cost is their first call. */
export const documents: readonly string[] = ['/openapi.json', '/docs/json', '/docs/yaml'];

function byTitle<Body>(what: string, bodies: Readonly<Record<string, Body>>, make: (body: Body) => Dear): Record<string, Dear> {
  return Object.fromEntries(Object.entries(bodies).map(([title, body]) => [`${what}: ${title}`, make(body)]));
}
