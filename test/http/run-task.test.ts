import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postBytes, startedApp } from '../helper.ts';

const path = '/v1/kl-divergence';
const row = Array.from({ length: 50 }, (_, k) => k / 7);
const rows = Array(400).fill(row);
const bodies = {
  small: JSON.stringify({ input: [1, 2], target: [2, 1] }),
  large: JSON.stringify({ input: rows, target: rows, input_kind: 'logits', target_kind: 'logits', reduction: 'all' }),
};

for (const [what, body] of Object.entries(bodies)) {
  test(`what fails when the result of a ${what} request is there is answered with 500, and leaves nothing behind`, async (t) => {
    const { http, workers } = await startedApp(t, {}, (app) => {
      app.addHook('preHandler', async (request) => {
        const charge = () => {
          throw new Error('the account failed');
        };
        Object.assign(request, { account: { charge } });
      });
    });
    const answer = await postBytes(http, path, body).timeout(5000).expect(500);
    assert.equal(answer.body.code, 'INTERNAL');
    // what a body took is free a moment after its answer
    await http.get('/livez').expect(200);
    const { lanes, bytes, elements } = workers.load();
    const inside = Object.values(lanes).map(({ running, waiting }) => running + waiting);
    assert.deepEqual([bytes, elements, ...inside], [0, 0, 0, 0, 0]);
  });
}
