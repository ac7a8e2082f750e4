import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

type Package = {
  version?: string;
  license?: string;
  dev?: boolean;
  link?: boolean;
  dependencies?: Record<string, string>;
  engines?: { node?: string };
  hasInstallScript?: boolean;
};

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
const packageJson = read('package.json') as {
  engines: { node: string };
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
const locked = Object.entries(read('package-lock.json').packages as Record<string, Package>).filter(([path]) =>
  path.includes('node_modules/'),
);
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const shipped = locked.filter(([, { dev, link }]) => dev !== true && link !== true);

/** Versions below these have holes that are known: see the advisories. */
const floors: Record<string, { lowest: string; why: string }> = {
  fastify: { lowest: '5.12.1', why: 'CVE-2026-33806, CVE-2026-25223' },
  '@fastify/proxy-addr': { lowest: '5.1.1', why: 'CVE-2026-92395' },
};

const parts = (version: string) => version.split('.').map(Number);

function isAtLeast(version: string, lowest: string): boolean {
  const [have, need] = [parts(version), parts(lowest)];
  const differing = need.findIndex((part, place) => have[place] !== part);
  return differing === -1 || have[differing] > need[differing];
}

for (const [name, { lowest, why }] of Object.entries(floors)) {
  test(`${name} is at least ${lowest} wherever it is installed (${why})`, () => {
    const versions = locked.filter(([path]) => nameOf(path) === name).map(([, { version = '' }]) => version);
    assert.ok(versions.length > 0);
    for (const version of versions) assert.ok(isAtLeast(version, lowest), version);
  });
}

test('the Node of the tests and that of the image are of a release that is not known to have holes', () => {
  const [[, { version = '' }]] = locked.filter(([path]) => path === 'node_modules/node');
  const holds = (one: string) => (parts(one)[0] === 24 ? isAtLeast(one, '24.18.1') : isAtLeast(one, '26.0.0'));
  assert.ok(holds(version), version);
  assert.ok(holds(process.versions.node), process.versions.node);
  const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8');
  for (const [, image] of dockerfile.matchAll(/^FROM node:(\d+)/gm)) assert.equal(Number(image), parts(version)[0]);
});

test('tokens are not verified by fast-jwt (CVE-2026-34950, CVE-2026-35039)', () => {
  assert.ok(!locked.some(([path]) => nameOf(path) === 'fast-jwt'));
});

test('no source trusts a number of proxies or all of them, nor gives a body a schema by its content type', () => {
  for (const file of globSync('src/**/*.ts', { cwd: new URL('..', import.meta.url).pathname })) {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
    assert.doesNotMatch(text, /\btrustProxy:\s*(true|\d)/, file);
    assert.doesNotMatch(text, /\bbody:\s*\{\s*content\b/, file);
  }
});

test('at most twenty packages are needed directly, and only OpenTelemetry and BullMQ beside them, each by its exact version', () => {
  const { dependencies, optionalDependencies } = packageJson;
  assert.ok(Object.keys(dependencies).length <= 20, Object.keys(dependencies).join(', '));
  assert.deepEqual(Object.keys(optionalDependencies), ['@opentelemetry/sdk-node', 'bullmq']);
  for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

const free = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'MIT-0', 'Unlicense', 'CC0-1.0'];

test('everything that is shipped is under a free licence', () => {
  assert.ok(shipped.length > 50);
  for (const [path, { license = 'none' }] of shipped) {
    const any = license.replace(/[()]/g, '').split(' OR ');
    assert.ok(
      any.some((one) => free.includes(one)),
      `${path}: ${license}`,
    );
  }
});

/** Whether a range of `engines` admits a version: of each alternative, its first bound counts. */
function admits(range: string, version: string): boolean {
  return range.split('||').some((alternative) => {
    const [, operator, lowest] = /^\s*(>=|\^|~)?\s*([\d.]+)/.exec(alternative) ?? ['', '>=', '0'];
    return isAtLeast(version, lowest) && (operator === '>=' || parts(version)[0] === parts(lowest)[0]);
  });
}

test('npm ci warns of no package that is not for the Node that the README asks for', () => {
  const [, node] = /Node ([\d.]+) or later and npm are enough/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? [];
  assert.equal(packageJson.engines.node, `>=${node}`);
  const others = locked.filter(([, { engines }]) => engines?.node !== undefined && !admits(engines.node, `${node}.0`));
  assert.deepEqual(
    others.map(([path, { engines }]) => `${path}: ${engines?.node}`),
    [],
  );
});

test('of each package with a script at its installation it is said whether that runs', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
  assert.deepEqual(scripted.toSorted(), Object.keys(packageJson.allowScripts).toSorted());
});
