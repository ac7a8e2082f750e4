import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ParametricKindName, parametricKind, parametricKindNames } from '../../../src/core/closed-forms/parametric-kinds.ts';
import { numbersOf, sharedApp, startedApp } from '../../helper.ts';
import { type Asked, kindsOf, type Parameters, path, ways } from '../parameter-ways.ts';

const matrix = (a: number) => [
  [2 + a, 0.5],
  [0.5, 1],
];

/** The standard normal distribution of two coordinates. */
const standardPlane = {
  loc: 0,
  scale_tril: [
    [1, 0],
    [0, 1],
  ],
};

const questions: Readonly<Record<string, Asked>> = {
  'a VAE': {
    kind: 'normal',
    target: {
      loc: [
        [0.5, -1, 2],
        [0, 2, 1],
      ],
      log_variance: [
        [0, 0.1, -2],
        [1, -1, 0.5],
      ],
    },
    input: { loc: 0, scale: 1 },
  },
  'numbers alone': { kind: 'laplace', target: { loc: 0, scale: 2 }, input: { loc: 1, scale: 3 } },
  'bernoulli distributions in either parameterisation': {
    kind: 'bernoulli',
    target: { probs: [[0.1, 0.7]] },
    input: { logits: [[0.3, -0.5]] },
  },
  'dirichlet distributions': {
    kind: 'dirichlet',
    target: {
      concentration: [
        [1, 2, 3],
        [0.5, 1, 7],
      ],
    },
    input: { concentration: 1 },
  },
  'multivariate normals, one covariance for all on one side': {
    kind: 'multivariate_normal',
    target: {
      loc: [
        [0, 1],
        [1, 1],
      ],
      covariance_matrix: [matrix(0), matrix(1)],
    },
    input: {
      loc: 0,
      scale_tril: [
        [1, 0],
        [0.2, 1],
      ],
    },
  },
};

for (const [size, env] of Object.entries({ small: {}, large: { INLINE_LIMIT_BYTES: '0' } })) {
  test(`every format gives the same numbers for parameters of distributions in a ${size} request`, async () => {
    const { http } = await sharedApp(env);
    for (const [question, asked] of Object.entries(questions)) {
      const expected = await ways.nested(http, asked);
      assert.ok('sum' in expected, question);
      for (const [way, ask] of Object.entries(ways)) assert.deepEqual(await ask(http, asked), expected, `${question}, ${way}`);
    }
  });

  test(`parameters of weight 0 are not read in a ${size} request`, async () => {
    const { http } = await sharedApp(env);
    const { target, ...vae } = questions['a VAE'];
    const masked = {
      ...vae,
      target: {
        ...target,
        scale: [
          [1, 2, 3],
          [-1, 0, 1],
        ],
      },
      weights: [2, 0],
    };
    const { log_variance: _, ...parameters }: Parameters = masked.target;
    const asked = { ...masked, target: parameters };
    const expected = await ways.nested(http, asked);
    assert.deepEqual([(expected.per_distribution as number[]).map(Number.isNaN)], [[false, true]]);
    for (const [way, ask] of Object.entries(ways)) {
      assert.deepEqual(await ask(http, asked), expected, way);
      assert.deepEqual(
        await ask(http, { ...asked, weights: [2, 1] }),
        { codes: ['PARAMETER_OUT_OF_DOMAIN', 'PARAMETER_OUT_OF_DOMAIN'] },
        way,
      );
    }
  });
}

const normal = kindsOf('normal');
const standard = { loc: 0, scale: 1 };

