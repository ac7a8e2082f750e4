import assert from 'node:assert/strict';
import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { leftOut } from '../cases.ts';
import { docPage, folderWithDocument, listening, listeningForJobs, run } from '../docs/page.ts';

const page = docPage('docs/clients.md');
const heading = 'Typed client in TypeScript';

const pathTo = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The caller's own compiler and generator; the compiler of the service has no API that the generator could use. */
const path = [pathTo('typescript/node_modules/.bin'), pathTo('../../node_modules/.bin')];

const [example] = page.blocks('ts', heading);
/** To generate the types and to compile them takes seconds, and asks the service little. */
const skip = leftOut;
const address = skip ? '' : await listening();
const jobs = skip ? { address: '', samples: '' } : await listeningForJobs();

/** What the compiler must refuse. */
const wrong = [
  "await post({ input, target, reduction: 'distributionmean' });",
  "await post({ input, target, reduction: ['sum', 'summ'] });",
  "await post({ input, target, reductoin: 'sum' });",
  "await post({ input, target, input_kind: 'probabilities' });",
  "await post({ input, target, dim: '0' });",
  'await post({ input });',
  'await post({ input: 3, target });',
  "await post({ input, target, pseudocount: '1' });",
  "await post({ input, target, bins: 'decile' });",
  "await post({ input, target, confidence: '0.9' });",
  "await post({ input, target, divergences: ['kl'] });",
  "await client.POST('/v2/models/{model}/infer', { params: { path: { model: 'psi' } }, body: { inputs: [] } });",
  'await post({ input: { loc: 0, sigma: 1 }, target });',
  "await post({ input: { outcomes: ['a'] }, target });",
  "await post({ input: { outcomes: ['a', null], values: [1, 2] }, target });",
  "await post({ input: { outcomes: ['a'], values: ['much'] }, target });",
  "await post({ input: { outcomes: ['a'], value: [1] }, target });",
  "await post({ input, target, rest: 'tail' });",
  'await post({ input: [[true]], target });',
  'await post({ input: [[{}]], target });',
  "await post({ input: { shape: [1], data: [1], dtyp: 'float64' }, target });",
  'answer.result;',
  'answer.results.total;',
  'answer.results.sum + 1;',
  "if (answer.results.sum === 'inf') throw answer;",
  'answer.results.none.length;',
  'problem.message;',
  "if (problem.code === 'TEAPOT') throw problem;",
  "await client.POST('/v1/kl_divergence', { body: { input, target } });",
  "await client.GET('/v1/kl-divergence');",
  "await client.POST('/v1/jobs', { body: { input: { uri: 3 }, target: { uri: '' } } });",
  "await client.POST('/v1/jobs', { body: { input: { uri: '' }, target: { uri: '' }, reduction: 'none' } });",
  "await client.POST('/v1/jobs', { body: { input: { uri: '' }, target: { uri: '' }, input_kind: 'samples' } });",
  "await client.GET('/v1/jobs/{id}');",
  "await client.GET('/v1/jobs', { params: { query: { status: 'done' } } });",
];

