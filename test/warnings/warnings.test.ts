import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInference } from '../../src/formats/inference/read-request.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import { warningCodes } from '../../src/warnings/warnings.ts';
import { ask, askFamily } from '../helper.ts';
import { normals, seededRandom, softmaxed } from '../kernels/rows.ts';
import { cases, halves, logits, probs, type Request } from './warning-cases.ts';

const askAny = (request: Request) => ('divergences' in request ? askFamily(request) : ask(request));

const codesOf = (request: Request) => askAny(request).warnings.map(({ code }) => code);

for (const code of warningCodes.filter(
  (code) => code !== 'IGNORED_PARAMETER' && code !== 'MIXED_ROUNDING' && code !== 'SOURCE_NOT_PINNED',
)) {
  test(`${code} is raised where it applies, and not where it nearly does`, () => {
    for (const request of cases[code].raises) assert.ok(codesOf(request).includes(code), JSON.stringify(request));
    for (const request of cases[code].comesClose) assert.ok(!codesOf(request).includes(code), JSON.stringify(request));
  });
}

test('a message has two sentences: what was seen and does to the number, and what to do', () => {
  for (const { raises } of Object.values(cases)) {
    for (const { code, message } of raises.flatMap((request) => askAny(request).warnings)) {
      assert.equal(message.split(/[.!?](?=\s|$)/).filter((sentence) => sentence !== '').length, 2, `${code}: ${message}`);
    }
  }
});

/** The warnings of an inference request with such parameters. */
function warningsOfInference(parameters: Record<string, unknown>) {
  const inputs = ['input', 'target'].map((name) => ({ name, shape: [2], datatype: 'FP64', data: [1, 2] }));
  const bytes = Buffer.from(JSON.stringify({ inputs, parameters: { reduction: 'sum', ...parameters } }));
  const { request } = readInference({ bytes, numbers: new Float64Array(0), waitFor: () => bytes.length }, undefined, 10);
  return solve(request).warnings;
}

test('IGNORED_PARAMETER is raised for parameters that mean nothing, and not for those of the protocol', () => {
  assert.deepEqual(warningsOfInference({ timeout: 5, binary_data_output: false, dim: 0 }), []);
  const [{ code, severity, pointer, message, details }, ...others] = warningsOfInference({ axis: 0, redution: 'sum' });
  assert.deepEqual([code, severity, pointer, others.length], ['IGNORED_PARAMETER', 'info', '#/parameters/axis', 0]);
  assert.match(
    message,
    /#\/parameters\/axis \(the axis of a distribution is called dim here\), #\/parameters\/redution \(did you mean reduction\?\)\. /,
  );
  assert.deepEqual(details, { pointers: ['#/parameters/axis', '#/parameters/redution'], count: 2 });
});

test('KIND_MISMATCH takes numbers of an integer datatype for counts, unless one is negative', () => {
  const codes = (datatype: string, data: number[]) => {
    const inputs = ['input', 'target'].map((name) => ({ name, shape: [3], datatype, data }));
    const bytes = Buffer.from(JSON.stringify({ inputs, parameters: { reduction: 'sum' } }));
    const { request } = readInference({ bytes, numbers: new Float64Array(0), waitFor: () => bytes.length }, undefined, 10);
    return solve(request).warnings.map(({ code, message }) => `${code}: ${message.slice(0, 38)}`);
  };
  const found = (side: string) => `KIND_MISMATCH: ${`${side} has an integer datatype and no negative`.slice(0, 38)}`;
  assert.deepEqual(codes('INT64', [3, 1, 2]), [found('input'), found('target')]);
  // of one number throughout nothing is known
  assert.deepEqual(codes('INT64', [3, 3, 3]), []);
  assert.deepEqual(codes('INT8', [3, -1, 2]), []);
  assert.deepEqual(codes('FP32', [3, 1, 2]), []);
});

