import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSafetensors } from '../../../src/formats/safetensors/write.ts';
import { mediaTypes } from '../../../src/http/hooks/content-type.ts';
import { roughly, sharedApp } from '../../helper.ts';
import { normals, seededRandom } from '../../kernels/rows.ts';
import { ways } from '../every-way.ts';
import { binary, readSafetensorsAnswer } from '../safetensors-answer.ts';

const random = seededRandom(11);
const rows = (count: number) => Array.from({ length: count }, () => [...normals(random, 40)]);
const target = rows(25);
const asked = { input: target.map((row) => row.map((x, k) => x + 0.4 * Math.sin(k * k))), target };
const asIs = ((body: unknown) => body) as (body: unknown) => string;

/** Statistics of divergences by their definitions, over arrays. */
function plain(divergences: readonly number[], quantiles: readonly number[]) {
  const n = divergences.length;
  const sorted = [...divergences].sort((a, b) => a - b);
  const mean = divergences.reduce((sum, d) => sum + d, 0) / n;
  const deviation = Math.sqrt(divergences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (n - 1));
  const quantileAt = (q: number) => {
    const at = q * (n - 1);
    const below = Math.floor(at);
    return sorted[below] + (at - below) * (sorted[Math.ceil(at)] - sorted[below]);
  };
  const order = divergences.map((_, d) => d).sort((a, b) => divergences[b] - divergences[a]);
  const agreeing = asked.input.filter((row, d) => row.indexOf(Math.max(...row)) === target[d].indexOf(Math.max(...target[d]))).length / n;
  return [
    ...[n, 0, mean, deviation, deviation / Math.sqrt(n), sorted[0], sorted[n - 1]],
    ...quantiles.flatMap((q) => [q, quantileAt(q)]),
    ...order.slice(0, 10).flatMap((d) => [d, divergences[d]]),
    ...[agreeing, Math.sqrt((agreeing * (1 - agreeing)) / (n - 1))],
  ];
}

function assertClose(actual: readonly unknown[], expected: readonly number[], way: string): void {
  assert.equal(actual.length, expected.length, way);
  for (const [place, value] of expected.entries())
    assert.ok(
      Math.abs(Number(actual[place]) - value) <= 1e-11 * Math.abs(value),
      `${way}: statistic ${place} is ${actual[place]}, not ${value}`,
    );
}

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`the statistics of every ${size} request are those of a plain implementation on per_distribution`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const byDefault = await ask(http, { ...asked, options: { statistics: true } });
      assert.ok(byDefault.statistics, `${way}: ${JSON.stringify(byDefault)}`);
      const divergences = byDefault.per_distribution.map(Number);
      assertClose(byDefault.statistics, plain(divergences, [0.001, 0.01, 0.05, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999]), way);
      const own = await ask(http, { ...asked, options: { statistics: [0.75, 0, 1 / 3] } });
      assertClose(own.statistics, plain(divergences, [0.75, 0, 1 / 3]), way);
    }
  });

  test(`statistics that are none are refused in every ${size} request with a pointer to what is wrong`, async () => {
    const { http } = await sharedApp(env);
    for (const [way, ask] of Object.entries(ways)) {
      const place = way.startsWith('inference') ? '#/parameters/statistics' : '#/statistics';
      for (const wrong of ['yes', [1.5], [0.5, -1], ['median'], 2]) {
        const { codes, pointers } = await ask(http, { ...asked, options: { statistics: wrong } });
        assert.deepEqual(codes, ['INVALID_VALUE'], `${way}: ${JSON.stringify(wrong)}`);
        assert.ok(String(pointers[0]).startsWith(place), `${way}: ${pointers}`);
      }
    }
  });
}

test('a request without statistics, or with false, is answered byte for byte as without the field', async () => {
  const { http } = await sharedApp();
  for (const path of ['/v1/kl-divergence', '/v1/kl-divergence/explain', '/v1/divergences']) {
    const [without, withFalse] = await Promise.all(
      [asked, { ...asked, statistics: false }].map((body) => http.post(path).send(body).expect(200)),
    );
    assert.equal(withFalse.text, without.text);
    assert.doesNotMatch(without.text, /statistics|top_1/);
  }
});

