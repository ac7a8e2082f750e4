import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { binRules } from '../../src/core/samples/edges.ts';
import { startedApp } from '../helper.ts';
import { docPage, listening, run } from './page.ts';

const page = docPage('docs/samples.md');

for (const path of ['docs/samples.md', 'docs/nearest-neighbours.md']) {
  test(`the request of ${path} gets the answer that the page shows`, async (t) => {
    const { http } = await startedApp(t);
    const [sent, shown] = docPage(path).blocks('json', 'A request and its answer');
    const { body } = await http.post('/v1/kl-divergence').send(JSON.parse(sent)).expect(200);
    assert.deepEqual(body, JSON.parse(shown));
  });
}

test('the page on samples has every rule for bins', () => {
  const rules = [...page.section('Bins').matchAll(/^\| `"(\w+)"`/gm)].map(([, name]) => name);
  assert.deepEqual(rules, Object.keys(binRules));
});

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import numpy, requests']).status === 0);

test('the Python of the page on samples prints what the page shows', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async () => {
  const service = await listening();
  const [code] = page.blocks('python', 'PSI');
  const { out, err } = await run(python ?? '', ['-c', code.replace('http://127.0.0.1:3000', service)]);
  assert.equal(out, page.blocks('text', 'PSI')[0], err);
});
