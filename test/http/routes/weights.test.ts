import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { mediaTypes } from '../../../src/http/hooks/content-type.ts';
import { sharedApp } from '../../helper.ts';
import { normals, seededRandom } from '../../kernels/rows.ts';
import { type Answered, ways } from '../every-way.ts';

const random = seededRandom(3);
const matrix = (count: number): (number | null)[][] => Array.from({ length: count }, () => [...normals(random, 40)]);
const weights = [1, 0, 0.5, 0, 2];
const asked = { input: matrix(5), target: matrix(5), weights };

/** `asked` with elements that are none in the rows of weight 0. */
const masked = {
  weights,
  input: asked.input.map((row, d) => (weights[d] === 0 ? row.map(() => null) : row)),
  target: asked.target.map((row, d) => (d === 1 ? row.map((x, k) => (k === 7 ? null : x)) : row)),
};

function assertSame(actual: Answered, expected: Answered, way: string): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), way);
  for (const [name, numbers] of Object.entries(expected)) {
    for (const [place, value] of numbers.entries()) {
      const other = Number(actual[name][place]);
      const isSame = Object.is(other, value) || Math.abs(other - Number(value)) <= 1e-12 * (1 + Math.abs(Number(value)));
      assert.ok(isSame, `${way}: ${name}[${place}] is ${other}, not ${value}`);
    }
  }
}

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`what stands in distributions of weight 0 changes nothing of any ${size} request`, async () => {
    const { http } = await sharedApp(env);
    const expected = await ways.nested(http, asked);
    assert.deepEqual(
      expected.per_distribution.map((value) => Number.isNaN(value)),
      weights.map((weight) => weight === 0),
    );
    for (const [way, ask] of Object.entries(ways)) {
      assertSame(await ask(http, asked), expected, way);
      assertSame(await ask(http, masked), expected, `${way}, masked`);
      assertSame(
        await ask(http, { ...masked, weights: [true, false, true, false, true] }),
        await ways.nested(http, { ...asked, weights: [1, 0, 1, 0, 1] }),
        way,
      );
    }
  });

  test(`an element that is none is refused in every ${size} request where its weight is above 0, and only there`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const { codes, pointers } = await ask(http, { ...masked, weights: [1, 0.1, 0.5, 0, 2] });
      assert.ok(
        codes?.every((code) => ['NAN_ELEMENT', 'NOT_A_NUMBER'].includes(String(code))),
        `${way}: ${codes}`,
      );
      assert.ok(
        pointers.every((pointer) => !String(pointer).includes('weights')),
        way,
      );
      assert.equal(codes.length, 20, way);
    }
  });

  test(`weights that are none are refused in every ${size} request with a pointer to them`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const place = way.startsWith('inference') ? '#/inputs/0' : '#/weights';
      const cases = {
        NEGATIVE_MASS: [1, -1, 1, 1, 1],
        SHAPE_MISMATCH: [1, 0, 1],
        ZERO_WEIGHT: [0, 0, 0, 0, 0],
        INFINITE_ELEMENT: [1, 0, 1, 0, 'Infinity'],
      };
      for (const [code, wrong] of Object.entries(cases)) {
        const { codes, pointers } = await ask(http, { ...masked, weights: wrong });
        assert.deepEqual(codes, [code], `${way}: ${pointers}`);
        assert.ok(String(pointers[0]).startsWith(place), `${way}: ${pointers}`);
      }
    }
  });
}

const asIs = ((body: unknown) => body) as (body: unknown) => string;

/** A safetensors body with weights in bytes of some dtype. */
function withWeights(dtype: string, bytes: Buffer): Buffer {
  const data = Float64Array.of(1, 2, Number.NaN, Number.NaN, 3, 1);
  const tensors = Buffer.concat(
    writeSafetensors({ input: { shape: [3, 2], data }, target: { shape: [3, 2], data: data.toReversed() } }, {}),
  );
  const length = Number(tensors.readBigUInt64LE(0));
  const header = JSON.parse(tensors.toString('utf8', 8, 8 + length));
  const text = Buffer.from(JSON.stringify({ ...header, weights: { dtype, shape: [3], data_offsets: [96, 96 + bytes.length] } }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, tensors.subarray(8 + length), bytes]);
}