test('IGNORED_PARAMETER names ten, and counts all', () => {
  const [{ message, details }] = warningsOfInference(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`hop-${index}`, 1])));
  assert.equal((details.pointers as string[]).length, 10);
  assert.equal(details.count, 12);
  assert.match(message, /hop-9, and 2 more\./);
});

const warningOf = (code: string, request: Request) => {
  const found = ask(request).warnings.find((warning) => warning.code === code);
  assert.ok(found !== undefined, `${code} was not raised`);
  return found;
};

test('an answer whose numbers mean what they seem to carries no warning', () => {
  assert.deepEqual(
    codesOf({
      input: logits,
      target: [
        [3, 2, 1],
        [1, 2, 3],
      ],
      reduction: ['sum', 'batchmean', 'per_distribution'],
    }),
    [],
  );
});

test('BATCHMEAN_NOT_PER_DISTRIBUTION tells why the size of axis 0 is not the number of distributions', () => {
  const reasons = cases.BATCHMEAN_NOT_PER_DISTRIBUTION.raises.map(
    (request) => warningOf('BATCHMEAN_NOT_PER_DISTRIBUTION', request).details,
  );
  assert.deepEqual(reasons, [
    { reason: 'dim_is_batch_axis', divisor: 2, distributions: 3 },
    { reason: 'rank_1', divisor: 2, distributions: 1 },
    { reason: 'more_batch_axes', divisor: 1, distributions: 2 },
  ]);
});

test('NOT_NORMALIZED measures the worst sum, where it is, and how many are off', () => {
  const { pointer, details, message } = warningOf('NOT_NORMALIZED', {
    ...probs,
    input: halves,
    target: [
      [0.5, 0.6],
      [2, 1],
    ],
  });
  assert.equal(pointer, '#/target');
  assert.deepEqual(details, { side: 'target', worst_sum: 3, worst_index: [1], count: 2, indices: [[0], [1]] });
  assert.match(message, /differs from 1 in 2 of 2 distributions of target, the farthest 3 at \[1\]/);
});

test('each side is warned of on its own', () => {
  const { warnings } = ask({ ...probs, input: [1, 1], target: [2, 2] });
  assert.deepEqual(
    warnings.filter(({ code }) => code === 'NOT_NORMALIZED').map(({ pointer }) => pointer),
    ['#/input', '#/target'],
  );
});

test('NORMALIZED_ON_OTHER_DIM names the axis to use', () => {
  const { details, message } = warningOf('NORMALIZED_ON_OTHER_DIM', cases.NORMALIZED_ON_OTHER_DIM.raises[0]);
  assert.deepEqual(details, { side: 'input', dim: [1], normalized_dim: 0 });
  assert.match(message, /Send "dim": 0\./);
});

test('NORMALIZED_ON_OTHER_DIM names several axes where the numbers sum to 1 over them jointly, and NOT_NORMALIZED advises the same', () => {
  const joint = [
    [0, 0.1, 0.15],
    [0.1, 0, 0.25],
    [0.15, 0.25, 0],
  ];
  const request = { ...probs, input: joint, target: joint };
  assert.deepEqual(warningOf('NORMALIZED_ON_OTHER_DIM', request).details, { side: 'input', dim: [1], normalized_dim: [0, 1] });
  assert.match(warningOf('NOT_NORMALIZED', request).message, /They sum to 1 along dims 0, 1: send that as dim\./);
});

test('KIND_MISMATCH names both kinds, how many distributions look so, and the values under the other kind', () => {
  const { pointer, details, message } = warningOf('KIND_MISMATCH', {
    input: [[0.3333, 0.3333, 0.3333]],
    target: [[0.8123, 0.0948, 0.0928]],
    reduction: ['distribution_mean', 'per_distribution'],
  });
  const { value_if, ...rest } = details;
  assert.equal(pointer, '#/input_kind');
  assert.deepEqual(rest, { side: 'input', declared: 'logits', looks_like: 'probs', send_as: 'counts', distributions: 1 });
  assert.ok(Math.abs((value_if as { distribution_mean: number }).distribution_mean - 0.4858238712678432) < 1e-14);
  assert.match(message, /Send "input_kind": "counts", "target_kind": "counts"; then distribution_mean 0\.485824\./);
});

