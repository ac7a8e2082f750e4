import assert from 'node:assert/strict';
import { test } from 'node:test';
import { docPage, listening, printedBy, pythonWith } from './page.ts';

const page = docPage('docs/sampled-tokens.md');
const python = pythonWith('numpy', 'requests');

test('the Python of the page on sampled tokens prints what the page shows', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async () => {
  const service = await listening();
  const [code] = page.blocks('python', 'An example');
  const printed = await printedBy(python ?? '', code.replace('http://127.0.0.1:3000', service));
  assert.equal(printed, page.blocks('text', 'An example')[0]);
});
