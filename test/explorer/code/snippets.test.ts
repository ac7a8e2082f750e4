import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestValue } from '../../../src/explorer/code/request-value.ts';
import { snippets } from '../../../src/explorer/code/snippets.ts';
import { emptyState } from '../../../src/explorer/state/state.ts';

const where = { origin: 'http://localhost:3000', hasKey: false };

const state = {
  ...emptyState,
  texts: { input: `{"outcomes": ["it's"], "values": [1]}`, target: '1, 2', weights: '' },
  options: { dim: '0', base: '2' },
};

test('the key of a visitor is read from the environment, and never stands in the code', () => {
  const request = requestValue(state);
  assert.ok(request);
  for (const name of ['curl', 'python', 'typescript']) {
    assert.doesNotMatch(snippets[name].write(request, where, undefined), /API_KEY/);
    assert.match(snippets[name].write(request, { ...where, hasKey: true }, undefined), /\$API_KEY|environ\["API_KEY"\]|env\.API_KEY/);
  }
});

test('a quote in a text does not end the argument of curl', () => {
  const request = requestValue(state);
  assert.ok(request);
  assert.match(snippets.curl.write(request, where, undefined), /it'\\''s/);
});

test('several divergences, and estimates from samples, go to the endpoint that has them', () => {
  const path = (options: Record<string, string>) => requestValue({ ...state, options })?.path;
  assert.equal(path({}), '/v1/kl-divergence');
  assert.equal(path({ divergences: 'kl,jeffreys' }), '/v1/divergences');
  assert.equal(path({ input_kind: 'sampled_log_probs' }), '/v1/divergences');
});

test('PyTorch is given the outcomes of lists in the order in which the service matched them', () => {
  const lists = {
    ...state,
    texts: { ...state.texts, input: '{"outcomes": ["a"], "values": [1]}', target: '{"outcomes": ["a"], "values": [1]}' },
    options: { input_kind: 'probs' },
  };
  const request = requestValue(lists);
  assert.ok(request);
  const step = (value: unknown) => ({ formula: '', value });
  const explanation = {
    conventions: [{ library: 'PyTorch', expression: 'F.kl_div(input.log(), target)', note: 'a note', value: 0 }],
    steps: { input_log_probs: step([0, '-Infinity']), target_log_probs: step({ shape: [2], data: ['-Infinity', 0] }) },
  } as unknown as Parameters<(typeof snippets)['pytorch']['write']>[2];
  const code = snippets.pytorch.write(request, where, explanation);
  assert.match(code, /^input = torch\.tensor\(\[1, 0\], dtype=torch\.float64\)$/m);
  assert.match(code, /^target = torch\.tensor\(\[0, 1\], dtype=torch\.float64\)$/m);
  assert.match(code, /^print\(F\.kl_div\(input\.log\(\), target\)\) {2}# a note$/m);
});

test('there is no code while a tensor is no JSON', () => {
  assert.equal(requestValue({ ...state, texts: { ...state.texts, input: '[1, ' } }), undefined);
});