test('the statistics leave out what weight 0 masks, and all weights 0 leave nothing to describe', async () => {
  const { http } = await sharedApp();
  const weights = target.map((_, d) => (d % 4 === 0 ? 0 : 1));
  const { body: masked } = await http.post('/v1/kl-divergence').send({ ...asked, weights, statistics: true });
  const kept = (tensor: number[][]) => tensor.filter((_, d) => weights[d] === 1);
  const { body: alone } = await http
    .post('/v1/kl-divergence')
    .send({ input: kept(asked.input), target: kept(asked.target), statistics: true });
  const { largest, ...others } = masked.statistics;
  const { largest: ofKept, ...expected } = alone.statistics;
  assert.deepEqual(roughly(others), roughly(expected));
  const at = weights.flatMap((weight, d) => (weight === 1 ? [d] : []));
  assert.deepEqual(
    roughly(largest),
    roughly(ofKept.map(({ index: [d], value }: { index: number[]; value: number }) => ({ index: [at[d]], value }))),
  );
  const none = { ...asked, weights: weights.map(() => 0), reduction: 'sum', statistics: true };
  const { body: refused } = await http.post('/v1/kl-divergence').send(none).expect(422);
  assert.deepEqual(refused.errors[0].pointer, '#/weights');
  assert.match(refused.errors[0].detail, /statistics/);
});

test('of several divergences each has its statistics, in its unit, and the agreement of both sides stands once', async () => {
  const { http } = await sharedApp();
  const divergences = ['kl', 'hellinger', 'renyi:0.5'];
  const request = { ...asked, base: 2, statistics: [0.5], divergences, reduction: ['per_distribution', 'distribution_mean'] };
  const { body } = await http.post('/v1/divergences').send(request).expect(200);
  assert.deepEqual(Object.keys(body.statistics), ['top_1_agreement']);
  for (const name of divergences) {
    const { results, statistics } = body.divergences[name];
    const sorted = results.per_distribution.toSorted((a: number, b: number) => a - b);
    assert.equal(statistics.quantiles[0].value, sorted[12]);
    assert.equal(statistics.mean, results.distribution_mean);
    assert.equal('top_1_agreement' in statistics, false);
  }
  const { body: kl } = await http.post('/v1/kl-divergence').send({ ...request, divergences: undefined });
  assert.deepEqual(kl.statistics.top_1_agreement, body.statistics.top_1_agreement);
  const tensor = (data: number[][]) => ({ name: '', shape: [25, 40], datatype: 'FP64', data: data.flat() });
  const inputs = Object.entries(asked).map(([name, data]) => ({ ...tensor(data), name }));
  const { body: ofModel } = await http.post('/v2/models/hellinger/infer').send({ inputs, parameters: { statistics: '0.5' } });
  const { base: _, ...expected } = body.divergences.hellinger.statistics;
  assert.deepEqual(JSON.parse(ofModel.parameters.statistics), { ...expected, ...body.statistics });
});

test('an answer in safetensors has its statistics among its metadata, of KL and of several divergences', async () => {
  const { http } = await sharedApp();
  const flat = (data: number[][]) => ({ shape: [25, 40], data: Float64Array.from(data.flat()) });
  const bytes = Buffer.concat(writeSafetensors({ input: flat(asked.input), target: flat(asked.target) }, {}));
  for (const path of ['/v1/kl-divergence', '/v1/divergences']) {
    const sent = () =>
      http.post(`${path}?statistics=0.5&reduction=per_distribution`).set('content-type', mediaTypes.safetensors[0]).serialize(asIs);
    const { body: json } = await sent().set('accept', 'application/json').send(bytes).expect(200);
    const { metadata } = readSafetensorsAnswer(
      (await sent().set('accept', mediaTypes.safetensors[0]).buffer(true).parse(binary).send(bytes)).body,
    );
    assert.deepEqual(JSON.parse(metadata.statistics), json.statistics);
    if (path.endsWith('divergences')) assert.deepEqual(JSON.parse(metadata.divergences).kl.statistics, json.divergences.kl.statistics);
  }
});

test('an infinite divergence leaves a mean of Infinity without errors, and finite quantiles', async () => {
  const { http } = await sharedApp();
  const probs = { input_kind: 'probs', target_kind: 'probs' };
  const input = [
    [1, 0],
    [0.5, 0.5],
    [0.25, 0.75],
  ];
  const { body } = await http
    .post('/v1/kl-divergence')
    .send({ ...probs, input, target: input.map(() => [0.5, 0.5]), statistics: [0.5, 1] });
  const { infinite, mean, standard_deviation, standard_error, quantiles, largest } = body.statistics;
  assert.deepEqual([infinite, mean, standard_deviation, standard_error], [1, 'Infinity', null, null]);
  assert.deepEqual(
    quantiles.map(({ value }: { value: unknown }) => typeof value),
    ['number', 'string'],
  );
  assert.deepEqual(largest[0], { index: [0], value: 'Infinity' });
});

test('statistics in the defaults of a batch hold for every item that does not say false', async () => {
  const { http } = await sharedApp();
  const items = [{ ...asked }, { ...asked, statistics: false }, { ...asked, statistics: [0.5] }];
  const { body } = await http.post('/v1/kl-divergence/batch').send({ defaults: { statistics: true }, items });
  assert.deepEqual(
    body.items.map(({ statistics }: { statistics?: { quantiles: unknown[] } }) => statistics?.quantiles.length),
    [9, undefined, 1],
  );
});