/** What is refused, with the code, the pointer and a part of the detail of its first fault. */
const refusals: readonly [string, object, string, string, RegExp][] = [
  [
    'a scale of 0',
    { ...normal, input: standard, target: { loc: 0, scale: [1, 0] } },
    'PARAMETER_OUT_OF_DOMAIN',
    '#/target/scale/1',
    /above 0/,
  ],
  [
    'a scale that is too large',
    { ...normal, input: standard, target: { loc: 0, scale: [1, 1e300] } },
    'PARAMETER_OUT_OF_DOMAIN',
    '#/target/scale/1',
    /expected a standard deviation, a number above 0, up to 1e\+270, got 1e\+300$/,
  ],
  [
    'logarithms as scales',
    { ...normal, input: standard, target: { loc: 0, scale: [1, -2] } },
    'PARAMETER_OUT_OF_DOMAIN',
    '#/target/scale/1',
    /Did you mean log_variance\?/,
  ],
  [
    'scale and log_variance at once',
    { ...normal, input: standard, target: { loc: 0, scale: 1, log_variance: 0 } },
    'INVALID_VALUE',
    '#/target/log_variance',
    /one of the parameters scale, log_variance/,
  ],
  ['a missing parameter', { ...normal, input: standard, target: { scale: 1 } }, 'INVALID_VALUE', '#/target', /the parameter loc/],
  ['a foreign name', { ...normal, input: standard, target: { mu: 0, scale: 1 } }, 'UNKNOWN_FIELD', '#/target/mu', /here it is loc/],
  ['a variance', { ...normal, input: standard, target: { loc: 0, variance: 1 } }, 'UNKNOWN_FIELD', '#/target/variance', /square root/],
  ['a list', { ...normal, input: standard, target: [1, 2] }, 'INVALID_VALUE', '#/target', /an object with the parameters/],
  [
    'kinds that differ',
    { target_kind: 'normal', input: standard, target: standard },
    'INVALID_VALUE',
    '#/input_kind',
    /"input_kind": "normal"/,
  ],
  ['parameters without a kind', { input: standard, target: standard }, 'UNKNOWN_FIELD', '#/input/loc', /input_kind/],
  [
    'shapes that differ',
    { ...normal, input: { loc: [1, 2], scale: 1 }, target: { loc: [1, 2, 3], scale: 1 } },
    'SHAPE_MISMATCH',
    '#/target/loc',
    /\[3\].*\[2\]/,
  ],
  [
    'a probability above 1',
    { ...kindsOf('bernoulli'), input: { probs: 0.5 }, target: { probs: [1, 1.1] } },
    'PARAMETER_OUT_OF_DOMAIN',
    '#/target/probs/1',
    /from 0 to 1/,
  ],
  [
    'a matrix that is not symmetric',
    {
      ...kindsOf('multivariate_normal'),
      input: standardPlane,
      target: {
        loc: 0,
        covariance_matrix: [
          [1, 2],
          [0, 1],
        ],
      },
    },
    'NOT_POSITIVE_DEFINITE',
    '#/target/covariance_matrix',
    /is not symmetric: element \[1, 0\] is 0/,
  ],
  [
    'a matrix with a pivot below 0',
    {
      ...kindsOf('multivariate_normal'),
      input: standardPlane,
      target: {
        loc: 0,
        covariance_matrix: [
          [1, 2],
          [2, 1],
        ],
      },
    },
    'NOT_POSITIVE_DEFINITE',
    '#/target/covariance_matrix',
    /pivot -3 in row 1/,
  ],
  [
    'a dim of a multivariate normal',
    { ...kindsOf('multivariate_normal'), dim: 0, input: { loc: [[0]], scale_tril: [[1]] }, target: { loc: 0, scale_tril: [[1]] } },
    'INVALID_VALUE',
    '#/dim',
    /last axis of loc/,
  ],
  [
    'none of a dirichlet distribution',
    { ...kindsOf('dirichlet'), input: { concentration: [1, 2] }, target: { concentration: [2, 1] }, reduction: 'none' },
    'INVALID_VALUE',
    '#/reduction',
    /per_distribution/,
  ],
  ['a temperature', { ...normal, input: standard, target: standard, temperature: 2 }, 'INVALID_VALUE', '#/temperature', /logits/],
];

