import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generateOpenApi } from '../../openapi/generate.ts';
import { type Example, examples } from '../../src/http/examples.ts';
import { startedApp } from '../helper.ts';

const committed = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8');
const document = JSON.parse(committed);

test('the committed document is the one that the service generates (npm run openapi)', async () => {
  assert.equal(committed, await generateOpenApi());
});

test('the service serves its document', async (t) => {
  const { http } = await startedApp(t);
  const { body } = await http
    .get('/openapi.json')
    .expect(200)
    .expect('content-type', /^application\/json/);
  assert.deepEqual(body, document);
});

test('every schema is named once: no two components are equal, and none is a variant of another', () => {
  const schemas = Object.entries<object>(document.components.schemas);
  const names = schemas.map(([name]) => name);
  assert.equal(new Set(schemas.map(([, schema]) => JSON.stringify(schema))).size, names.length);
  for (const name of names) assert.ok(!names.some((other) => other !== name && /^(Input|Output)$/.test(other.replace(name, ''))), name);
});

test('every schema that is referred to exists, and every one that exists is referred to', () => {
  const referred = new Set([...committed.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
  assert.deepEqual([...referred].sort(), Object.keys(document.components.schemas).sort());
});

test('both operations offer every request example by name', () => {
  for (const path of ['/v1/kl-divergence', '/v1/kl-divergence/explain']) {
    const offered = document.paths[path].post.requestBody.content['application/json'].examples;
    assert.deepEqual(
      Object.fromEntries(Object.entries<Example>(offered).map(([name, { summary }]) => [name, summary])),
      Object.fromEntries(Object.entries<Example>(examples).map(([name, { summary }]) => [name, summary])),
    );
  }
});

test('the response examples are what the service answers', async (t) => {
  const { http } = await startedApp(t);
  const responses = document.paths['/v1/kl-divergence'].post.responses;
  const shown = responses['200'].content['application/json'].examples;
  for (const [name, { value }] of Object.entries<{ value: unknown }>(shown)) {
    const { body } = await http
      .post('/v1/kl-divergence')
      .send(examples[name as keyof typeof examples].request)
      .expect(200);
    assert.deepEqual(body, value, name);
  }
  const refusal = responses['422'].content['application/problem+json'].examples.strict_refusal.value;
  const { body } = await http
    .post('/v1/kl-divergence')
    .set('x-request-id', refusal.request_id)
    .send(examples.strict_refusal.request)
    .expect(422);
  assert.deepEqual(body, refusal);
});
