import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedApp } from '../../helper.ts';
import { normals, seededRandom } from '../../kernels/rows.ts';
import { type Answered, ways } from '../every-way.ts';

const random = seededRandom(7);
const rows = (count: number) => Array.from({ length: count }, () => [...normals(random, 40)]);
const asked = { input: rows(5), target: rows(5) };
const divided = (tensor: number[][]) => tensor.map((row) => row.map((x) => x / 2.5));

function assertSame(actual: Answered, expected: Answered, way: string): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), way);
  for (const [name, numbers] of Object.entries(expected)) {
    const largest = Math.max(...numbers.map((value) => Math.abs(Number(value))));
    for (const [place, value] of numbers.entries())
      assert.ok(Math.abs(Number(actual[name][place]) - Number(value)) <= 1e-12 * largest, `${way}: ${name}[${place}] is not ${value}`);
  }
}

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`a temperature does in every ${size} request what dividing its tensors does`, async () => {
    const { http } = await sharedApp(env);
    const expected = await ways.nested(http, { input: divided(asked.input), target: divided(asked.target) });
    assert.equal(expected.per_distribution.length, 5);
    for (const [way, ask] of Object.entries(ways)) assertSame(await ask(http, { ...asked, options: { temperature: 2.5 } }), expected, way);
  });

  test(`a temperature that is refused is pointed at in every ${size} request`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const pointers = [way.startsWith('inference') ? '#/parameters/temperature' : '#/temperature'];
      for (const options of [{ temperature: -1 }, { temperature: 2, target_kind: 'probs' }])
        assert.deepEqual({ ...(await ask(http, { ...asked, options })) }, { codes: ['INVALID_VALUE'], pointers }, way);
    }
  });
}

test('a logit that is too large once it is divided is told the temperature', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post('/v1/kl-divergence')
    .send({ input: [1, 2], target: [3, 4], temperature: 1e-300 })
    .expect(422);
  assert.equal(body.errors[0].code, 'NUMBER_OVERFLOW');
  assert.match(body.errors[0].detail, /^1 is too large: numbers up to 1e-30 are accepted at temperature 1e-300,/);
});

test('a batch may have its temperature in defaults, for items that set their kinds, and an item that is no logits is refused alone', async () => {
  const { http } = await sharedApp();
  const kinds = { input_kind: 'probs', target_kind: 'probs' };
  const items = [
    { input: [[0.5, 0.5]], target: [[0.5, 0.5]] },
    { input: [[1, 2]], target: [[2, 1]], input_kind: 'logits', target_kind: 'logits' },
  ];
  const { body } = await http
    .post('/v1/kl-divergence/batch')
    .send({ defaults: { temperature: 2, ...kinds }, items })
    .expect(200);
  assert.deepEqual(
    body.items.map(({ status }: { status: number }) => status),
    [422, 200],
  );
  assert.deepEqual(body.items[0].problem.errors[0].pointer, '#/temperature');
});
