import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { reductionNames } from '../src/core/reductions.ts';
import { problemPath } from '../src/errors/problem-details.ts';
import { problemCodes, problems } from '../src/errors/problems.ts';
import { anyKindNames, requestFields } from '../src/schema/request.ts';
import { warningCodes, warnings } from '../src/warnings/warnings.ts';
import { docPage } from './docs/page.ts';
import { startedApp } from './helper.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const {
  components: { schemas, headers },
  paths,
} = JSON.parse(readFileSync(new URL('../openapi/openapi.json', import.meta.url), 'utf8'));

/** The rows of the first table under a heading of the README, split into cells without code marks. */
function table(heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.replaceAll('`', '')),
  );
}

test('the README lists exactly the reductions', () => {
  assert.deepEqual(
    table('Reductions').map(([name]) => name),
    reductionNames,
  );
});

test('the page on the API names every field of a request and every kind', () => {
  const api = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');
  for (const name of [...requestFields, ...anyKindNames]) assert.ok(api.includes(`\`${name}\``), name);
});

test('the page on the API has tables of all members of an answer, and of its statistics', () => {
  const api = docPage('docs/api.md');
  const members = (heading: string) =>
    [...api.section(heading).matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, names]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  assert.deepEqual(members('Answer').sort(), Object.keys(schemas.KlDivergenceAnswer.properties).sort());
  assert.deepEqual(members('Statistics').sort(), Object.keys(schemas.KlDivergenceStatistics.properties).sort());
});

test('the page on the API names every header of the document', () => {
  const inRequests = Object.values<Record<string, { parameters?: { in: string; name: string }[] }>>(paths)
    .flatMap((path) => Object.values(path))
    .flatMap(({ parameters = [] }) => parameters.filter((one) => one.in === 'header').map(({ name }) => name));
  const api = docPage('docs/api.md').section('Headers').toLowerCase();
  const missing = [...new Set([...Object.keys(headers), ...inRequests])].filter((name) => !api.includes(`\`${name.toLowerCase()}\``));
  assert.deepEqual(missing, []);
});

for (const [path, schema] of [
  ['docs/inference-protocol.md', 'InferenceParameters'],
  ['docs/whole-corpus.md', 'JobRequest'],
] as const) {
  test(`${path} names every member of ${schema}`, () => {
    const { text } = docPage(path);
    assert.deepEqual(
      Object.keys(schemas[schema].properties).filter((name) => !new RegExp(`[\`"]${name}[\`"]`).test(text)),
      [],
    );
  });
}

test('the document lists exactly the warnings, problems, kinds and reductions of the catalogues', () => {
  assert.deepEqual(schemas.WarningCode.enum, warningCodes);
  assert.deepEqual(schemas.ProblemCode.enum, problemCodes);
  assert.deepEqual(schemas.Kind.enum, anyKindNames);
  assert.deepEqual(schemas.ReductionName.enum, reductionNames);
  for (const code of warningCodes) assert.ok(schemas.WarningCode.description.includes(`\`${code}\` (${warnings[code].severity})`));
  for (const code of problemCodes) assert.ok(schemas.ProblemCode.description.includes(`\`${code}\` (${problems[code].status})`));
});

test('/v1/info lists exactly the same, and the limits of this instance', async (t) => {
  const { http } = await startedApp(t, { BODY_LIMIT_BYTES: '1000', MAX_ELEMENTS: '500', INLINE_LIMIT_BYTES: '100' });
  const { body } = await http.get('/v1/info').expect(200);
  assert.deepEqual(
    body.warnings,
    warningCodes.map((code) => ({ code, severity: warnings[code].severity, when: warnings[code].when })),
  );
  assert.deepEqual(
    body.problems,
    problemCodes.map((code) => ({ code, ...problems[code], type: problemPath(code) })),
  );
  const namesOf = (rows: { name: string }[]) => rows.map(({ name }) => name);
  assert.deepEqual([namesOf(body.kinds), namesOf(body.reductions)], [anyKindNames, reductionNames]);
  assert.deepEqual(body.limits, {
    body_bytes: 1000,
    inline_body_bytes: 100,
    batch_items: 1000,
    elements_per_tensor: 500,
    explained_elements_per_tensor: 500,
    rank: 32,
  });
});