test('each KIND_MISMATCH of two sides says to send both kinds, which gives the values that it names', () => {
  const request = { input: [[0.4, 0.4, 0.2]], target: [[0.5, 0.3, 0.2]], reduction: 'sum' } as const;
  const found = ask(request).warnings.filter(({ code }) => code === 'KIND_MISMATCH');
  assert.equal(found.length, 2);
  for (const { message, details } of found) {
    const [, fields, sum] = /Send (.*); then sum ([\d.]+)\.$/.exec(message) ?? [];
    const value = ask({ ...request, ...JSON.parse(`{${fields}}`) }).results.sum;
    assert.deepEqual(details.value_if, { sum: value });
    assert.ok(Math.abs(Number(sum) - Number(value)) < 1e-6);
  }
});

test('KIND_MISMATCH of one side says to send the kind of that side', () => {
  const { message } = warningOf('KIND_MISMATCH', { input: [[0.4, 0.4, 0.2]], target: [[5, -3, 1]], reduction: 'sum' });
  assert.match(message, /Send "input_kind": "probs"; then/);
});

const peakedAndFlat = {
  'different rows of both sides are those whose softmax keeps only the largest': {
    input: [
      [40, 30, 25, 5],
      [300, 200, 10, 1],
    ],
    target: [
      [150, 130, 20, 3],
      [250, 249, 30, 2],
    ],
  },
  'the softmax of one side keeps more than the largest': { input: [[400, 300, 299]], target: [[312, 310, 305]] },
};

for (const [where, sides] of Object.entries(peakedAndFlat)) {
  test(`KIND_MISMATCH of counts says what both sides are as counts, where ${where}`, () => {
    const request = { ...sides, reduction: 'distribution_mean' } as const;
    const found = ask(request).warnings.filter(({ code }) => code === 'KIND_MISMATCH');
    const { results } = ask({ ...request, input_kind: 'counts', target_kind: 'counts' });
    assert.ok(found.length > 0);
    for (const { details, message } of found) {
      assert.deepEqual(details.value_if, results);
      assert.match(message, /Send "input_kind": "counts", "target_kind": "counts"; then distribution_mean 0\.\d+\.$/);
    }
  });
}

test('KIND_MISMATCH of counts leaves out rows that are all 0, and takes no logits with a fraction for counts', () => {
  const [input, target, padding] = [
    [400, 300, 299],
    [312, 310, 305],
    [0, 0, 0],
  ];
  const { results } = ask({ input: [input], target: [target], input_kind: 'counts', target_kind: 'counts', reduction: 'sum' });
  const padded = { input: [input, padding], target: [target, padding], reduction: 'sum' };
  assert.deepEqual(warningOf('KIND_MISMATCH', padded).details.value_if, results);
  const { message } = warningOf('KIND_MISMATCH', { ...padded, target: [[312.5, 310, 305], padding] });
  assert.match(message, /Send "input_kind": "counts", "weights" with 0 for distributions that look like padding; then/);
});

test('KIND_MISMATCH of one side at a temperature says what it is without', () => {
  const request = { input: [[0.4, 0.4, 0.2]], target: [[5, -3, 1]], reduction: 'sum' };
  const { details, message } = warningOf('KIND_MISMATCH', { ...request, temperature: 2 });
  assert.match(message, /Send "input_kind": "probs", without temperature; then/);
  assert.deepEqual(details.value_if, ask({ ...request, input_kind: 'probs' }).results);
});

