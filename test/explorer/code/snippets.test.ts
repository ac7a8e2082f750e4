import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestValue } from '../../../src/explorer/code/request-value.ts';
import { snippets } from '../../../src/explorer/code/snippets.ts';
import { emptyState } from '../../../src/explorer/state/state.ts';
import type { ByteTensor, DtypeName } from '../../../src/explorer/tensors/dtype.ts';

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

test('PyTorch imports math where a line uses it, and only there', () => {
  const request = requestValue({ ...state, texts: { ...state.texts, input: '[1, 2]', target: '[1, 2]' } });
  assert.ok(request);
  const step = { formula: '', value: [0, 0] };
  const codeOf = (expression: string) => {
    const conventions = [{ library: 'PyTorch', expression, note: '', value: 0 }];
    const explanation = { conventions, steps: { input_log_probs: step, target_log_probs: step } } as unknown;
    return snippets.pytorch.write(request, where, explanation as Parameters<(typeof snippets)['pytorch']['write']>[2]);
  };
  assert.match(codeOf('F.kl_div(input, target) / math.log(2)'), /^import math\nimport torch\n/);
  assert.doesNotMatch(codeOf('F.kl_div(input, target)'), /import math/);
});

test('there is no code while a tensor is no JSON', () => {
  assert.equal(requestValue({ ...state, texts: { ...state.texts, input: '[1, ' } }), undefined);
});

const attached = { file: 'a.npz', tensors: new Map<string, ByteTensor>(), chosen: 'teacher', slice: '0, :2' };
const files = {
  ...state,
  texts: { ...state.texts, weights: '[1, 2]' },
  attached: { input: attached, target: { ...attached, file: 'b.safetensors', slice: '' } },
};

test('files are loaded in Python as the page read them, and sent as bytes with the options in the query', () => {
  const request = requestValue(files);
  assert.ok(request);
  const python = snippets.python.write(request, where, undefined);
  assert.match(python, /"input": np\.ascontiguousarray\(np\.load\("a\.npz"\)\["teacher"\]\[0, :2\]\)/);
  assert.match(python, /"target": np\.ascontiguousarray\(load_file\("b\.safetensors"\)\["teacher"\]\)/);
  assert.match(python, /"weights": np\.array\(\[1, 2\], dtype=float\)/);
  assert.match(python, /params=\{"dim": "0", "base": "2"\}/);
  for (const name of ['curl', 'typescript']) {
    const code = snippets[name].write(request, where, undefined);
    assert.match(code, /\?dim=0&base=2/);
    assert.match(code, /request\.safetensors/);
  }
});

test('code sends what no query spells as JSON', () => {
  const request = requestValue({ ...files, options: { bins: '{"count": 4}', dim: '[0, 1]' } });
  assert.ok(request);
  assert.match(snippets.python.write(request, where, undefined), /params=\{"bins": "\{\\"count\\":4\}", "dim": "0,1"\}/);
  assert.match(snippets.curl.write(request, where, undefined), /\?bins=%7B%22count%22:4%7D&dim=0,1'/);
});

test('Python sends integers as the service reads them, and flags as 0 and 1', () => {
  const loaded = (dtype: DtypeName) => {
    const tensors = new Map([['teacher', { dtype, shape: [1], bytes: new Uint8Array(8) }]]);
    const request = requestValue({ ...files, attached: { input: { ...attached, tensors } } });
    assert.ok(request);
    return /"input": (.*),/.exec(snippets.python.write(request, where, undefined))?.[1];
  };
  assert.equal(loaded('I64'), 'np.ascontiguousarray(np.load("a.npz")["teacher"][0, :2])');
  assert.equal(loaded('I16'), 'np.ascontiguousarray(np.load("a.npz")["teacher"][0, :2])');
  assert.equal(loaded('BOOL'), 'np.ascontiguousarray(np.load("a.npz")["teacher"][0, :2], dtype=np.uint8)');
});

test('PyTorch is given weights, parameters of distributions and the counts of samples', () => {
  const convention = (expression: string) => ({ library: 'PyTorch', expression, note: 'a note', value: 0 });
  const write = (texts: Record<'input' | 'target' | 'weights', string>, options: Record<string, string>, explanation: unknown) => {
    const request = requestValue({ ...state, texts, options });
    assert.ok(request);
    return snippets.pytorch.write(request, where, explanation as never);
  };
  const normal = write(
    { input: '{"loc": 0}', target: '{"loc": [1, 2]}', weights: '[1, 0]' },
    { input_kind: 'normal' },
    { conventions: [convention('kl_divergence(Normal(**target), Normal(**input))')], steps: {}, closed_form: {} },
  );
  assert.match(normal, /^from torch\.distributions import kl_divergence, Normal$/m);
  assert.match(normal, /^target = \{"loc": torch\.tensor\(\[1, 2\], dtype=torch\.float64\)\}$/m);
  assert.match(normal, /^weights = torch\.tensor\(\[1, 0\]/m);
  const samples = write(
    { input: '[1, 5]', target: '[2, 2]', weights: '' },
    { input_kind: 'samples' },
    { conventions: [convention('F.kl_div(input, target)')], steps: {}, bins: { counts: { input: [1, 1], target: [2, 0] } } },
  );
  assert.match(samples, /^target = torch\.tensor\(\[2, 0\]/m);
  assert.equal(write({ input: '[1]', target: '[1]', weights: '' }, {}, undefined), '# PyTorch has no line for this request');
});
