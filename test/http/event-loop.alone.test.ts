import { test } from 'node:test';
import { everyNth } from '../cases.ts';
import { dearest, documents } from './dearest-requests.ts';
import { ask, assertShort, longestTurn, watchedService } from './longest-turn.ts';

test('no request keeps the event loop busy for more than 20 ms, whatever its endpoint, its format and its faults', async (t) => {
  const { child, port } = await watchedService(t);
  for (const [title, dear] of everyNth(t, Object.entries(dearest), 3)) {
    await t.test(title, (t) => assertShort(t, () => longestTurn(child, () => ask(port, dear))));
  }
});

for (const path of documents) {
  test(`the first call of ${path} keeps the event loop busy for no more than 20 ms`, (t) =>
    assertShort(t, async () => {
      const { child, port } = await watchedService(t);
      const longest = await longestTurn(child, () => ask(port, { path, status: 200 }));
      child.kill('SIGKILL');
      return longest;
    }));
}
