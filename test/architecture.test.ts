import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const source = new URL('../src/', import.meta.url).pathname;

type Imported = { readonly from: string; readonly to: string; readonly typeOnly: boolean };

/** Every import of every source file. A room is a folder of src/, or a file that stands beside the folders. */
const imports: Imported[] = globSync('**/*.ts', { cwd: source }).flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)].map(([, typeOnly, specifier]) => ({
    from: file,
    to: specifier.startsWith('.') ? relative(source, join(dirname(join(source, file)), specifier)) : specifier,
    typeOnly: typeOnly !== undefined,
  }));
});

const roomOf = (file: string) => file.split('/')[0].replace(/\.ts$/, '');

const rooms = [
  'server',
  'listen',
  'new-key',
  'app',
  'config',
  'errors',
  'problems',
  'machine',
  'wording',
  'http',
  'access',
  'observe',
  'compute',
  'wire',
  'schema',
  'result',
  'core',
  'tensor',
  'kernels',
];

/** The rooms that each room may import from, beside itself; `types` are imported as types only. */
const allowed: Record<string, { rooms: string[]; types: string[]; packages: RegExp }> = {
  server: { rooms: ['app', 'listen', 'config', 'observe'], types: [], packages: /^(node:|close-with-grace$)/ },
  listen: { rooms: [], types: [], packages: /^(node:|fastify$)/ },
  machine: { rooms: [], types: [], packages: /^node:/ },
  'new-key': { rooms: ['access', 'config'], types: [], packages: /^node:/ },
  app: { rooms: ['http', 'observe', 'compute'], types: ['config'], packages: /^fastify$/ },
  config: { rooms: ['machine'], types: [], packages: /^(node:|zod$)/ },
  http: {
    rooms: ['access', 'observe', 'compute', 'wire', 'schema', 'result', 'errors', 'problems', 'wording'],
    types: [],
    packages: /^(node:|fastify$|fastify-zod-openapi$|helmet$|@fastify\/)/,
  },
  observe: { rooms: ['compute', 'result', 'problems'], types: [], packages: /^(node:|pino$|prom-client$|@opentelemetry\/sdk-node$)/ },
  // who may call, and how much
  access: { rooms: ['errors'], types: [], packages: /^(node:|zod$|jose$|rate-limiter-flexible$|ioredis$)/ },
  compute: { rooms: ['wire', 'result', 'core', 'tensor', 'errors', 'wording'], types: [], packages: /^(node:|piscina$)/ },
  wire: { rooms: ['schema', 'core', 'tensor', 'errors', 'wording'], types: ['result'], packages: /^node:/ },
  schema: { rooms: ['core', 'result', 'errors', 'problems', 'wording'], types: ['tensor'], packages: /^zod$/ },
  result: { rooms: ['tensor', 'errors', 'problems', 'wording'], types: ['core'], packages: /^$/ },
  core: { rooms: ['tensor', 'errors', 'wording'], types: [], packages: /^$/ },
  tensor: { rooms: ['errors', 'wording'], types: [], packages: /^$/ },
  errors: { rooms: [], types: ['problems'], packages: /^$/ },
  problems: { rooms: [], types: [], packages: /^$/ },
  wording: { rooms: [], types: [], packages: /^$/ },
  // AssemblyScript, which is loaded as WebAssembly and imported by nobody
  kernels: { rooms: [], types: [], packages: /^$/ },
};

test('every file stands in a room', () => {
  for (const { from } of imports) assert.ok(rooms.includes(roomOf(from)), from);
});

test('data flows one way: each room imports only from the rooms and packages that it may', () => {
  for (const { from, to, typeOnly } of imports) {
    const { rooms: whole, types, packages } = allowed[roomOf(from)];
    const room = roomOf(to);
    if (rooms.includes(room))
      assert.ok(room === roomOf(from) || whole.includes(room) || (typeOnly && types.includes(room)), `${from} imports ${to}`);
    else if (!to.endsWith('.json')) assert.match(to, packages, `${from} imports ${to}`);
  }
});

test('only config.ts reads the environment, and only server.ts ends the process', () => {
  for (const file of globSync('**/*.ts', { cwd: source })) {
    const text = readFileSync(join(source, file), 'utf8');
    if (file !== 'config.ts') assert.doesNotMatch(text, /process\.env/, file);
    if (file !== 'server.ts') assert.doesNotMatch(text, /process\.exit\(/, file);
  }
});

test('core has no clock, no randomness and nothing asynchronous', () => {
  for (const file of globSync('core/*.ts', { cwd: source })) {
    assert.doesNotMatch(readFileSync(join(source, file), 'utf8'), /\b(Date|performance|Math\.random|async|await|Promise)\b/, file);
  }
});

test('no source file is longer than 200 lines', () => {
  for (const file of globSync('**/*.ts', { cwd: source })) {
    assert.ok(readFileSync(join(source, file), 'utf8').split('\n').length <= 201, file);
  }
});