/** The programs of a caller: one for each test. */
const programs = {
  'example.ts': example.replace('http://127.0.0.1:3000', address),
  'refused.ts': `import createClient from 'openapi-fetch';
import type { components, paths } from './kl-divergence.js';

const client = createClient<paths>({ baseUrl: '${address}' });
const { data, error } = await client.POST('/v1/kl-divergence', { body: { input: [[1, 2]], target: [[1, 2, 3]] } });
const problem: components['schemas']['Problem'] | undefined = error;
const code: 'SHAPE_MISMATCH' | undefined = problem?.code === 'SHAPE_MISMATCH' ? problem.code : undefined;
console.log(data, code, problem?.status, problem?.errors.map(({ pointer }) => pointer));
`,
  'divergences.ts': `import createClient from 'openapi-fetch';
import type { paths } from './kl-divergence.js';

const { POST } = createClient<paths>({ baseUrl: '${address}' });
const counts = { input_kind: 'counts', target_kind: 'counts', pseudocount: 0.5, reduction: 'sum' } as const;
const target = [[50, 30, 20, 0]];
const family = await POST('/v1/divergences', { body: { input: [[40, 30, 25, 5]], target, divergences: ['jeffreys', 'renyi:2'], ...counts } });
console.log(Object.entries(family.data?.divergences ?? {}).map(([name, { results }]) => [name, Number(results.sum).toFixed(6)]));
const batch = await POST('/v1/divergences/batch', {
  body: {
    defaults: { target, weights: [1], divergences: ['jeffreys'], ...counts },
    items: [{ id: 'a', input: [[40, 30, 25, 5]] }, { input: [[1, 2]] }],
  },
});
for (const item of batch.data?.items ?? []) console.log('problem' in item ? item.problem.code : item.divergences['jeffreys']?.results.sum);
const inputs = [[40, 30, 25, 5], [50, 30, 20, 0]].map((data, at) => {
  const name: 'input' | 'target' = at === 0 ? 'input' : 'target';
  return { name, shape: [4], datatype: 'INT64' as const, data };
});
const inferred = await POST('/v2/models/{model}/infer', { params: { path: { model: 'jeffreys' } }, body: { inputs, parameters: counts } });
console.log(inferred.data?.model_name, inferred.data?.outputs[0]?.data);
const [p, q] = [{ outcomes: ['card', 'cash'], values: [3, 2] }, { outcomes: [['cash', 'crypto']], values: [[1, 3]] }];
const listed = await POST('/v1/kl-divergence', { body: { target: { outcomes: [p.outcomes], values: [p.values] }, input: q, reduction: ['none'] } });
console.log(JSON.stringify(listed.data?.results.none));
const wrong = await POST('/v1/divergences', { body: { input: [1], target: [1], divergences: ['psi'] } });
console.log(wrong.error?.errors[0]?.detail);
`,
  'jobs.ts': `import createClient from 'openapi-fetch';
import type { components, paths } from './kl-divergence.js';

const { DELETE, GET, POST } = createClient<paths>({ baseUrl: '${jobs.address}' });
const uri = '${jobs.samples}float32.safetensors';
const body: components['schemas']['JobRequest'] = {
  input: { uri: [uri, uri], tensor: 'input' },
  target: { uri: [uri, uri], tensor: 'target' },
  reduction: ['sum', 'distribution_mean'],
  statistics: true,
};
const header = { 'idempotency-key': 'typed', prefer: 'wait=10' };
const submitted = await POST('/v1/jobs', { body, params: { header } });
let job: components['schemas']['Job'] | undefined = submitted.data;
if (job === undefined) throw submitted.error;
const { id } = job;
while (job !== undefined && !job.done) ({ data: job } = await GET('/v1/jobs/{id}', { params: { path: { id } } }));
if (job?.result === undefined || !('results' in job.result)) throw job?.problem?.detail;
console.log(job.status, job.progress.distributions.done, job.sources.length, Number(job.result.results.sum) > 0, job.result.statistics?.largest.length);
const listed = await GET('/v1/jobs', { params: { query: { status: 'succeeded', limit: 1 } } });
console.log(listed.data?.jobs.map((one) => one.id === id));
const late = await POST('/v1/jobs/{id}/cancel', { params: { path: { id } } });
const deleted = await DELETE('/v1/jobs/{id}', { params: { path: { id } } });
const gone = await GET('/v1/jobs/{id}', { params: { path: { id } } });
console.log(late.data?.status, deleted.response.status, gone.error?.code);
`,
  'uses.ts': `import createClient from 'openapi-fetch';
import type { components, paths } from './kl-divergence.js';

const { GET, POST } = createClient<paths>({ baseUrl: '' });
declare const vector: number[], matrix: number[][], cube: number[][][], more: number[][][][];
type Request = components['schemas']['KlDivergenceRequest'];
export const requests: Request[] = [
  { input: vector, target: vector },
  { input: matrix, target: matrix, input_kind: 'probs', target_kind: 'counts', dim: 0, reduction: 'all', base: 2, strict: true },
  { input: cube, target: more, dim: [0, 1], reduction: ['none'], base: 'e' },
  { input: [[1, '-Infinity']], target: { shape: [1, 2], data: vector }, weights: vector, temperature: 2 },
  { input: vector, target: vector, input_kind: 'counts', target_kind: 'counts', pseudocount: 0.5 },
  { input: { shape: [2], base64: '' }, target: { shape: [2], dtype: 'float32', base64: '' } },
  { input: vector, target: vector, input_kind: 'samples', target_kind: 'samples', bins: 'deciles', confidence: 0.9, seed: 1 },
  { input: [[1, 2], [3]], target: matrix, input_kind: 'samples', target_kind: 'samples', bins: [0, 1, 'Infinity'], sampling: false },
  { input: ['red', null], target: ['blue'], input_kind: 'samples', target_kind: 'samples', missing: 'category' },
  { input: { outcomes: ['a', 'b'], values: vector }, target: { outcomes: ['b'], values: [1] }, input_kind: 'counts', target_kind: 'counts' },
  { input: { outcomes: [[7, 3], [5, -1]], values: [[-0.5, '-Infinity'], vector] }, target: matrix, rest: 'bucket', input_kind: 'log_probs' },
  { input: { outcomes: [[['a']]], values: cube }, target: { outcomes: [[[], ['a']]], values: [[[], [1]]] }, rest: 'zero' },
  { input: { loc: 0, scale: 1 }, target: { loc: matrix, log_variance: matrix }, input_kind: 'normal', target_kind: 'normal' },
];

const { data } = await POST('/v1/kl-divergence', { body: { input: matrix, target: matrix } });
type Sum = number | 'Infinity' | '-Infinity' | 'NaN' | undefined;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
export const same: Same<NonNullable<typeof data>['results']['sum'], Sum> = true;

const none = data?.results.none;
if (Array.isArray(none)) for (const row of none) if (Array.isArray(row)) row.map(Number);
if (typeof none === 'object' && 'data' in none) none.data.map(Number);
if (typeof none === 'object' && 'base64' in none) atob(none.base64);
if (typeof none === 'object' && 'outcomes' in none) for (const row of none.outcomes) if (Array.isArray(row)) row.map(String);
export const covered: number | string | undefined = data?.coverage?.target.least;

export const edges: (number | string)[] | undefined = data?.bins?.edges;
export const chance: Same<NonNullable<NonNullable<typeof data>['sampling']>['p_value'], components['schemas']['ResultTensor']> = true;
const explained = await POST('/v1/kl-divergence/explain', { body: { input: vector, target: vector } });
export const expressions: string[] | undefined = explained.data?.conventions.map(({ expression }) => expression);
export const refused: Same<NonNullable<typeof explained.error>, components['schemas']['Problem']> = true;
const info = await GET('/v1/info');
export const limit: number | undefined = info.data?.limits.body_bytes;
`,
  'misuses.ts': `import createClient from 'openapi-fetch';
import type { components, paths } from './kl-divergence.js';

declare const input: number[][], target: number[][];
const client = createClient<paths>({ baseUrl: '' });
const post = (body: components['schemas']['KlDivergenceRequest']) => client.POST('/v1/kl-divergence', { body });
const { data: answer, error: problem } = await client.POST('/v1/kl-divergence', { body: { input, target } });
if (answer === undefined) {
${wrong
  .filter((line) => line.includes('problem'))
  .map(expectError)
  .join('\n')}
  throw problem;
}
${wrong
  .filter((line) => !line.includes('problem'))
  .map(expectError)
  .join('\n')}
`,
};

