import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedApp } from '../../helper.ts';
import { seededRandom } from '../../kernels/rows.ts';
import { ways } from '../every-way.ts';

const random = seededRandom(11);
// a third of the bins is empty
const rows = () => Array.from({ length: 5 }, () => Array.from({ length: 40 }, () => Math.max(0, Math.floor(30 * random()) - 10)));
const asked = { input: rows(), target: rows() };
const kinds = { input_kind: 'counts', target_kind: 'counts' };
const more = (tensor: number[][]) => tensor.map((row) => row.map((count) => count + 0.5));

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`a pseudocount does in every ${size} request what adding it to the counts does, bit for bit`, async () => {
    const { http } = await sharedApp(env);
    const beforehand = { input: more(asked.input), target: more(asked.target), options: kinds };
    for (const [way, ask] of Object.entries(ways)) {
      const expected = await ask(http, beforehand);
      assert.ok(expected.per_distribution.every(Number.isFinite), way);
      assert.deepEqual(await ask(http, { ...asked, options: { ...kinds, pseudocount: 0.5 } }), expected, way);
    }
  });

  test(`a pseudocount that is refused is pointed at in every ${size} request`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const pointers = [way.startsWith('inference') ? '#/parameters/pseudocount' : '#/pseudocount'];
      for (const options of [
        { ...kinds, pseudocount: -1 },
        { ...kinds, target_kind: 'probs', pseudocount: 1 },
      ])
        assert.deepEqual({ ...(await ask(http, { ...asked, options })) }, { codes: ['INVALID_VALUE'], pointers }, way);
    }
  });
}

test('a batch may have its pseudocount in defaults, and an item that is no counts is refused alone', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post('/v1/divergences/batch')
    .send({
      defaults: { pseudocount: 0.5, ...kinds, divergences: ['jeffreys'], reduction: 'sum' },
      items: [
        { input: [40, 30, 25, 5], target: [50, 30, 20, 0] },
        { input: [0.5, 0.5], target: [0.5, 0.5], input_kind: 'probs' },
      ],
    })
    .expect(200);
  // mpmath 1.3, mp.dps = 60
  assert.ok(Math.abs(body.items[0].divergences.jeffreys.results.sum - 0.1498770374096093) < 1e-15);
  assert.deepEqual([body.items[1].status, body.items[1].problem.errors[0].pointer], [422, '#/pseudocount']);
});

test('an infinite divergence of counts is advised of the pseudocount, by its name, and following the advice makes it finite', async () => {
  const { http } = await sharedApp();
  const request = { input: [50, 30, 20, 0], target: [40, 30, 25, 5], ...kinds, reduction: 'sum' };
  for (const [path, more] of [
    ['/v1/kl-divergence', {}],
    ['/v1/divergences', { divergences: ['kl', 'jeffreys', 'renyi:2', 'chi_squared'] }],
  ] as const) {
    const { body } = await http
      .post(path)
      .send({ ...request, ...more })
      .expect(200);
    for (const { code, message } of body.warnings) {
      assert.equal(code, 'INFINITE_DIVERGENCE');
      assert.match(message, /"pseudocount" such as 0\.5/);
    }
    assert.ok(body.warnings.length > 0);
    const advised = await http.post(path).send({ ...request, ...more, pseudocount: 0.5, strict: true });
    assert.deepEqual([advised.status, advised.body.warnings], [200, []]);
  }
});