test('KIND_MISMATCH of both sides says the same about padding, whichever side has it', () => {
  const [one, padding] = [Array(3).fill(1), Array(3).fill(0)];
  const pairs = [
    { input: [[900, 30, 40], one], target: [[0.2, 0.3, 0.5], one] },
    { input: [[900, 30, 40], padding], target: [[70, 800, 20], padding] },
  ];
  for (const sides of pairs) {
    const found = ask({ ...sides, reduction: 'sum' }).warnings.filter(({ code }) => code === 'KIND_MISMATCH');
    assert.equal(found.length, 2);
    const [kinds] = /"input_kind.*?(?=, "weights")/.exec(found[0].message) ?? [];
    const { results } = ask({ ...sides, reduction: 'sum', weights: [1, 0], ...JSON.parse(`{${kinds}}`) });
    for (const { message, details } of found) {
      assert.match(message, /, "weights" with 0 for distributions that look like padding; then sum/);
      assert.deepEqual(details.value_if, results);
    }
  }
});

test('KIND_MISMATCH recognises logits that are logarithms to another base or of the other sign, and its advice ends it', () => {
  const target = [
    [0.7, 0.1, 0.2],
    [0.3, 0.3, 0.4],
  ];
  const others: readonly (readonly [string, (p: number) => number, number, RegExp])[] = [
    ['log2', Math.log2, Math.LN2, /^2\^target sums to 1 along dim 1 .* Multiply the numbers by ln 2 = 0\.693147\.$/],
    ['-log', (p) => -Math.log(p), -1, /^e\^-target sums to 1 .* Send log p, not -log p\.$/],
  ];
  const request = {
    input: [
      [0.5, -1, 2],
      [1.5, 0, 0.3],
    ],
    reduction: 'sum',
  };
  for (const [name, log, factor, words] of others) {
    const { pointer, details, message } = warningOf('KIND_MISMATCH', { ...request, target: target.map((row) => row.map(log)) });
    assert.equal(pointer, '#/target');
    assert.deepEqual(details, { side: 'target', declared: 'logits', looks_like: name });
    assert.match(message, words);
    assert.deepEqual(codesOf({ ...request, target: target.map((row) => row.map((p) => factor * log(p))) }), []);
  }
  // natural ones with a mask, whole numbers, a sum that is near 1 by chance
  for (const row of [
    [0, '-Infinity', '-Infinity'],
    [-1, -2, -2],
    [-1.1, -2, -1.92],
  ])
    assert.deepEqual(codesOf({ ...request, target: [row, row] }), []);
});

test('KIND_MISMATCH names the axes that the probabilities lie along', () => {
  const images = Array.from({ length: 2 }, (_, image) => [
    [0.1 + image / 8, 0.25],
    [0.2, 0.45 - image / 8],
  ]);
  const { details, message } = warningOf('KIND_MISMATCH', { input: images, target: images, reduction: 'distribution_mean' });
  assert.deepEqual(details.dim, [1, 2]);
  assert.deepEqual(details.value_if, { distribution_mean: 0 });
  assert.match(message, /"input_kind": "probs", "target_kind": "probs", "dim": \[1, 2\]/);
});

test('PSEUDOCOUNT_OF_SHARES says how much of the mass it is, and an infinite divergence of shares advises a small one', () => {
  const request = {
    input: [0.4, 0.3, 0.3, 0],
    target: [0.5, 0.3, 0.1, 0.1],
    input_kind: 'counts',
    target_kind: 'counts',
    reduction: 'sum',
  };
  const { pointer, details, message } = warningOf('PSEUDOCOUNT_OF_SHARES', { ...request, pseudocount: 0.5 });
  assert.equal(pointer, '#/pseudocount');
  assert.deepEqual(details, { sides: ['input', 'target'], pseudocount: 0.5, added: 2 });
  assert.match(
    message,
    /^input and target sum to 1 along dim 0 in the one distribution.* 0\.5 adds 2 to each sum, so that 66\.6667 % of the mass/,
  );
  const [, advised] = /send a "pseudocount" such as ([^,]*), which/.exec(warningOf('INFINITE_DIVERGENCE', request).message) ?? [];
  assert.deepEqual([advised, codesOf({ ...request, pseudocount: Number(advised) })], ['1e-6', []]);
});

