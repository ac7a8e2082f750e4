import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import biome from '../biome.json' with { type: 'json' };
import packageJson from '../package.json' with { type: 'json' };
import { filesOf } from './all-together/tests-of.ts';

const root = new URL('../', import.meta.url);

test('npm test runs every file of tests once, alone or in a group', () => {
  const patterns = ['test:together', 'test:alone'].flatMap((name) =>
    [...packageJson.scripts[name as 'test:alone'].matchAll(/"(test\/.*?)"/g)].map(([, pattern]) => pattern),
  );
  const named = patterns.flatMap((pattern) => globSync(pattern, { cwd: root.pathname }));
  const run = named.flatMap((file) => {
    const folder = /\btestsOf\('(.*)'\)/.exec(readFileSync(new URL(file, root), 'utf8'))?.[1];
    return file.endsWith('.group.ts') && folder !== undefined ? filesOf(folder).map((one) => `test/${one}`) : [file];
  });
  assert.deepEqual(run.toSorted(), globSync('test/**/*.test.ts', { cwd: root.pathname, exclude: ['**/node_modules'] }).toSorted());
});

test('comments are as wide as the formatter lets code be, at most', () => {
  const { lineWidth } = biome.formatter;
  const files = globSync('{src,test,docs,openapi}/**/*.ts', { cwd: root.pathname, exclude: ['**/node_modules'] });
  const long = files.flatMap((file) =>
    readFileSync(new URL(file, root), 'utf8')
      .split('\n')
      .flatMap((line, index) => (line.length > lineWidth && /^\s*(\/\/|\/?\*)/.test(line) ? [`${file}:${index + 1}`] : [])),
  );
  assert.deepEqual(long, []);
});
