import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const source = new URL('../src/', import.meta.url).pathname;
const tests = new URL('.', import.meta.url).pathname;

const assemblyScript = /^kernels\/assembly\//;
const files = globSync('**/*.ts', { cwd: source });
const typeScript = files.filter((file) => !assemblyScript.test(file));
const textOf = (file: string) => readFileSync(join(source, file), 'utf8');

/** The files and packages that each file imports, types included. */
const imports = typeScript.flatMap((file) =>
  [...textOf(file).matchAll(/^(?:import|export)\s+(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)].map(([, specifier]) => ({
    from: file,
    to: specifier.startsWith('.') ? relative(source, join(dirname(join(source, file)), specifier)) : specifier,
    isOurs: specifier.startsWith('.') && !specifier.endsWith('.json'),
  })),
);

/**
 * The folders of src/, and the files that stand beside them, from the bottom up: each imports only from rows above its own, and from the
 * packages that stand beside it.
 */
const layers: readonly (readonly [string, RegExp])[] = [
  ['errors', /^$/],
  ['memory', /^node:v8$/],
  ['tensor', /^$/],
  ['core', /^node:module$/],
  ['core/statistics', /^$/],
  ['core/samples', /^$/],
  ['core/closed-forms', /^$/],
  ['core/divergences', /^$/],
  ['core/neighbors', /^$/],
  ['core/sampling', /^$/],
  ['core/explain', /^$/],
  ['core/outcomes', /^node:crypto$/],
  ['kernels', /^node:/],
  ['warnings', /^$/],
  ['schema/operands', /^zod$/],
  ['schema', /^zod$/],
  ['schema/inference', /^zod$/],
  ['formats', /^$/],
  ['formats/json/write', /^node:/],
  ['formats/json', /^node:/],
  ['formats/safetensors', /^node:/],
  ['formats/inference', /^node:/],
  ['sources', /^(node:|undici$|aws4fetch$|ipaddr\.js$|hyparquet$|hyparquet-compressors$)/],
  ['tasks/solve', /^$/],
  ['tasks', /^$/],
  ['pool', /^node:/],
  ['jobs/shards', /^node:/],
  ['jobs', /^(node:|zod$)/],
  ['jobs/engines', /^node:/],
  ['jobs/engines/local', /^node:/],
  ['jobs/engines/bullmq', /^(node:|bullmq$|ioredis$)/],
  ['jobs/instance', /^node:/],
  ['telemetry', /^(node:|pino$|prom-client$|@opentelemetry\/sdk-node$)/],
  ['auth', /^(node:|zod$|jose$|rate-limiter-flexible$|ioredis$)/],
  ['http/headers', /^(node:|fastify$)/],
  ['http/body', /^(node:|fastify$)/],
  ['http/connection', /^(node:|fastify$)/],
  ['http/hooks', /^(node:|fastify$|fastify-zod-openapi$|helmet$|@fastify\/)/],
  ['http', /^(node:|fastify$)/],
  ['http/openapi', /^(node:|fastify$|fastify-zod-openapi$|@fastify\/)/],
  ['http/routes', /^(node:|fastify$|fastify-zod-openapi$|@fastify\/)/],
  ['system-resources.ts', /^node:/],
  ['setting-kinds.ts', /^(node:|zod$)/],
  ['job-settings.ts', /^zod$/],
  ['settings.ts', /^zod$/],
  ['misspelt-settings.ts', /^$/],
  ['config.ts', /^zod$/],
  ['create-api-key.ts', /^node:/],
  ['app.ts', /^(node:|fastify$)/],
  ['server.ts', /^(node:|close-with-grace$)/],
  ['explorer/dom', /^$/],
  ['explorer/tensors', /^$/],
  ['explorer/files', /^$/],
  ['explorer/text', /^@lezer\/(common|json)$/],
  ['explorer/service', /^$/],
  ['explorer/state', /^$/],
  ['explorer/results', /^$/],
  ['explorer/pictures', /^@observablehq\/plot$/],
  ['explorer/editors', /^(@codemirror\/|@lezer\/highlight$)/],
  ['explorer/code', /^$/],
  ['explorer/panels', /^$/],
  ['explorer/jobs', /^$/],
  ['explorer', /^(node:|esbuild$)/],
];

const layerOf = (file: string) => (dirname(file) === '.' ? file : dirname(file));
const heightOf = (file: string) => layers.findIndex(([name]) => name === layerOf(file));

test('every file stands in a folder that the table of layers knows', () => {
  assert.deepEqual(
    typeScript.filter((file) => heightOf(file) === -1 && !file.endsWith('.d.ts')),
    [],
  );
});

test('imports point downwards, those of types too, and name only the packages of their layer', () => {
  for (const { from, to, isOurs } of imports) {
    if (isOurs) assert.ok(heightOf(to) <= heightOf(from), `${from} imports ${to}, which stands above it`);
    else if (!to.endsWith('.json')) assert.match(to, layers[heightOf(from)][1], `${from} imports ${to}`);
  }
});

test('the page in the browser and the service in Node import nothing of one another', () => {
  const isPage = (file: string) => file.startsWith('explorer/');
  for (const { from, to, isOurs } of imports) if (isOurs) assert.equal(isPage(from), isPage(to), `${from} imports ${to}`);
});

test('no file imports itself by way of others, types included', () => {
  const done = new Set<string>();
  function visit(file: string, path: readonly string[]): void {
    assert.ok(!path.includes(file), [...path, file].join(' -> '));
    if (done.has(file)) return;
    for (const { from, to, isOurs } of imports) if (isOurs && from === file) visit(to, [...path, file]);
    done.add(file);
  }
  for (const file of typeScript) visit(file, []);
});

test('no folder of src holds more than 20 files', () => {
  for (const folder of new Set(files.map(dirname))) {
    assert.ok(readdirSync(join(source, folder), { withFileTypes: true }).filter((entry) => entry.isFile()).length <= 20, folder);
  }
});

test('no source file is longer than 200 lines', () => {
  for (const file of files) assert.ok(textOf(file).trimEnd().split('\n').length <= 200, file);
});

// the loops of AssemblyScript keep their state in the registers of one function
test('no function is longer than 80 lines, but for AssemblyScript', () => {
  for (const file of typeScript) {
    let start: number | undefined;
    for (const [index, line] of textOf(file).split('\n').entries()) {
      if (/^(export )?((async )?function|const .*=> \{$)/.test(line)) start = index;
      else if (/^\};?$/.test(line) && start !== undefined) {
        assert.ok(index - start < 80, `${file}:${start + 1} has ${index - start + 1} lines`);
        start = undefined;
      }
    }
  }
});

test('files and declared names have the spelling of the US', () => {
  const declared = /\b(?:const|let|function\*?|type|class|readonly)\s+(\w+)|^\s+(\w+)\??:/gm;
  const names = typeScript.flatMap((file) => [
    file,
    ...[...textOf(file).matchAll(declared)].map(([, name, key]) => `${file}: ${name ?? key}`),
  ]);
  const british = /(normal|general|serial|optim|initial)is(e|ing|ation)|neighbour|colour|behaviour/i;
  assert.deepEqual(
    names.filter((name) => british.test(name)),
    [],
  );
});

test('folders of tests mirror those of src', () => {
  const others = /^(bench|clients|deploy|faults|fixtures|golden|docs)(\/|$)/;
  const folders = new Set(files.map(dirname));
  for (const file of globSync('**/*.test.ts', { cwd: tests })) {
    const folder = dirname(file);
    assert.ok(folder === '.' || others.test(folder) || folders.has(folder), `${basename(file)} in ${folder}`);
  }
});

test('only config.ts reads the environment, and only server.ts ends the process', () => {
  for (const file of files) {
    // code that the page shows to visitors may
    if (file !== 'config.ts' && file !== 'explorer/code/snippets.ts') assert.doesNotMatch(textOf(file), /process\.env/, file);
    if (file !== 'server.ts') assert.doesNotMatch(textOf(file), /process\.exit\(/, file);
  }
});

test('core has no clock, no randomness and nothing asynchronous', () => {
  for (const file of globSync('core/**/*.ts', { cwd: source })) {
    assert.doesNotMatch(textOf(file), /\b(Date|performance|Math\.random|async|await|Promise)\b/, file);
  }
});