test('SAMPLED_FROM_OTHER_SIDE is raised for samples of the other model, and for none of the model that is named', () => {
  const random = seededRandom(5);
  const of = (count: number, outcomes: number) => {
    const [p, noise] = [normals(random, outcomes), normals(random, outcomes)];
    const [drawn, other] = [
      softmaxed(p, outcomes),
      softmaxed(
        p.map((x, k) => x + 0.5 * noise[k]),
        outcomes,
      ),
    ];
    const highest = drawn.map((_, at) => drawn.slice(0, at + 1).reduce((sum, share) => sum + share));
    const samples = Array.from({ length: count }, () => {
      const chance = random();
      return Math.max(
        0,
        highest.findIndex((bound) => chance < bound),
      );
    });
    return [drawn, other].map((shares) => samples.map((at) => Math.log(shares[at])));
  };
  const kinds = { input_kind: 'sampled_log_probs', target_kind: 'sampled_log_probs', divergences: ['k3'], reduction: 'distribution_mean' };
  for (let trial = 0; trial < 20; trial++) {
    const [target, input] = of(2000, 50);
    assert.deepEqual(codesOf({ ...kinds, input, target, sampled_from: 'target' }), []);
    const [{ code, details, message, pointer }, ...others] = askFamily({ ...kinds, input, target, sampled_from: 'input' }).warnings;
    assert.deepEqual([code, pointer, others, details.sampled_from], ['SAMPLED_FROM_OTHER_SIDE', '#/sampled_from', [], 'input']);
    assert.match(message, /times as likely under target as under input.* Say "sampled_from": "target" if they are from it,/);
  }
});

test('NEGATIVE_DIVERGENCE holds the lowest total and both masses', () => {
  const { details } = warningOf('NEGATIVE_DIVERGENCE', {
    ...probs,
    input: halves,
    target: [
      [0.25, 0.25],
      [0.5, 0.5],
    ],
  });
  assert.deepEqual(details, {
    lowest: 0.5 * Math.log(0.5),
    target_sum: 0.5,
    input_sum: 1,
    mass_difference: -0.5,
    count: 1,
    indices: [[0]],
  });
});

test('indices are capped at ten, and counted', () => {
  const zeros = Array(12).fill(0);
  const { details } = warningOf('ZERO_OVER_ZERO', { ...probs, input: [[...zeros, 1]], target: [[...zeros, 1]] });
  assert.equal(details.count, 12);
  assert.deepEqual(
    details.indices,
    Array.from({ length: 10 }, (_, k) => [0, k]),
  );
});

test('a mass that is off 1 by little is told by how much', () => {
  const { message } = warningOf('NOT_NORMALIZED', { ...probs, input: [0.5, 0.5], target: [0.5, 0.500002] });
  assert.match(message, /the farthest 1 \+ 0\.0000020: /);
});

test('a sum that only overflows is infinite with a warning that says so', () => {
  const mask = -Number.MAX_VALUE;
  const { details, message } = warningOf('INFINITE_DIVERGENCE', {
    input: [
      [0, mask],
      [0, mask],
    ],
    target: [
      [-800, 0],
      [-800, 0],
    ],
    reduction: 'sum',
  });
  assert.equal(details.count, 0);
  assert.match(
    message,
    /the sum of the divergence over the distributions is larger than the largest float64 \(1\.8e308\), although each is finite/,
  );
});

test('a divergence that overflows itself is told apart from a sum that does', () => {
  const { details, message } = warningOf('INFINITE_DIVERGENCE', {
    input: [-1.7e308, 0],
    target: [0, -1.7e308],
    input_kind: 'log_probs',
    target_kind: 'log_probs',
    base: 2,
    reduction: 'sum',
  });
  assert.equal(details.count, 0);
  assert.match(message, /but the divergence is larger than the largest float64/);
});