test('weights in safetensors are of any float, BOOL or any integer', async () => {
  const { http } = await sharedApp();
  const bytes = {
    F64: Buffer.from(Float64Array.of(1, 0, 1).buffer),
    F32: Buffer.from(Float32Array.of(1, 0, 1).buffer),
    F16: Buffer.from('003c0000003c', 'hex'),
    BF16: Buffer.from('803f0000803f', 'hex'),
    BOOL: Buffer.from([1, 0, 1]),
    U8: Buffer.from([1, 0, 1]),
    I16: Buffer.from(Int16Array.of(1, 0, 1).buffer),
    U64: Buffer.from(BigUint64Array.of(1n, 0n, 1n).buffer),
    I32: Buffer.from(Int32Array.of(1, 0, 1).buffer),
    I64: Buffer.from(BigInt64Array.of(1n, 0n, 1n).buffer),
  };
  const post = (body: Buffer) => http.post('/v1/kl-divergence').set('content-type', mediaTypes.safetensors[0]).serialize(asIs).send(body);
  const { body: expected } = await post(withWeights('F64', bytes.F64)).expect(200);
  assert.deepEqual(expected.divisors, { sum: 1, mean: 4, batchmean: 3, distribution_mean: 2 });
  for (const [dtype, weightBytes] of Object.entries(bytes)) {
    const { body } = await post(withWeights(dtype, weightBytes)).expect(200);
    assert.deepEqual(body, expected, dtype);
  }
  const { body: refused } = await post(withWeights('F4', Buffer.alloc(6))).expect(422);
  assert.match(refused.detail, /expected one of F64, F32, F16, BF16, BOOL, U8, U16, U32, U64, I8, I16, I32, I64, got/);
});

test('only weights may be of BOOL under /v2, as flags in JSON and as bytes', async () => {
  const { http } = await sharedApp();
  const tensor = { name: 'input', shape: [2, 2], datatype: 'FP64', data: [1, 2, 'NaN', 'NaN'] };
  const flags = { name: 'weights', shape: [2], datatype: 'BOOL', data: [true, false] };
  const post = (inputs: object[]) => http.post('/v2/models/kl_div/infer').send({ inputs, parameters: { reduction: 'distribution_mean' } });
  const { body } = await post([flags, tensor, { ...tensor, name: 'target', data: [2, 1, 'NaN', 0] }]).expect(200);
  assert.ok(body.outputs[0].data[0] > 0);
  const { body: refused } = await post([
    { ...tensor, data: [1, 2, 3, 4] },
    { ...tensor, name: 'target', datatype: 'BOOL', data: [true, true, true, true] },
  ]).expect(400);
  assert.equal(refused.errors[0].pointer, '#/inputs/1/datatype');
  const twice = await post([tensor, { ...tensor, name: 'target' }, flags, flags]).expect(400);
  assert.equal(twice.body.errors[0].pointer, '#/inputs/3/name');
});

test('a single distribution has its weight under /v2 in a tensor of one element', async () => {
  const { http } = await sharedApp();
  const tensor = { name: 'input', shape: [2], datatype: 'FP64', data: [1, 2] };
  const inputs = [tensor, { ...tensor, name: 'target', data: [2, 1] }, { name: 'weights', shape: [1], datatype: 'FP32', data: [2] }];
  const sumOf = async (some: object[]) => {
    const { body } = await http
      .post('/v2/models/kl_div/infer')
      .send({ inputs: some, parameters: { reduction: 'sum' } })
      .expect(200);
    return body.outputs[0].data[0];
  };
  assert.equal(await sumOf(inputs), 2 * (await sumOf(inputs.slice(0, 2))));
});

