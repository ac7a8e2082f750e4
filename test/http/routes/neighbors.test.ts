import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { mediaTypes } from '../../../src/http/hooks/content-type.ts';
import golden from '../../golden/neighbours.json' with { type: 'json' };
import { sharedApp } from '../../helper.ts';

const [, , plane] = golden.estimates;
const kinds = { input_kind: 'samples', target_kind: 'samples' } as const;
const request = { input: plane.input, target: plane.target, ...kinds, estimator: 'knn', k: plane.k };
const path = '/v1/kl-divergence';
const asIs = ((value: unknown) => value) as (value: unknown) => string;

const flat = (points: readonly (readonly number[])[]) => ({ shape: [points.length, points[0].length], data: points.flat() });

test('every format gives the same estimate of one pair of samples in the plane', async () => {
  const { http } = await sharedApp();
  const asked = { ...request, reduction: ['sum', 'per_distribution'] };
  const { body: expected } = await http.post(path).send(asked).expect(200);
  assert.ok(Math.abs(expected.results.sum - plane.kl) < 1e-12);
  assert.deepEqual([expected.shape, expected.distributions, expected.results.per_distribution], [[2], 1, expected.results.sum]);
  assert.deepEqual([expected.sampling, expected.bins], [undefined, undefined]);
  const { body: flatly } = await http.post(path).send({ ...asked, input: flat(plane.input), target: flat(plane.target) });
  assert.equal(flatly.results.sum, expected.results.sum);
  const { body: batch } = await http.post(`${path}/batch`).send({ items: [asked] });
  assert.deepEqual(batch.items[0].results, expected.results);
  const { text } = await http
    .post(`${path}/batch`)
    .set('content-type', 'application/x-ndjson')
    .send(`${JSON.stringify(asked)}\n`);
  assert.deepEqual(JSON.parse(text.split('\n')[0]).results, expected.results);
  const inputs = (['input', 'target'] as const).map((name) => ({
    name,
    shape: [plane[name].length, 2],
    datatype: 'FP64',
    data: plane[name].flat(),
  }));
  const parameters = { ...kinds, estimator: 'knn', k: 3 };
  const { body: inferred } = await http.post('/v2/models/kl/infer').send({ inputs, parameters, outputs: [{ name: 'sum' }] });
  assert.deepEqual(inferred.outputs?.[0].data, [expected.results.sum], JSON.stringify(inferred));
  const { body: refused } = await http.post('/v2/models/kl/infer').send({ inputs, parameters: { ...parameters, reduction: 'all' } });
  assert.match(refused.errors[0].detail, /; ask for per_distribution, sum, mean, batchmean, distribution_mean as outputs/);
  const tensorOf = (points: number[][]) => ({ shape: [points.length, 2], data: Float64Array.from(points.flat()) });
  const bytes = Buffer.concat(writeSafetensors({ input: tensorOf(plane.input), target: tensorOf(plane.target) }, {}));
  const query = 'input_kind=samples&target_kind=samples&estimator=knn&k=3&reduction=sum,per_distribution';
  const { body: tensors } = await http.post(`${path}?${query}`).set('content-type', mediaTypes.safetensors[0]).serialize(asIs).send(bytes);
  assert.deepEqual(tensors.results, expected.results);
});

test('a large request is computed in a thread, with the same number', async () => {
  const { http } = await sharedApp();
  const line = (offset: number) => Array.from({ length: 30_000 }, (_, i) => i + offset);
  const { body } = await http
    .post(path)
    .send({ ...kinds, input: line(0.25), target: line(0), estimator: 'knn', k: 1, base: 2, reduction: 'sum' });
  assert.ok(Math.abs(body.results.sum + 2) < 1e-3);
  assert.deepEqual(
    body.warnings.map(({ code }: { code: string }) => code),
    ['NEGATIVE_DIVERGENCE'],
  );
});

test('several lists of points are as many distributions, with weights, of which 0 leaves one unread', async () => {
  const { http } = await sharedApp();
  const odd = plane.input.map(() => [0, 0]);
  const { body } = await http.post(path).send({
    ...request,
    input: [plane.input, odd],
    target: [plane.target, plane.target],
    weights: [2, 0],
    reduction: ['per_distribution', 'sum', 'distribution_mean'],
  });
  const [first, second] = body.results.per_distribution;
  assert.deepEqual([body.shape, second, body.results.sum, body.results.distribution_mean], [[2, 2], 'NaN', 2 * first, first]);
});

test('POST /v1/divergences estimates KL in both directions and Jeffreys, and refuses the others by name', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post('/v1/divergences')
    .send({ ...request, reduction: 'sum' })
    .expect(200);
  assert.deepEqual(Object.keys(body.divergences), ['kl', 'reverse_kl', 'jeffreys']);
  assert.ok(Math.abs(body.divergences.reverse_kl.results.sum - plane.reverse_kl) < 1e-12);
  const { body: refused } = await http.post('/v1/divergences').send({ ...request, divergences: ['kl', 'hellinger'] });
  assert.deepEqual([refused.errors[0].pointer, refused.status], ['#/divergences/1', 422]);
});

test('explain compares the tree with a comparison of all points', async () => {
  const { http } = await sharedApp();
  const { body } = await http
    .post(`${path}/explain`)
    .send({ ...request, reduction: 'sum' })
    .expect(200);
  assert.ok(body.reductions.sum.difference < 1e-12);
  assert.match(body.steps.per_distribution.formula, /ln\(ν\/ρ\)/);
});

test('what neighbours cannot compare is refused where it stands', async () => {
  const { http } = await sharedApp();
  const refusals: [object, string, RegExp][] = [
    [{ k: 50 }, '#/k', /more observations than k/],
    [{ k: 0 }, '#/k', /^expected an integer from 1 to 1000, got 0$/],
    [{ estimator: 'kde' }, '#/estimator', /"bins", "knn"/],
    [{ estimator: 'bins' }, '#/k', /neighbours/],
    [{ bins: 5 }, '#/bins', /leave one of the two out/],
    [{ missing: 'category' }, '#/missing', /leave one/],
    [{ sampling: true }, '#/sampling', /leave one/],
    [{ confidence: 0.9 }, '#/confidence', /leave one/],
    [{ pseudocount: 1 }, '#/pseudocount', /leave one/],
    [{ dim: 0 }, '#/dim', /leave dim out/],
    [{ reduction: 'none' }, '#/reduction', /per_distribution/],
    [{ input: plane.input.map(([x]) => x) }, '#/target', /coordinates/],
    [{ input: [[[[1]]]] }, '#/input', /4 axes/],
    [{ input: [[1, null]] }, '#/input/0/1', /observation/],
    [{ target: plane.target.map(() => [1, 1]) }, '#/target/0', /larger k/],
    [{ target: flat(plane.target.map(() => [1, 1])) }, '#/target', /observation \[0\]/],
    [{ input_kind: 'counts', target_kind: 'counts' }, '#/estimator', /about samples/],
  ];
  for (const [change, pointer, detail] of refusals) {
    const { body, status } = await http.post(path).send({ ...request, ...change });
    assert.equal(status, 422, JSON.stringify(change));
    const fault = body.errors.find((error: { pointer: string }) => error.pointer === pointer);
    assert.match(fault?.detail ?? JSON.stringify(body.errors), detail);
  }
});
