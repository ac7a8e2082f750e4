import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../../src/errors/request-error.ts';
import { numbersOfRequest, scanNumbers } from '../../../src/formats/json/extract-tensors.ts';
import { jsonReader } from '../../../src/formats/json/read-request.ts';
import { examples } from '../../../src/http/openapi/example-requests.ts';
import { createNumberScanner } from '../../../src/kernels/number-scanner.ts';
import { klContract } from '../../../src/schema/parse-request.ts';
import { answer } from '../../../src/tasks/json-response.ts';
import { solve } from '../../../src/tasks/solve/solve.ts';
import golden from '../../golden/kl-divergence.json' with { type: 'json' };

const readJson = jsonReader(klContract);

const scanTensor = createNumberScanner();
const limits = { maxElements: 20_000 };

const sourceOf = (text: string) => {
  const bytes = Buffer.from(text);
  return { bytes, numbers: new Float64Array(2 * limits.maxElements), waitFor: () => bytes.length };
};

/** What a body is answered with, with or without the scanner: the answer, or everything that is said of what is wrong. */
function outcome(text: string, scanner?: typeof scanTensor) {
  try {
    return answer(solve(readJson(sourceOf(text), {}, limits.maxElements, scanner)));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra } = error;
    return { faults, count, extra };
  }
}

const scans = (text: string) => scanNumbers(sourceOf(text), scanTensor, limits.maxElements, numbersOfRequest) !== undefined;

test('every golden case and every example is answered alike with the scanner and without, and is scanned where it is lists', () => {
  const requests = [...golden.cases.map(({ request }) => request), ...Object.values(examples).map(({ request }) => request)];
  for (const request of requests) {
    for (const text of [JSON.stringify(request), JSON.stringify(request, null, 2)]) {
      assert.deepEqual(outcome(text, scanTensor), outcome(text));
      assert.ok(scans(text), text.slice(0, 200));
    }
  }
});

test('options and tensors in any order, names with other values, and a base64 side are scanned', () => {
  const texts = [
    '{"strict":false,"target":[[1,2]],"dim":[1],"input":[[2,1]],"reduction":["sum","none"]}',
    '{"input":{"data":[1,2],"shape":[2]},"target":{"shape":[2],"data":[2,1]}}',
    '{"input":[1,2],"target":{"shape":[2],"base64":"AAAAAAAA8D8AAAAAAAAAQA=="}}',
    ' \n{ "input" : [ 1 , 2 ] ,\t"target" : [ 2 , 1 ] }\r\n ',
  ];
  for (const text of texts) {
    assert.ok(scans(text), text);
    assert.deepEqual(outcome(text, scanTensor), outcome(text));
    assert.ok('results' in outcome(text, scanTensor), text);
  }
});

test('whatever is wrong is told alike with the scanner and without: same codes, same pointers, same line and column', () => {
  const texts = [
    '{"input":[[1,2],[3]],"target":[[1,2],[3,4]]}',
    '{"input":[[1,null]],"target":[["x",2]]}',
    '{"input":[1,"NaN"],"target":[1,"Infinity"]}',
    '{"input":[1,"-Infinity"],"target":[0.5,0.5],"input_kind":"probs","target_kind":"probs"}',
    '{"input":[1,-2],"target":[0.5,0.5],"input_kind":"counts"}',
    '{"input":[1,1e300],"target":[1,2]}',
    '{"input":[1,1e999],"target":[1,-1e999]}',
    '{"input":[1,2],"target":[1,2,3]}',
    '{"input":[1,2],"target":[1,2],"dim":4}',
    '{"input":[1,2],"target":[1,2],"reductoin":"sum"}',
    '{"input":[1,2]}',
    '{"input":{"shape":[3],"data":[1,2]},"target":{"shape":[2],"data":[[1],[2]]}}',
    '{"input":{"shape":[2],"data":[1,2],"dtype":"float32"},"target":{"data":[1,2]}}',
    '{"input":[1,2],"target":[1,2],"strict":true,"reduction":"mean"}',
    '{"input":[1e-400,2],"target":[1,2],"dim":0}',
    '{"input":[1,2],"target":[1,2],}',
    '{"input":[1,2] "target":[1,2]}',
    '{"input":[1,2],\n"target":[1,NaN]}',
    '{"input":[1,2],"target":[1,2]',
    '{"input":[1,2],"target":[1,2]}}',
    '[1,2]',
    '"input"',
    '',
    '{"input":[],"target":[[]]}',
    `{"input":[${'1,'.repeat(20_000)}1],"target":[1]}`,
    `{"input":${'['.repeat(33)}1${']'.repeat(33)},"target":[1]}`,
    '{"input":[1,2],"target":[1,2],"dim":01}',
    '{"input":[1,2],"target":[1,2],"x":"\\ud800\\q"}',
  ];
  for (const text of texts) {
    const plain = outcome(text);
    assert.ok('faults' in plain, text);
    assert.deepEqual(outcome(text, scanTensor), plain, text);
  }
});

