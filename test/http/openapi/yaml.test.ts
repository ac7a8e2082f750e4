import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import document from '../../../openapi/openapi.json' with { type: 'json' };
import { yamlOf } from '../../../src/http/openapi/yaml.ts';
import { sharedApp } from '../../helper.ts';

test('a value as YAML is read as that value, by YAML 1.2 and by 1.1, whatever its keys and texts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      const value = JSON.parse(text);
      const yaml = (await Array.fromAsync(yamlOf(value))).join('');
      for (const version of ['1.2', '1.1'] as const) assert.deepEqual(parse(yaml, { version }), value);
    }),
    { examples: [['{"no": "yes", "on": [null, [], {}, [[1]], [{"": "a: b\\n- c"}]], "200": 1e300}']] },
  );
});

for (const path of ['/openapi.json', '/docs/json', '/docs/yaml']) {
  test(`${path} is not sent to a client that has it`, async () => {
    const { http } = await sharedApp();
    const { headers } = await http.get(path).expect(200).expect('cache-control', 'no-cache');
    assert.match(headers.etag, /^"[\da-f]{32}/);
    const { text } = await http.get(path).set('if-none-match', headers.etag).expect(304).expect('etag', headers.etag);
    assert.equal(text, '');
    await http.get(path).set('if-none-match', '"other"').expect(200);
  });
}

test('/docs/yaml is the document of /openapi.json in YAML', async () => {
  const { port } = await sharedApp();
  const answer = await fetch(`http://127.0.0.1:${port}/docs/yaml`);
  assert.equal(answer.headers.get('content-type'), 'application/x-yaml');
  assert.deepEqual(parse(await answer.text()), document);
});
