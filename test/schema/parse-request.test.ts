import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, parseRequest } from '../../src/schema/parse-request.ts';
import { faultPlaces, faultsOf } from '../helper.ts';

const tensors = { input: [1, 2], target: [2, 1] };
const refused = (options: Record<string, unknown>) => faultPlaces(() => parseRequest({ ...tensors, ...options }));
const detailOf = (options: Record<string, unknown>) => faultsOf(() => parseRequest({ ...tensors, ...options }))[0].detail;

test('what is left out has the default of the contract', () => {
  assert.deepEqual(parseRequest(tensors), {
    ...tensors,
    input_kind: 'logits',
    target_kind: 'logits',
    temperature: 1,
    pseudocount: 0,
    rest: 'zero',
    dim: -1,
    base: 'e',
    strict: false,
  });
});

test('tensors pass through untouched: nothing of them is copied or walked', () => {
  const walked = new Proxy([1, 2], { get: () => assert.fail('an element was read') });
  const parsed = parseRequest({ input: walked, target: tensors.target });
  assert.equal(parsed.input, walked);
  assert.equal(parsed.target, tensors.target);
});

test('a request with the options of the last is checked no less, and has its own tensors', () => {
  const [weights, sent] = [[1], { dim: 0, base: 2 }];
  const first = parseRequest({ ...tensors, ...sent });
  assert.deepEqual(parseRequest({ ...tensors, ...sent, weights, input: [3, 4] }), { ...first, weights, input: [3, 4] });
  assert.deepEqual(parseRequest({ ...tensors, base: 2, dim: 0 }), first);
  assert.deepEqual(refused({ ...sent, strict: 1 }), ['INVALID_VALUE #/strict']);
  assert.deepEqual(refused({ dim: 0, base: '2' }), ['INVALID_VALUE #/base']);
  assert.deepEqual(refused({ ...sent, toString: 1 }), ['UNKNOWN_FIELD #/toString']);
  assert.deepEqual(
    faultPlaces(() => parseRequest({ input: [1, 2], ...sent })),
    ['INVALID_VALUE #/target'],
  );
  assert.equal(parseRequest({ ...tensors, dim: 0 }).base, 'e');
});

test('options without tensors that are those of the last are checked no less, and belong to their request alone', () => {
  const sent = { dim: 0, base: 2 };
  const first = parseOptions(sent);
  const again = parseOptions({ base: 2, dim: 0 });
  assert.deepEqual(again, first);
  assert.notEqual(again, first);
  const refusedAlone = (options: Record<string, unknown>) => faultPlaces(() => parseOptions(options));
  assert.deepEqual(refusedAlone({ ...sent, strict: 1 }), ['INVALID_VALUE #/strict']);
  assert.deepEqual(refusedAlone({ dim: 0, base: '2' }), ['INVALID_VALUE #/base']);
  assert.deepEqual(refusedAlone({ ...sent, toString: 1 }), ['UNKNOWN_FIELD #/toString']);
  assert.deepEqual(refusedAlone({ ...sent, input: [1, 2] }), ['UNKNOWN_FIELD #/input']);
  assert.equal(parseOptions({ dim: 0 }).base, 'e');
  assert.deepEqual(parseOptions({ dim: [0, 1] }).dim, [0, 1]);
  assert.deepEqual(parseOptions({ dim: [1] }).dim, [1]);
});

test('a body that is not an object is refused as a whole', () => {
  for (const body of [null, 5, 'x', [], true])
    assert.deepEqual(
      faultPlaces(() => parseRequest(body)),
      ['INVALID_VALUE #'],
    );
});

test('each missing tensor is named', () => {
  assert.deepEqual(
    faultPlaces(() => parseRequest({})),
    ['INVALID_VALUE #/input', 'INVALID_VALUE #/target'],
  );
  assert.deepEqual(
    faultPlaces(() => parseRequest({ input: [1] })),
    ['INVALID_VALUE #/target'],
  );
});

test('a list in place of a request is told what a request is, and where a list of them goes', () => {
  const [{ pointer, detail }] = faultsOf(() => parseRequest([[1], [2]]));
  assert.equal(pointer, '#');
  assert.match(detail, /got a list of 2: send \{"input": …, "target": …\}, .* as \{"items": \[…\]\} to POST …\/batch$/);
});

test('a request that was encoded twice is told so, and any other text is not', () => {
  const detail = (body: unknown) => faultsOf(() => parseRequest(body))[0].detail;
  assert.match(detail(JSON.stringify(tensors)), /it was encoded twice: call json\.dumps or JSON\.stringify once$/);
  assert.doesNotMatch(detail('input'), /twice/);
});

test('an unknown field is refused with the nearest known one', () => {
  assert.deepEqual(refused({ reductoin: 'sum' }), ['UNKNOWN_FIELD #/reductoin']);
  assert.match(detailOf({ reductoin: 'sum' }), /did you mean reduction\?/);
  assert.match(detailOf({ Dim: 0 }), /did you mean dim\?/);
  assert.match(detailOf({ frequency: 2 }), /the fields are input, target, weights, input_kind/);
});

test('no field is suggested that shares nothing with the name', () => {
  for (const name of ['x', 'y', 'z']) assert.match(detailOf({ [name]: 1 }), /the fields are/);
  assert.match(detailOf({ K: 1 }), /did you mean k\?/);
});

