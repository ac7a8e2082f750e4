import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerHeaders } from '../../../src/http/hooks/security-headers.ts';
import { registerOpenApi } from '../../../src/http/routes/openapi.ts';
import { startedApp } from '../../helper.ts';
import { realAnswers } from '../real-answers.ts';

const origin = 'https://page.example';
const env = { CORS_ORIGINS: origin };

test('a page of an origin that may call may use every method that a route has', async (t) => {
  const methods = new Set<string>();
  const { http } = await startedApp(t, env, undefined, {
    describe: async (app) => {
      app.addHook('onRoute', ({ method }) => {
        for (const one of [method].flat()) methods.add(one);
      });
      await registerOpenApi(app);
    },
  });
  const preflight = { origin, 'access-control-request-method': 'DELETE' };
  const { headers } = await http.options('/v1/jobs/a').set(preflight).expect(204);
  assert.deepEqual(headers['access-control-allow-methods'].split(', ').sort(), [...methods].sort());
});

/** Headers that a page may always read. https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name */
const safelisted = ['cache-control', 'content-language', 'content-length', 'content-type', 'expires', 'last-modified', 'pragma'];

/** Headers that concern the connection, a proxy or the browser itself. */
const notForPages = [...Object.keys(answerHeaders), 'connection', 'date', 'keep-alive', 'transfer-encoding', 'vary', 'x-accel-buffering'];

test('such a page may read every header of an answer that is meant for it', async (t) => {
  const sent = new Set((await realAnswers(t, env)).flatMap(({ headers }) => headers));
  const { http } = await startedApp(t, env);
  const { headers } = await http.get('/v1/info').set({ origin }).expect(200);
  const exposed = headers['access-control-expose-headers'].toLowerCase().split(', ');
  const readable = [...safelisted, ...notForPages, ...exposed];
  assert.deepEqual(
    [...sent].filter((name) => !readable.includes(name) && !name.startsWith('access-control-')),
    [],
  );
});