test('what cannot be parameters of distributions is refused where it stands, with a way out', async () => {
  const { http } = await sharedApp();
  for (const [title, request, code, pointer, detail] of refusals) {
    const { body } = await http.post(path).send(request).expect(422);
    const [first] = body.errors;
    assert.deepEqual([first.code, first.pointer], [code, pointer], title);
    assert.match(first.detail, detail, title);
  }
});

test('the divergences of a kind are those with a closed form, unless others are asked for, which are refused by name', async () => {
  const { http } = await sharedApp();
  const request = { ...normal, input: standard, target: { loc: 1, scale: 2 } };
  const { body } = await http.post('/v1/divergences').send(request).expect(200);
  assert.deepEqual(Object.keys(body.divergences), ['kl', 'reverse_kl', 'jeffreys']);
  const refused = await http.post('/v1/divergences').send({ ...request, divergences: ['kl', 'hellinger'] });
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '#/divergences/1']);
  const batch = await http.post('/v1/divergences/batch').send({ items: [request, { input: [1, 2], target: [2, 1] }] });
  assert.deepEqual(
    batch.body.items.map(({ divergences }: { divergences: object }) => Object.keys(divergences).length),
    [3, 4],
  );
});

test('parameters of distributions and samples do not mix: each refusal says what to send', async () => {
  const { http } = await sharedApp();
  const request = { ...normal, input: standard, target: { loc: 1, scale: 2 } };
  const mixtures: readonly (readonly [object, string, RegExp])[] = [
    [{ divergences: ['kl', 'k3'] }, '#/divergences/1', /k3 is an estimate from samples, and normal distributions are not: ask for kl/],
    [{ input_kind: 'sampled_log_probs', input: [-1, -2] }, '#/input_kind', /send "input_kind": "normal"/],
    [{ target_kind: 'sampled_log_probs', target: [-1, -2] }, '#/target_kind', /send "target_kind": "normal"/],
    [{ sampled_from: 'input' }, '#/sampled_from', /input_kind is normal/],
  ];
  for (const [change, pointer, detail] of mixtures) {
    const { body } = await http
      .post('/v1/divergences')
      .send({ ...request, ...change })
      .expect(422);
    assert.equal(body.errors[0].pointer, pointer);
    assert.match(body.errors[0].detail, detail);
  }
});

test('explain shows the formula, its source, and what torch.distributions answers', async () => {
  const { http } = await sharedApp();
  const { cases } = JSON.parse(readFileSync(new URL('../../golden/closed-forms.json', import.meta.url), 'utf8'));
  for (const { title, kind, target, input, torch } of cases.filter(
    ({ title }: { title: string }) => !/apart|extreme|large|1000|40 coordinates/.test(title),
  )) {
    const { body } = await http
      .post(`${path}/explain`)
      .send({ ...kindsOf(kind), target, input, reduction: 'sum' })
      .expect(200);
    assert.deepEqual(body.closed_form.kind, kind);
    assert.ok(Number(body.reductions.sum.difference) <= 1e-9 * Math.abs(body.reductions.sum.core), title);
    for (const [at, value] of numbersOf(body.conventions[0].value).entries())
      assert.ok(Math.abs(value - torch[at]) <= 1e-9 * Math.abs(torch[at]), `${title}: ${value}, not ${torch[at]}`);
  }
});

test('infinite divergences are answered with a warning', async () => {
  const { http } = await sharedApp();
  const request = { ...kindsOf('bernoulli'), target: { probs: [0.5, 0.5] }, input: { probs: [0, 0.5] }, reduction: 'sum' };
  const { body } = await http.post(path).send(request).expect(200);
  assert.equal(body.results.sum, 'Infinity');
  assert.deepEqual(
    body.warnings.map(({ code }: { code: string }) => code),
    ['INFINITE_DIVERGENCE'],
  );
});