test('advice can be followed: it names kinds that keep the numbers, and nothing that the kind of the data does not have', () => {
  const negative = warningOf('NEGATIVE_DIVERGENCE', { ...probs, input: [0.5, 0.5], target: [0.2, 0.2] }).message;
  assert.match(
    negative,
    /^The total is below 0 in the one distribution, .* is never negative unless the masses differ, as here by -0\.6\. /,
  );
  assert.match(negative, /Normalise both sides, or send probabilities as counts and log-probabilities as logits\.$/);
  const infinite = (request: Request) => warningOf('INFINITE_DIVERGENCE', { reduction: 'sum', ...request }).message;
  const samples = { input_kind: 'samples', target_kind: 'samples' };
  assert.match(
    infinite({ ...samples, input: ['a'], target: ['b'] }),
    /, send a "pseudocount" such as 0\.5, which is added to every count\.$/,
  );
});

const none = '-Infinity';
const lists = (values: readonly unknown[]) => ({
  input: { outcomes: ['a', 'b'], values },
  target: { outcomes: ['a', 'c'], values },
});

/** Requests whose divergence is infinite, what they are advised of, and the request that follows the advice. */
const remedies: Record<string, { request: Request; advice: RegExp; followed: Request }> = {
  probabilities: {
    request: { input_kind: 'probs', target_kind: 'probs', input: [1, 0], target: [0.5, 0.5] },
    advice: /, send both sides as "counts" with a "pseudocount" such as 1e-6, [^.]*\.$/,
    followed: { input_kind: 'counts', target_kind: 'counts', pseudocount: 1e-6 },
  },
  'counts beside probabilities': {
    request: { input_kind: 'counts', target_kind: 'probs', input: [7, 0], target: [0.5, 0.5] },
    advice: /, send both sides as "counts" with a "pseudocount" such as 1e-6, [^.]*\.$/,
    followed: { target_kind: 'counts', pseudocount: 1e-6 },
  },
  logits: {
    request: { input: [2, none], target: [1.5, 2] },
    advice: /, send a low number such as -100 there in place of "-Infinity", or mask them on both sides\.$/,
    followed: { input: [2, -100] },
  },
  'logits that are masked on both sides': {
    request: { input: [2, none], target: [1.5, 2] },
    advice: /, or mask them on both sides\.$/,
    followed: { target: [1.5, none] },
  },
  'log-probabilities': {
    request: { input_kind: 'log_probs', target_kind: 'log_probs', input: [0, none], target: [Math.log(0.5), Math.log(0.5)] },
    advice: /, send a low number such as -100 there in place of "-Infinity"\.$/,
    followed: { input: [0, -100] },
  },
  'probabilities beside logits': {
    request: { input_kind: 'probs', input: [1, 0], target: [1.5, 2] },
    advice: /, send a small number such as 1e-9 there in place of 0\.$/,
    followed: { input: [1, 1e-9] },
  },
  'lists of probabilities': {
    request: { input_kind: 'probs', target_kind: 'probs', ...lists([0.5, 0.5]) },
    advice: /, send both sides as "counts" with a "pseudocount" such as 1e-6, [^.]*\.$/,
    followed: { input_kind: 'counts', target_kind: 'counts', pseudocount: 1e-6 },
  },
  'lists of log-probabilities': {
    request: { input_kind: 'log_probs', target_kind: 'log_probs', ...lists([Math.log(0.5), Math.log(0.5)]) },
    advice: /, list them there, too, with a low number such as -100\.$/,
    followed: { input: { outcomes: ['a', 'b', 'c'], values: [Math.log(0.5), Math.log(0.5), -100] } },
  },
  'lists of logits': {
    request: lists([1, 2]),
    advice: /, list them there, too, with a low number such as -100, or mask them on both sides\.$/,
    followed: { input: { outcomes: ['a', 'b', 'c'], values: [1, 2, -100] } },
  },
  'lists of logits that may be the most likely log-probabilities': {
    request: lists([-0.5, -1.5]),
    advice:
      /, send "log_probs" as both kinds, with "rest": "bucket", where the lists are the top of longer ones, else list them there, too, /,
    followed: { input_kind: 'log_probs', target_kind: 'log_probs', rest: 'bucket' },
  },
  'lists of all that there is beside others': {
    request: {
      input_kind: 'probs',
      target_kind: 'probs',
      rest: 'bucket',
      input: { outcomes: ['a'], values: [1] },
      target: { outcomes: ['a', 'b'], values: [0.5, 0.5] },
    },
    advice: /, list them there, too, with a small number such as 1e-9\.$/,
    followed: { input: { outcomes: ['a', 'b'], values: [1, 1e-9] } },
  },
};