let made: ReturnType<typeof newProject> | undefined;

/** The caller's folder with all programs, the types that the page's command makes, and what the compiler says: once for all tests. */
function project(): ReturnType<typeof newProject> {
  made ??= newProject();
  return made;
}

async function newProject() {
  const cwd = folderWithDocument();
  for (const file of ['package.json', 'tsconfig.json']) copyFileSync(pathTo(`typescript/${file}`), join(cwd, file));
  symlinkSync(pathTo('../../node_modules'), join(cwd, 'node_modules'));
  const generated = await run('sh', ['-c', page.command(heading, 'npx openapi-typescript').replace('npx ', '')], { cwd, path });
  assert.equal(generated.status, 0, generated.err);
  assert.doesNotMatch(generated.out + generated.err, /warn|error/i);
  for (const [name, program] of Object.entries(programs)) writeFileSync(join(cwd, name), program);
  return { cwd, compiled: await run('tsc', [], { cwd, path }) };
}

test('the TypeScript client of the page on clients compiles against the generated types, and prints the divergences', {
  skip,
}, async () => {
  const { cwd, compiled } = await project();
  assert.equal(compiled.status, 0, compiled.out);
  const { status, out, err } = await run('node', ['example.ts'], { cwd, path });
  assert.equal(status, 0, err);
  assert.match(out, /^0\.1611\d+ \[ 0\.0560\d+, 0\.2662\d+ \]\n$/);
});

test('what is refused comes back as a problem that TypeScript knows', { skip }, async () => {
  const { cwd, compiled } = await project();
  assert.equal(compiled.status, 0, compiled.out);
  const { out } = await run('node', ['refused.ts'], { cwd, path });
  assert.equal(out, "undefined SHAPE_MISMATCH 422 [ '#/target' ]\n");
});

test('several divergences, a batch that shares its reference, a model of /v2 and lists of outcomes compile and answer', {
  skip,
}, async () => {
  const { cwd, compiled } = await project();
  assert.equal(compiled.status, 0, compiled.out);
  const { out, err } = await run('node', ['divergences.ts'], { cwd, path });
  const [family, ok, refused, model, listed, wrong] = out.split('\n');
  assert.equal(family, "[ [ 'jeffreys', '0.149877' ], [ 'renyi:2', '0.075462' ] ]", err);
  assert.deepEqual([ok.slice(0, 8), refused, model.slice(0, 20)], ['0.149877', 'SHAPE_MISMATCH', 'jeffreys [ 0.1498770']);
  assert.match(listed, /^\{"outcomes":\[\["card","cash","crypto"\]\],"values":\[\["Infinity",0\.\d+,0\]\]\}$/);
  assert.match(wrong, /it is called jeffreys here/);
});

test('a job is submitted, followed, listed and deleted', { skip }, async () => {
  const { cwd, compiled } = await project();
  assert.equal(compiled.status, 0, compiled.out);
  const { out, err } = await run('node', ['jobs.ts'], { cwd, path });
  assert.equal(out, 'succeeded 4 1 true 4\n[ true ]\nsucceeded 204 JOB_NOT_FOUND\n', err);
});

test('arrays of any rank go in without a cast, options may be left out, and answers are narrowed by what they are', { skip }, async () => {
  const { compiled } = await project();
  assert.equal(compiled.status, 0, compiled.out);
});

test('what the service would refuse does not compile, nor does a number that is taken for granted', { skip }, async () => {
  const { compiled } = await project();
  assert.equal(compiled.status, 0, compiled.out);
});

/** A statement that the compiler must refuse: if it does not, it says so. */
function expectError(statement: string): string {
  return `// @ts-expect-error\n${statement}`;
}
