import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemAnswer, klBatchAnswer } from '../../../src/schema/batch.ts';
import { postBytes, sharedApp, startedApp } from '../../helper.ts';

const path = '/v1/kl-divergence/batch';
const tensors = { input: [[1, 2]], target: [[2, 1]] };
const wrong = { input: [[1, 2]], target: [[2, null]] };

test('each item is answered as the same request is alone, in the order of the items', async () => {
  const { http } = await sharedApp();
  const items = [tensors, { ...tensors, dim: 0 }, { input: [3, 4, 5], target: [5, 4, 3], base: 2, reduction: 'all' }];
  const { body } = await http
    .post(path)
    .send({ items })
    .expect(200)
    .expect('content-type', /^application\/json/);
  assert.equal(klBatchAnswer.parse(body).items.length, items.length);
  for (const [at, item] of items.entries()) {
    const alone = await http.post('/v1/kl-divergence').send(item).expect(200);
    assert.deepEqual(body.items[at], { status: 200, ...alone.body });
  }
});

test('a refused item has in its place the problem that it would get alone, and leaves the others alone', async () => {
  const { http } = await sharedApp({ MAX_ELEMENTS: '3' });
  const refused = [
    wrong,
    { ...tensors, dims: 0 },
    { ...tensors, reduction: 'mean', strict: true },
    { input: [1, 2, 3, 4], target: [1] },
    7,
    null,
    [],
  ];
  const items = refused.flatMap((item) => [tensors, item]);
  const { body } = await http.post(path).set('x-request-id', 'one').send({ items }).expect(200);
  for (const [at, item] of items.entries()) {
    const answered = itemAnswer.parse(body.items[at]);
    if (item === tensors) assert.equal(answered.status, 200);
    else if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      const alone = await http.post('/v1/kl-divergence').set('x-request-id', 'one').send(item);
      assert.deepEqual(body.items[at], { status: alone.status, problem: { ...alone.body, instance: path } });
    } else assert.deepEqual([answered.status, body.items[at].problem.errors[0].pointer], [422, '#']);
  }
});

test('a number that float64 would read as 0 refuses its item as it does alone, and no other; in defaults it refuses the batch', async () => {
  const { http } = await sharedApp();
  const send = (to: string, text: string) => http.post(to).set({ 'content-type': 'application/json', 'x-request-id': 'one' }).send(text);
  const fine = JSON.stringify(tensors);
  const refused = [
    '{"input": [[1e-400, 2]], "target": [[2, -1e-999]]}',
    '{"input": [[1, 2]], "target": [[2, 1]], "base": 1e-400}',
    '{"input": {"shape": [1, 2], "data": [1, 2e-400]}, "target": [[2, 1]], "unknown": 1}',
  ];
  const { body } = await send(
    path,
    `{"items": [${refused.map((item) => `${fine}, ${item.replace('{', '{"id": 7, ')}`).join(', ')}, ${fine}]}`,
  );
  for (const [at, item] of refused.entries()) {
    const alone = await send('/v1/kl-divergence', item).expect(422);
    assert.equal(alone.body.code, 'NUMBER_UNDERFLOW');
    assert.deepEqual(body.items[2 * at + 1], { id: 7, status: 422, problem: { ...alone.body, instance: path } });
    assert.equal(body.items[2 * at].status, 200);
  }
  const line = Buffer.from(`${refused[0].replace('{', '{"id": 7, ')}\n`);
  const stream = await postBytes(http, path, line).set({ 'content-type': 'application/jsonl', 'x-request-id': 'one' });
  assert.deepEqual(JSON.parse(String(stream.text ?? stream.body).split('\n')[0]), body.items[1]);
  const ofAll = await send(path, `{"defaults": {"input": [[1e-400, 2]]}, "items": [{"target": [[2, 1]]}, ${fine}]}`).expect(422);
  assert.deepEqual([ofAll.body.code, ofAll.body.errors[0].pointer], ['NUMBER_UNDERFLOW', '#/defaults/input/0/0']);
});

test('items without a tensor of their own use that of defaults, and are answered as if each had sent it', async () => {
  const { http } = await sharedApp();
  const shared = { input: [[1, 2]], target: { shape: [1, 2], data: [2, 1] }, reduction: 'all' };
  const items = [
    {},
    { id: 1 },
    { input: [[3, 1]] },
    { target: [[0.5, 0.5]], target_kind: 'probs' },
    { dim: 0 },
    { input_kind: 'counts', target_kind: 'counts' },
  ];
  const { body } = await http.post(path).send({ defaults: shared, items }).expect(200);
  klBatchAnswer.parse(body);
  for (const [at, { id: _, ...item }] of items.entries()) {
    const alone = await http
      .post('/v1/kl-divergence')
      .send({ ...shared, ...item })
      .expect(200);
    const { id: __, ...answered } = body.items[at];
    assert.deepEqual(answered, { status: 200, ...alone.body });
  }
});

