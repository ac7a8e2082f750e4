import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { registerNotFound } from '../../../src/http/hooks/not-found.ts';

test('the pattern of a route is compiled once, however many requests have no route', async (t) => {
  const compiled: string[] = [];
  const original = globalThis.RegExp;
  t.after(() => {
    globalThis.RegExp = original;
  });
  globalThis.RegExp = new Proxy(original, {
    construct: (target, args) => {
      compiled.push(String(args[0]));
      return Reflect.construct(target, args);
    },
  });
  const app = fastify();
  t.after(() => app.close());
  registerNotFound(app);
  app.route({ method: 'PUT', url: '/some/:thing', handler: async () => 'some thing' });
  for (let request = 0; request < 3; request++) {
    const { headers } = await app.inject({ method: 'DELETE', url: '/some/thing' });
    assert.equal(headers.allow, 'PUT');
  }
  assert.equal(compiled.filter((pattern) => pattern.startsWith('^/some/')).length, 1);
});