test('a number out of its bounds is told what was expected, and what came', () => {
  for (const [field, value, expected] of [
    ['temperature', -1, 'a number above 0'],
    ['confidence', 95, 'a number between 0 and 1'],
    ['confidence', 0, 'a number between 0 and 1'],
    ['base', 0.5, 'a number above 1'],
    ['pseudocount', -1, 'a number from 0 to 1e+270'],
    ['pseudocount', 1e271, 'a number from 0 to 1e+270'],
    ['statistics', [2], 'a number from 0 to 1'],
    ['statistics', [-0.5], 'a number from 0 to 1'],
    ['seed', -1, 'an integer from 0 to 2^53 - 1'],
    ['k', 0, 'an integer from 1 to 1000'],
    ['k', 1001, 'an integer from 1 to 1000'],
  ] as const) {
    assert.equal(detailOf({ [field]: value }), `expected ${expected}, got ${[value].flat()[0]}`);
  }
});

test('a kind by another name is told what it is called here', () => {
  const kinds = {
    probabilities: 'probs',
    logprob: 'log_probs',
    histogram: 'counts',
    gaussian: 'normal',
  };
  for (const [name, here] of Object.entries(kinds)) {
    assert.match(detailOf({ input_kind: name }), new RegExp(`, got the text "${name}"\\. Did you mean "${here}"\\?$`));
  }
});

test("another library's name for a field is told what it is called here", () => {
  const names = {
    log_target: /target_kind/,
    axis: /dim/,
    from_logits: /"input_kind": "logits"/,
    size_average: /reduction/,
    reduce: /reduction/,
    tau: /temperature/,
    epsilon: /pseudocount/,
    smoothing: /pseudocount/,
    p: /target/,
    q: /input/,
    kind: /"input_kind" and "target_kind"/,
    log_base: /base/,
    bits: /"base": 2/,
    direction: /exchange both.*reverse_kl/,
    top_k: /"outcomes"/,
    label_smoothing: /probs of target/,
    clip: /pseudocount/,
    num_bins: /bins/,
    symmetric: /jeffreys.*jensen_shannon/,
    normalize: /counts.*logits/,
    id: /batch.*stream/,
    items: /batch/,
    defaults: /batch.*stream/,
  };
  for (const [name, here] of Object.entries(names)) {
    assert.deepEqual(refused({ [name]: 1 }), [`UNKNOWN_FIELD #/${name}`]);
    assert.match(detailOf({ [name]: 1 }), here);
  }
});

test('an unknown field stands before the missing one that it explains', () => {
  assert.deepEqual(
    faultPlaces(() => parseRequest({ p: [1], target: [1] })),
    ['UNKNOWN_FIELD #/p', 'INVALID_VALUE #/input'],
  );
});

test('names that objects inherit are unknown fields like any other', () => {
  const body = JSON.parse('{"input": [1], "target": [1], "__proto__": {"strict": true}, "constructor": 1, "toString": 2}');
  assert.deepEqual(
    faultPlaces(() => parseRequest(body)),
    ['UNKNOWN_FIELD #/__proto__', 'UNKNOWN_FIELD #/constructor', 'UNKNOWN_FIELD #/toString'],
  );
});

test('a pointer escapes what JSON Pointer and URIs reserve, and survives a lone surrogate', () => {
  assert.deepEqual(refused({ 'a/b~c d': 1, '\ud800': 1 }), ['UNKNOWN_FIELD #/a~1b~0c%20d', 'UNKNOWN_FIELD #/%EF%BF%BD']);
});

test('a kind is one of four, and a near miss is named', () => {
  assert.deepEqual(refused({ input_kind: 'logit', target_kind: 'softmax' }), ['INVALID_VALUE #/input_kind', 'INVALID_VALUE #/target_kind']);
  assert.match(detailOf({ input_kind: 'logit' }), /Did you mean "logits"\?/);
  assert.doesNotMatch(detailOf({ input_kind: 'softmax' }), /Did you mean/);
});

test('dim is an integer or a list of them, and a fault in the list points into it', () => {
  assert.deepEqual(parseRequest({ ...tensors, dim: [0, -1] }).dim, [0, -1]);
  for (const dim of [1.5, '0', null, true, {}, 1e300]) assert.deepEqual(refused({ dim }), ['INVALID_VALUE #/dim']);
  assert.deepEqual(refused({ dim: [0, 'a'] }), ['INVALID_VALUE #/dim/1']);
  assert.deepEqual(refused({ dim: [] }), ['INVALID_VALUE #/dim']);
});

test('reduction is a name, "all" or a list of names, and a fault in the list points into it', () => {
  assert.equal(parseRequest({ ...tensors, reduction: 'all' }).reduction, 'all');
  assert.equal(parseRequest({ ...tensors, reduction: 'none' }).reduction, 'none');
  for (const reduction of ['men', 3, null, {}, []]) assert.deepEqual(refused({ reduction }), ['INVALID_VALUE #/reduction']);
  assert.deepEqual(refused({ reduction: ['sum', 'men', 'all'] }), ['INVALID_VALUE #/reduction/1', 'INVALID_VALUE #/reduction/2']);
  assert.match(detailOf({ reduction: 'men' }), /Did you mean "mean"\?/);
});

test('base is "e" or a number above 1', () => {
  assert.equal(parseRequest({ ...tensors, base: 1.0001 }).base, 1.0001);
  for (const base of [1, 0, -2, '2', null, 'E', [2]]) assert.deepEqual(refused({ base }), ['INVALID_VALUE #/base']);
});

test('strict is true or false', () => {
  for (const strict of ['true', 1, null]) assert.deepEqual(refused({ strict }), ['INVALID_VALUE #/strict']);
});

test('a list of a million options is refused without a fault for each', () => {
  const million = Array(1_000_000).fill(0.5);
  assert.deepEqual(refused({ dim: million }), ['INVALID_VALUE #/dim']);
  assert.deepEqual(refused({ reduction: million }), ['INVALID_VALUE #/reduction']);
});