test('a shared tensor of any length serves all items, also behind those that fill a piece of the answer', async () => {
  const { http } = await sharedApp();
  const row = Array.from({ length: 3000 }, (_, k) => 1 + (k % 7));
  const options = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };
  const target = row.toReversed();
  const { body } = await http
    .post(path)
    .send({ defaults: { ...options, input: row }, items: Array.from({ length: 6 }, () => ({ target })) })
    .expect(200);
  const { body: own } = await http.post(path).send({ defaults: options, items: [{ input: row, target }] });
  for (const item of body.items) assert.deepEqual(item, own.items[0]);
});

test('what is wrong with a shared tensor is told to each item that uses it, at its place in defaults', async () => {
  const { http } = await sharedApp();
  const items = [{}, { input: [[1, 2]] }, { input: [[1, 2, 3]], target: [[1, 2, 3]] }];
  const { body } = await http
    .post(path)
    .send({ defaults: { input: [[1, null]], target: [[1, 2]] }, items })
    .expect(200);
  assert.deepEqual(
    body.items.map(({ status, problem }: { status: number; problem?: { errors: { pointer: string }[] } }) => [
      status,
      problem?.errors[0].pointer,
    ]),
    [
      [422, '#/defaults/input/0/1'],
      [200, undefined],
      [200, undefined],
    ],
  );
});

test('warnings and later faults about a shared tensor point to defaults, those about the item into the item', async () => {
  const { http } = await sharedApp();
  const probs = { input_kind: 'probs', target_kind: 'probs', reduction: 'sum' };
  const counts = { input_kind: 'counts', target_kind: 'counts', reduction: 'sum' };
  const items = [
    { target: [0.5, 0.6] },
    { input: [0.5, 0.7] },
    { ...counts, target: [0.5, 2], sampling: true },
    { target: [0.5, 0.5], strict: true },
    { target: [1, 2, 3] },
  ];
  const { body } = await http
    .post(path)
    .send({ defaults: { ...probs, input: [0.5, 0.6], target: [0.5, 0.5, 0.5] }, items })
    .expect(200);
  type Answer = { warnings?: { pointer: string }[]; problem?: { errors: { pointer: string }[]; warnings?: { pointer: string }[] } };
  const pointersIn = ({ warnings, problem }: Answer) => [...(warnings ?? []), ...(problem?.errors ?? [])].map(({ pointer }) => pointer);
  assert.deepEqual(body.items.map(pointersIn), [
    ['#/defaults/input', '#/target'],
    ['#/defaults/target'],
    ['#/defaults/input/0', '#/defaults/input/1', '#/target/0'],
    ['#/defaults/input', '#/target'],
    ['#/target'],
  ]);
  assert.equal(body.items[3].problem.warnings[0].pointer, '#/defaults/input');
});

test('a tensor that neither an item nor defaults has is missing from the item', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(path)
    .send({ defaults: { input: [[1, 2]] }, items: [{}] })
    .expect(200);
  assert.deepEqual(body.items[0].problem.errors[0].pointer, '#/target');
});

test('the uses of a shared tensor count together: a small body cannot ask for more elements than a large one may', async () => {
  const { http } = await sharedApp({ MAX_ELEMENTS: '10' });
  const items = [{}, {}, {}, {}].map(() => ({ target: [[1, 2, 3]] }));
  const { body } = await http
    .post(path)
    .send({ defaults: { input: [[1, 2, 3]] }, items })
    .expect(200);
  assert.deepEqual(
    body.items.map(({ status }: { status: number }) => status),
    [200, 200, 200, 413],
  );
  assert.equal(body.items[3].problem.errors[0].pointer, '#/defaults/input');
});

test('the id of an item comes back first, with an answer and with a problem', async () => {
  const { http } = await sharedApp();
  const ids = ['a', '', 'é'.repeat(256), '🎲'.repeat(256), 0, -1.5, Number.MAX_SAFE_INTEGER];
  const items = ids.flatMap((id) => [
    { ...tensors, id },
    { ...wrong, id },
    { ...tensors, id, dims: 1 },
  ]);
  const { body } = await http.post(path).send({ items }).expect(200);
  for (const [at, answer] of body.items.entries()) {
    assert.equal(Object.keys(answer)[0], 'id');
    assert.deepEqual([answer.id, answer.status], [items[at].id, at % 3 === 0 ? 200 : 422]);
  }
});

test('an id that could not come back as it was sent is refused, with everything else that is wrong', async () => {
  const { http } = await sharedApp();
  for (const id of ['null', '{}', `"${'x'.repeat(257)}"`, `"${'🎲'.repeat(257)}"`, '9007199254740993', '1e999', 'true']) {
    const { body } = await postBytes(http, path, `{"items": [{"id": ${id}, "input": [1], "dims": 0, "target": [1]}]}`).expect(200);
    const [{ problem, ...rest }] = body.items;
    assert.deepEqual(rest, { status: 422 });
    assert.deepEqual(
      problem.errors.map(({ code, pointer }: Record<string, string>) => [code, pointer]),
      [
        ['INVALID_VALUE', '#/id'],
        ['UNKNOWN_FIELD', '#/dims'],
      ],
    );
  }
});