for (const [name, { request, advice, followed }] of Object.entries(remedies)) {
  test(`an infinite divergence of ${name} is advised of what makes it finite, and following the advice does`, () => {
    const asked = { reduction: 'sum', ...request };
    assert.match(warningOf('INFINITE_DIVERGENCE', asked).message, advice);
    const { results, warnings } = ask({ ...asked, ...followed });
    assert.ok(typeof results.sum === 'number' && results.sum >= 0, String(results.sum));
    assert.deepEqual(
      warnings.filter(({ severity }) => severity === 'warning'),
      [],
    );
  });
}

test('SINGLE_OUTCOME tells of the Bernoulli distribution where a number may be the probability of one of two outcomes', () => {
  const single = { input: [[0.9], [0.2]], target: [[0.8], [0.3]], reduction: 'sum' };
  const message = (kind: string) => warningOf('SINGLE_OUTCOME', { ...single, input_kind: kind, target_kind: kind }).message;
  assert.match(
    message('probs'),
    /Choose the axis that the classes lie along, or send the probabilities of two outcomes as the kind bernoulli\.$/,
  );
  assert.match(message('logits'), /or send the logits of two outcomes as the kind bernoulli\.$/);
  assert.match(message('counts'), /Choose the axis that the classes lie along\.$/);
});

test('NOT_NORMALIZED tells of lists where log-probabilities may be the top of longer ones', () => {
  const top = [-0.1, -3.2, -4.1];
  const message = (row: readonly number[]) =>
    warningOf('NOT_NORMALIZED', { input_kind: 'log_probs', target_kind: 'log_probs', reduction: 'sum', input: row, target: row }).message;
  assert.match(message(top), /if they are the top of longer lists, send lists of outcomes with "rest": "bucket"; else normalise/);
  assert.doesNotMatch(message([-0.7, -0.69]), /lists/);
});

test('NOT_NORMALIZED speaks of sampled tokens where no number is above 0, and of the sign where it is that of a loss', () => {
  const message = (row: readonly number[]) =>
    warningOf('NOT_NORMALIZED', { input_kind: 'log_probs', target_kind: 'log_probs', reduction: 'sum', input: row, target: row }).message;
  assert.match(message([-0.2, 1e-4, -0.1]), /"logits"; if each is of another sampled token, "sampled_log_probs"; else normalise/);
  assert.match(message([2, -3, 0.1]), /"logits"; else normalise them along dim\.$/);
  assert.match(message([0.7, 0.1, 0.2].map((p) => -Math.log(p))), /Send log p, not -log p\.$/);
});

test('NOT_NORMALIZED recognises logarithms to base 2 and 10, and following its advice normalises them', () => {
  const row = [0.7, 0.1, 0.2];
  for (const [base, log, factor] of [
    [2, Math.log2, '0.693147'],
    [10, Math.log10, '2.30259'],
  ] as const) {
    const request = { input_kind: 'log_probs', target_kind: 'log_probs', reduction: 'sum', target: row.map(Math.log) };
    const { message } = warningOf('NOT_NORMALIZED', { ...request, input: row.map(log) });
    assert.match(message, new RegExp(`They are logarithms to base ${base} of distributions: multiply them by ln ${base} = ${factor}\\.$`));
    assert.deepEqual(codesOf({ ...request, input: row.map((p) => log(p) * Math.log(base)) }).includes('NOT_NORMALIZED'), false);
  }
});