test('strict refuses for distributions that are read, and not for others', async () => {
  const { http } = await sharedApp();
  const request = {
    input: [
      [0.5, 0.5],
      [1, 0],
    ],
    target: [
      [0.25, 0.75],
      [0, 1],
    ],
    input_kind: 'probs',
    target_kind: 'probs',
    reduction: 'sum',
    strict: true,
  };
  await http.post('/v1/kl-divergence').send(request).expect(422);
  await http
    .post('/v1/kl-divergence')
    .send({ ...request, weights: [1, 0] })
    .expect(200);
});

test('elements that are not read cost nothing of a quota, in any kind of request, refused by strict or not', async () => {
  const { http } = await sharedApp({ QUOTA_ELEMENTS: '100000', QUOTA_WINDOW_SECONDS: '600' });
  const rest = (response: { headers: Record<string, string> }) => Number(/r=(\d+)/.exec(response.headers.ratelimit)?.[1]);
  const left = async () => rest(await http.post('/v1/kl-divergence').send({}));
  const costOf = async (send: () => Promise<unknown>) => {
    const before = await left();
    await send();
    return before - (await left()) - 1;
  };
  const costs = { ...asked, weights: [1, 0, 0, 0, 0] };
  for (const [way, ask] of Object.entries(ways)) {
    assert.equal(await costOf(() => ask(http, costs)), 40, way);
    assert.equal(await costOf(() => ask(http, { ...costs, options: { strict: true } })), 40, `${way}, strict`);
    assert.equal(await costOf(() => ask(http, { ...costs, weights: [1, 1, 0.5, 1, 1] })), 200, way);
  }
});

test('weights in the query of a URL are refused', async () => {
  const { http } = await sharedApp();
  const bytes = withWeights('U8', Buffer.from([1, 0, 1]));
  const sent = http.post('/v1/kl-divergence?weights=1,0,1').set('content-type', mediaTypes.safetensors[0]);
  const { body } = await sent.serialize(asIs).send(bytes).expect(422);
  assert.equal(body.errors[0].pointer, '#/weights');
});

test('items of a batch may share weights, and a tensor that only the weights of some of them make readable', async () => {
  const { http } = await sharedApp();
  const input = [
    [1, 2],
    [null, null],
  ];
  const target = [
    [2, 1],
    [0, 1],
  ];
  const items = [
    { target },
    { target, weights: [1, 0] },
    { target, weights: [1, 1] },
    { target, input: target, weights: [0.5, 0.5] },
    { target, weights: [1] },
  ];
  const { body } = await http
    .post('/v1/kl-divergence/batch')
    .send({ defaults: { input, weights: [1, false], reduction: 'sum' }, items })
    .expect(200);
  const [shared, own, unmasked, other, short] = body.items;
  const alone = await http
    .post('/v1/kl-divergence')
    .send({ input: [[1, 2]], target: [[2, 1]], reduction: 'sum' })
    .expect(200);
  assert.equal(shared.results.sum, alone.body.results.sum);
  assert.deepEqual(own, shared);
  assert.deepEqual([unmasked.status, unmasked.problem.errors[0].pointer], [422, '#/defaults/input/1/0']);
  assert.deepEqual([other.status, other.results.sum], [200, 0]);
  assert.deepEqual([short.status, short.problem.code], [422, 'SHAPE_MISMATCH']);
  const wrong = await http
    .post('/v1/kl-divergence/batch')
    .send({ defaults: { input, weights: [-1, 1] }, items: [{ target }] })
    .expect(200);
  assert.equal(wrong.body.items[0].problem.errors[0].pointer, '#/defaults/weights/0');
});

test('a number that float64 would read as 0 is refused where the weight is 0, too', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post('/v1/kl-divergence')
    .type('json')
    .send('{"input": [[1e-400, 1], [1, 2]], "target": [[1, 2], [2, 1]], "weights": [0, 1]}')
    .expect(422);
  assert.deepEqual([body.code, body.errors[0].pointer], ['NUMBER_UNDERFLOW', '#/input/0/0']);
});