test('defaults hold for every item that does not say otherwise', async () => {
  const { http } = await sharedApp();
  const defaults = { reduction: 'sum', base: 2 };
  const { body } = await http
    .post(path)
    .send({ defaults, items: [tensors, { ...tensors, base: 'e' }, { ...tensors, dim: 0 }] })
    .expect(200);
  assert.deepEqual(
    body.items.map(({ results, base, dim }: Record<string, object>) => [Object.keys(results), base, dim]),
    [
      [['sum'], 2, [1]],
      [['sum'], 'e', [1]],
      [['sum'], 2, [0]],
    ],
  );
});

test('what is wrong with the batch itself refuses all of it, with a pointer and a hint', async () => {
  const { http } = await sharedApp();
  const items = [tensors];
  for (const [body, pointer, hint] of [
    [{}, '#/items', /a list of requests/],
    [{ items: [] }, '#/items', /at least one request/],
    [{ items: tensors }, '#/items', /a list of requests, got an object/],
    [{ items, item: 1 }, '#/item', /did you mean items\?/],
    [{ items, ...tensors }, '#/input', /an entry of items/],
    [{ items, dim: 0 }, '#/dim', /belong into defaults/],
    [{ items, defaults: { id: 1 } }, '#/defaults/id', /an id belongs to an item/],
    [{ items, defaults: { axis: 0 } }, '#/defaults/axis', /called dim here/],
    [{ items, defaults: { dims: 0 } }, '#/defaults/dims', /called dim here/],
    [{ items, defaults: { dim: 'x' } }, '#/defaults/dim', /an integer/],
    [{ items, defaults: { dim: Array(33).fill(0) } }, '#/defaults/dim', /at most 32 entries/],
    [{ items, defaults: null }, '#/defaults', /a JSON object/],
    [[tensors], '#', /a JSON object, got a list of 1: send it as \{"items": \[…\]\}$/],
  ] as const) {
    const { body: problem } = await http.post(path).send(body).expect(422);
    assert.equal(problem.errors[0].pointer, pointer, JSON.stringify(body));
    assert.match(problem.errors[0].detail, hint);
  }
  assert.equal((await postBytes(http, path, '{"items": [').expect(400)).body.code, 'INVALID_JSON');
  const { body } = await http.post(`${path}?dim=0`).send({ items }).expect(422);
  assert.match(body.detail, /the query of the URL has "dim"/);
});

test('a thousand items are answered, in a thread and on the event loop alike', async () => {
  const items = Array.from({ length: 1000 }, (_, k) => ({ id: k, input: [k, 1], target: [1, k / 2] }));
  const bodies = [];
  for (const limit of ['0', '16000000']) {
    const { http } = await sharedApp({ INLINE_LIMIT_BYTES: limit });
    const { body } = await http.post(path).send({ items }).expect(200);
    assert.deepEqual(
      body.items.map(({ id, status }: { id: number; status: number }) => [id, status]),
      items.map(({ id }) => [id, 200]),
    );
    bodies.push(body);
  }
  assert.deepEqual(bodies[0], bodies[1]);
});

test('the log tells how many items were answered and refused, of how many elements, and each warning once', async (t) => {
  const { http, lines } = await startedApp(t);
  await http
    .post(path)
    .send({ items: [tensors, wrong, tensors] })
    .expect(200)
    .expect('server-timing', /^receive;.*encode;/);
  const { elements, warnings, answered, refused } = lines[0];
  assert.deepEqual(
    { elements, warnings, answered, refused },
    {
      elements: 4,
      warnings: ['MEAN_DIVIDES_BY_SUPPORT'],
      answered: 2,
      refused: 1,
    },
  );
});

test('a __proto__ in an item or in defaults is an unknown field', async () => {
  const { http } = await sharedApp();
  const item = '{"input": [[1, 2]], "target": [[2, 1]], "__proto__": {"strict": true}}';
  const { body } = await postBytes(http, path, `{"items": [${item}]}`).expect(200);
  assert.deepEqual(body.items[0].problem.errors[0].code, 'UNKNOWN_FIELD');
  await postBytes(http, path, `{"items": [{"input": [1], "target": [1]}], "defaults": {"__proto__": {"strict": true}}}`).expect(422);
});

test('answers stand in the order of their items, each as it would be alone, however long one is among them', async () => {
  const { http } = await sharedApp();
  const row = (length: number) => ({ input: Array.from({ length }, (_, k) => Math.sin(k)), target: Array(length).fill(0) });
  const lengths = [5000, 2, 3, 5000, 4, 5000, ...Array(250).fill(20), 5000];
  const items = lengths.map((length) => ({ ...row(length), reduction: 'none' }));
  const { body } = await http
    .post(path)
    .send({ items: [...items, wrong] })
    .expect(200);
  assert.deepEqual(
    body.items.map(({ shape, results }: { shape?: number[]; results?: { none: number[] } }) => [shape, results?.none.length]),
    [...lengths.map((length) => [[length], length]), [undefined, undefined]],
  );
  const alone = await http.post('/v1/kl-divergence').send(items[3]).expect(200);
  assert.deepEqual(body.items[3].results, alone.body.results);
});