test('NOT_NORMALIZED tells of Bernoulli distributions where numbers may be probabilities of their own', () => {
  const message = (row: readonly number[]) => warningOf('NOT_NORMALIZED', { ...probs, input: row, target: row }).message;
  const advice =
    /"counts"; if each is a probability of its own, as a sigmoid gives, send them as probs of the kind "bernoulli"; else normalise/;
  assert.match(message([0.9, 0.2, 0.8]), advice);
  for (const row of [
    [0.9, 1.2],
    [0.2, 0.3],
    [0.5, 0.501],
  ])
    assert.doesNotMatch(message(row), /bernoulli/);
  const sides = { input: { probs: [0.9, 0.2, 0.8] }, target: { probs: [0.7, 0.2, 0.9] } };
  assert.deepEqual(codesOf({ ...sides, input_kind: 'bernoulli', target_kind: 'bernoulli', reduction: 'sum' }), []);
});

test('NOT_NORMALIZED advises the weight 0 for a distribution without mass, which no kind normalises', () => {
  const message = (kind: string, row: readonly unknown[]) =>
    warningOf('NOT_NORMALIZED', { input_kind: kind, target_kind: kind, reduction: 'sum', input: row, target: row }).message;
  const advice = /may be negative\. A distribution without mass is often padding: send "weights" with 0 for it\.$/;
  assert.match(message('probs', [0, 0]), advice);
  assert.match(message('log_probs', ['-Infinity', '-Infinity']), advice);
  const list = { outcomes: ['a'], values: [0] };
  assert.match(warningOf('NOT_NORMALIZED', { ...probs, reduction: 'sum', input: list, target: list }).message, advice);
});

test('SUSPICIOUS_BYTES says of numbers in text only what would be if they came from bytes', () => {
  const { message } = warningOf('SUSPICIOUS_BYTES', { input_kind: 'counts', target_kind: 'counts', input: [1e270, 1e270], target: [1, 2] });
  assert.match(message, /than they were written in\. If these were, the result means nothing: check the dtype/);
});

test('NOT_NORMALIZED names the kind that normalises what rounding has left', () => {
  const message = (input: readonly number[], kind: string) =>
    warningOf('NOT_NORMALIZED', { input_kind: kind, target_kind: kind, reduction: 'sum', input, target: input }).message;
  const rounded = [0.3333, 0.3333, 0.3333];
  assert.match(
    message(rounded, 'probs'),
    /If they are counts, weights or rounded probabilities, say "input_kind": "counts"; else normalise them along dim\.$/,
  );
  assert.match(message([0.5, 0.4], 'probs'), /If they are counts or weights, say "input_kind": "counts"; else/);
  const logs = rounded.map(Math.log);
  assert.match(
    message(logs, 'log_probs'),
    /If they are scores or rounded log-probabilities, say "input_kind": "logits"; else normalise them along dim\.$/,
  );
});

test('NOT_NORMALIZED advises lists of logarithms to a kind that holds negative numbers', () => {
  const advice = (kind: string, values: readonly number[]) => {
    const list = { outcomes: ['a', 'b'], values };
    const { message } = warningOf('NOT_NORMALIZED', { input_kind: kind, target_kind: kind, reduction: 'sum', input: list, target: list });
    return message.slice(message.indexOf('If the list'));
  };
  const bucket = 'If the list is the top of a longer one, send "rest": "bucket"; if it has';
  assert.equal(advice('probs', [0.5, 0.25]), `${bucket} counts or weights, say so: "input_kind": "counts".`);
  assert.equal(advice('log_probs', [-0.7, -1.4]), `${bucket} scores, say so: "input_kind": "logits".`);
});
