import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { keysFolder } from '../../auth/keys-folder.ts';
import { leftOut } from '../../cases.ts';
import { skip, startChromium } from '../../explorer/browser/chromium.ts';
import { startedApp } from '../../helper.ts';

test('/docs comes with a content security policy without unsafe-inline', async (t) => {
  const { http } = await startedApp(t);
  const { headers } = await http
    .get('/docs')
    .redirects(1)
    .expect(200)
    .expect('content-type', /^text\/html/);
  assert.match(headers['content-security-policy'], /script-src 'self';style-src 'self'/);
  assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
});

test('the files of Swagger UI are compressed, may be kept for a day, and are not sent again to who has them', async (t) => {
  const { http } = await startedApp(t);
  const { headers } = await http
    .get('/docs/static/swagger-ui-bundle.js')
    .set('accept-encoding', 'br, gzip')
    .expect(200)
    .expect('content-encoding', 'br')
    .expect('cache-control', 'public, max-age=86400');
  assert.ok(Number(headers['content-length']) < 500_000);
  await http.get('/docs/static/swagger-ui-bundle.js').set('accept-encoding', 'br').set('if-none-match', headers.etag).expect(304);
  await http.get('/docs/static/favicon-32x32.png').set('accept-encoding', 'br').expect(200).expect('content-type', 'image/png');
  await http.get('/docs/static/nothing.js').expect(404);
});

test('in a browser, Swagger UI offers the examples, runs one with the key that Authorize is given, and breaks no rule of the policy', {
  skip: skip || leftOut,
}, async (t) => {
  const { env, keys } = keysFolder(t, 'trainer');
  const { app } = await startedApp(t, env);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const chrome = await startChromium();
  t.after(() => chrome.close());
  const page = await chrome.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));

  await page.goto(`http://127.0.0.1:${port}/docs`);
  await page.locator('.auth-wrapper .authorize').first().click();
  await page.locator('.auth-container input').first().fill(keys[0]);
  await page.locator('.auth-container .authorize').first().click();
  await page.locator('.auth-btn-wrapper .btn-done').first().click();
  const operation = page.locator('#operations-KL_divergence-klDivergence');
  await operation.locator('.opblock-summary').click();
  const select = operation.locator('.opblock-section-request-body .examples-select select');
  assert.ok((await select.locator('option').allTextContents()).includes("The notebook's first experiment"));
  await select.selectOption('infinite');
  await operation.locator('.execute').click();
  const live = operation.locator('.live-responses-table');
  assert.match(await live.locator('tbody .response-col_status').first().innerText(), /200/);
  const answer = JSON.parse(await live.locator('tbody .response-col_description pre').first().innerText());
  assert.equal(answer.results.sum, 'Infinity');
  assert.equal(answer.warnings[0].code, 'INFINITE_DIVERGENCE');
  assert.deepEqual(complaints, []);
});
