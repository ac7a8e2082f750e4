import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startedApp } from '../../helper.ts';

test('a running instance is live and ready; a draining one is live, not ready, and closes its connections', async (t) => {
  const { app, drain } = await startedApp(t);
  const get = async (url: string) => {
    const { statusCode, headers, body } = await app.inject(url);
    return [statusCode, JSON.parse(body).status, headers.connection];
  };
  assert.deepEqual(await get('/livez'), [200, 'live', 'keep-alive']);
  assert.deepEqual(await get('/readyz'), [200, 'ready', 'keep-alive']);
  drain.start();
  assert.deepEqual(await get('/livez'), [200, 'live', 'close']);
  assert.deepEqual(await get('/readyz'), [503, 'draining', 'close']);
});

test('a drain is idle when nothing is in flight, and not before', async (t) => {
  const { app, drain } = await startedApp(t, {}, (starting) =>
    starting.addHook('preHandler', async () => {
      let idle = false;
      const waiting = drain.idle().then(() => {
        idle = true;
      });
      await new Promise(setImmediate);
      assert.equal(idle, false);
      void waiting;
    }),
  );
  assert.equal((await app.inject('/livez')).statusCode, 200);
  await drain.idle();
});