/** Numbers that a parameter may hold, ordinary and extreme, and now and then one that it may not. */
const drawn: Readonly<Record<string, fc.Arbitrary<number>>> = {
  real: fc.oneof({ weight: 9, arbitrary: fc.double({ min: -5, max: 5, noNaN: true }) }, fc.constantFrom(0, -0, 1e200, -1e271)),
  positive: fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0.01, max: 9, noNaN: true }) },
    fc.constantFrom(5e-324, 1e-200, 1e200, 0, -1),
  ),
  share: fc.oneof({ weight: 9, arbitrary: fc.double({ min: 0.01, max: 0.99, noNaN: true }) }, fc.constantFrom(0, 1, 5e-324, -0.1, 1.5)),
};

const drawnOf: Readonly<Record<string, string>> = { loc: 'real', log_variance: 'real', logits: 'real', probs: 'share' };

/** The parameters of a side: of each choice one, as a number or in the shape of the others. */
function sideOf(kind: ParametricKindName, [rows, columns]: readonly [number, number]): fc.Arbitrary<Parameters> {
  const numbers = (name: string) => drawn[drawnOf[name] ?? 'positive'];
  const tensor = (name: string) => {
    const row = fc.array(numbers(name), { minLength: columns, maxLength: columns });
    return fc.oneof(numbers(name), fc.array(row, { minLength: rows, maxLength: rows }));
  };
  return fc
    .tuple(
      ...parametricKind(kind).choices.map((choice) =>
        fc.constantFrom(...choice).chain((name) => tensor(name).map((value) => [name, value])),
      ),
    )
    .map((entries) => Object.fromEntries(entries));
}

const univariate = parametricKindNames.filter((name) => name !== 'multivariate_normal');

const asked: fc.Arbitrary<Asked> = fc
  .record({ kind: fc.constantFrom(...univariate), shape: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })) })
  .chain(({ kind, shape }) => fc.record({ kind: fc.constant(kind), target: sideOf(kind, shape), input: sideOf(kind, shape) }));

test('the verdict on random parameters does not depend on the format', async () => {
  const { http } = await sharedApp();
  const seen = new Set<string>();
  const compared = fc.asyncProperty(asked, async (question) => {
    const expected = await ways.nested(http, question);
    seen.add('codes' in expected ? 'refused' : 'answered');
    for (const value of Object.values(expected).flat())
      assert.ok(typeof value === 'string' || Number(value) >= 0, JSON.stringify(expected));
    for (const [way, ask] of Object.entries(ways)) assert.deepEqual(await ask(http, question), expected, way);
  });
  await fc.assert(compared, { seed: 1, numRuns: 60 });
  assert.deepEqual([...seen].sort(), ['answered', 'refused']);
});

test('distributions of weight 0 cost nothing of a quota, and the others their parameters', async (t) => {
  const { http, lines } = await startedApp(t);
  const rows = (count: number) => Array.from({ length: count }, () => [1, 2]);
  const request = { ...normal, input: standard, target: { loc: rows(4), scale: rows(4) }, reduction: 'sum' };
  for (const [weights, elements] of [
    [[1, 1, 1, 1], 16],
    [[1, 0, 0, 0], 4],
  ]) {
    await http
      .post(path)
      .send({ ...request, weights })
      .expect(200);
    assert.equal(lines.findLast((line) => 'elements' in line)?.elements, elements);
  }
});

test('statistics describe the divergences, without the most likely outcomes that parameters do not have', async () => {
  const { http } = await sharedApp();
  const request = { ...normal, input: standard, target: { loc: [[0], [1], [2]], scale: 1 }, statistics: [0.5] };
  for (const to of [path, `${path}/explain`]) {
    const { statistics } = (await http.post(to).send(request).expect(200)).body;
    assert.deepEqual([statistics.count, statistics.maximum, statistics.quantiles], [3, 2, [{ quantile: 0.5, value: 0.5 }]]);
    assert.ok(!('top_1_agreement' in statistics));
  }
  const { body } = await http.post('/v1/divergences').send(request).expect(200);
  assert.deepEqual([body.divergences.kl.statistics.maximum, body.statistics], [2, undefined]);
});