test('a name that stands twice is refused with the scanner and without, however it is spelt', () => {
  const texts = [
    '{"input":[1,2],"input":[2,1],"target":[1,2]}',
    '{"input":[1,2],"\\u0069nput":[5,1],"target":[1,2]}',
    '{"input":[1,2],"input":{"shape":[2],"data":[3,1]},"target":[1,2]}',
    '{"input":{"shape":[2],"data":[1,2]},"input":[4,1],"target":[1,2]}',
    '{"input":{"shape":[2],"data":[1,2],"data":[4,1]},"target":[1,2]}',
    '{"input":[1,2],"target":[1,2],"input":"none"}',
  ];
  for (const text of texts) {
    const { faults } = outcome(text, scanTensor) as Partial<RequestError>;
    assert.match(faults?.[0].detail ?? '', /an object has the name "\w+" twice/, text);
    assert.deepEqual(outcome(text, scanTensor), outcome(text), text);
  }
});

test('text within strings is never taken for a tensor', () => {
  for (const value of ['"\\"input\\":[1,2]"', '"\\\\"', '{"input":[1,2]}', '[[{"data":[1]}],"]"]']) {
    const text = `{"note":${value},"input":[1,2],"target":[2,1]}`;
    assert.deepEqual(outcome(text, scanTensor), outcome(text), text);
  }
});

test('the numbers of parameters are scanned by the side and the name that they have, in whichever form', () => {
  const text =
    '{"input":{"loc":0,"scale":{"shape":[2],"data":[1,2]}},"target":{"loc":[3,4],"log_variance":[[5],[6]],"mu":[7]},"weights":[1]}';
  const scanned = scanNumbers(sourceOf(text), scanTensor, limits.maxElements, numbersOfRequest);
  assert.deepEqual(
    [...(scanned?.tensors ?? [])].map(([name, { tensor }]) => [name, [...tensor.data]]),
    [
      ['input.scale', [1, 2]],
      ['target.loc', [3, 4]],
      ['target.log_variance', [5, 6]],
      ['weights', [1]],
    ],
  );
  const kinds = '"input_kind":"normal","target_kind":"normal"';
  for (const scale of ['[1,2]', '[1,0]', '[1,null]', '{"shape":[2],"data":[1,-2]}', '[[1,2]]', '[1,"2"]']) {
    const body = `{"input":{"loc":[0,0],"scale":${scale}},"target":{"loc":0,"scale":[1,2]},${kinds}}`;
    assert.deepEqual(outcome(body, scanTensor), outcome(body));
  }
});

test('lists of names and rows of any lengths are scanned, and answered as JSON.parse has them', () => {
  const texts = [
    listsOf('["a","b"]', '[0.5,0.5]', '["b","a"]', '[0.25,0.75]'),
    listsOf('[["a","b"],[],["c"]]', '[[0.5,0.5],[],[1]]', '[ [ "b" , "a" ] , ["x"] , ["c"] ]', '[[0.25,0.75],[1],[1]]'),
    listsOf('[[],[7,8]]', '[[],[0.5,0.5]]', '[[3],[8,7]]', '[[1],[0.25,0.75]]'),
    listsOf('[["\\u00e9","\\n"]]', '[[0.5,0.5]]', '[["é","\\u000a"]]', '[[0.25,0.75]]'),
    listsOf('["", "\\ud83d\\ude00"]', '[0.5,0.5]', '["😀", ""]', '[0.25,0.75]'),
  ];
  for (const text of texts) {
    const found = scanNumbers(sourceOf(text), scanTensor, limits.maxElements, numbersOfRequest);
    assert.deepEqual([...(found?.tensors.keys() ?? [])], ['target.outcomes', 'target.values', 'input.outcomes', 'input.values'], text);
    assert.deepEqual(outcome(text, scanTensor), outcome(text));
  }
});

test('what is wrong with lists of outcomes is told alike with the scanner and without', () => {
  const parts = [
    '"a"',
    '"a","b"',
    '"a",1',
    '1,"a"',
    '"\\ud800","\\ud801"',
    '"\\x"',
    '"a\u0001"',
    '"a",',
    ',"a"',
    '"a" "b"',
    '["a"]',
    'null',
    '7,8',
    '7.5',
    '',
  ];
  const texts = parts.flatMap((part) => [
    listsOf(`[${part}]`, '[0.5,0.5]', '["b","a"]', '[0.25,0.75]'),
    listsOf(`[["c"],[${part}]]`, '[[1],[0.5,0.5]]', '[["c"],["b","a"]]', '[[1],[0.25,0.75]]'),
    listsOf(`[[],[${part}],[]]`, '[[],[0.5,0.5],[]]', '[[],["b","a"],["a"]]', '[[],[0.25,0.75],[1]]'),
    listsOf('[["c"],["a","b"]]', '[[1],[0.5,0.5]]', `[["c"],[${part}]]`, '[[1],[0.25,0.75]]', ',"weights":[1,0]'),
    listsOf('[["c"],["a","a"]]', '[[1],[0.5,0.5]]', '[["c"],["b","a"]]', `[[1],[${part}]]`),
    listsOf('[["c"],["a","b"]]', '[[1],[0.5,0.5]]', '[["c"],["b","a"]]', '[[1],[0.25,0.75]]', `,"outcomes":[${part}]`),
  ]);
  for (const text of texts) assert.deepEqual(outcome(text, scanTensor), outcome(text), text);
});

function listsOf(outcomes: string, values: string, others: string, otherValues: string, options = ''): string {
  const [target, input] = [`{"outcomes":${outcomes},"values":${values}}`, `{"outcomes":${others},"values":${otherValues}}`];
  return `{"target":${target},"input":${input},"target_kind":"probs","input_kind":"probs","reduction":["sum","none"]${options}}`;
}
