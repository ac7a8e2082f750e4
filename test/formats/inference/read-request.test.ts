import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDenseRequest } from '../../../src/formats/divergence-request.ts';
import { readInference as readAny } from '../../../src/formats/inference/read-request.ts';
import { numbersOfInference, scanNumbers } from '../../../src/formats/json/extract-tensors.ts';
import { createNumberScanner } from '../../../src/kernels/number-scanner.ts';
import { faultPlaces, faultsOf } from '../../helper.ts';

const scanTensor = createNumberScanner();

type Fields = Record<string, unknown>;

const input = { name: 'input', shape: [2, 2], datatype: 'FP64', data: [1, 2, 3, 4] };
const target = { ...input, name: 'target' };
const request = { inputs: [input, target] };

/** Reads a request whose sides are numbers along an axis. */
function readInference(...given: Parameters<typeof readAny>) {
  const inference = readAny(...given);
  const { request } = inference;
  assert.ok(isDenseRequest(request));
  return { ...inference, request };
}

function read(body: Fields | string, binary: Uint8Array = new Uint8Array(0)) {
  const json = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const source = () => {
    const bytes = Buffer.concat([json, binary]);
    return { bytes, numbers: new Float64Array(200), waitFor: () => bytes.length };
  };
  const inference = readInference(source(), String(json.length), 100);
  if (binary.length === 0) assert.deepEqual(numbersIn(readInference(source(), undefined, 100, scanTensor)), numbersIn(inference));
  return inference;
}

/** What was read, with the numbers of both tensors as plain lists, however they were read. */
function numbersIn({ request, ...rest }: ReturnType<typeof readInference>) {
  const plain = ({ tensor: { shape, data }, kind }: (typeof request)['input']) => ({ shape, data: [...data], kind });
  const { checkElements, ...options } = request;
  return { ...rest, request: { ...options, input: plain(request.input), target: plain(request.target) } };
}

const withInput = (change: Fields) => ({ inputs: [{ ...input, ...change }, target] });
const withParameters = (parameters: Fields, rest: Fields = {}) => ({ ...request, ...rest, parameters });
const ofBytes = (change: Fields, size: number) => withInput({ ...change, data: undefined, parameters: { binary_data_size: size } });

test('nested data and flat data are the same tensor', () => {
  const flat = read(request).request;
  const nested = read(
    withInput({
      data: [
        [1, 2],
        [3, 4],
      ],
    }),
  ).request;
  for (const { input } of [flat, nested]) {
    const { shape, data } = input.tensor;
    assert.deepEqual(
      [shape, [...data]],
      [
        [2, 2],
        [1, 2, 3, 4],
      ],
    );
  }
});

test('the tensors may come in any order, and bytes follow each other in it', () => {
  const sized = (name: string, datatype: string, size: number) => ({
    name,
    shape: [2],
    datatype,
    parameters: { binary_data_size: size },
  });
  const bytes = Buffer.concat([Buffer.from(Float32Array.of(1, 2).buffer), Buffer.from(Float64Array.of(3, 4).buffer)]);
  const { request: found } = read({ inputs: [sized('target', 'FP32', 8), sized('input', 'FP64', 16)] }, bytes);
  const dataOf = ({ tensor }: (typeof found)['input']) => [...tensor.data];
  assert.deepEqual(
    [dataOf(found.input), dataOf(found.target)],
    [
      [3, 4],
      [1, 2],
    ],
  );
});

test('without outputs, output is asked for, as binary_data_output says', () => {
  assert.deepEqual(read(request).outputs, [{ name: 'output', isBinary: false }]);
  assert.deepEqual(read({ ...request, outputs: [] }).outputs, [{ name: 'output', isBinary: false }]);
  assert.deepEqual(read(withParameters({ binary_data_output: true })).outputs, [{ name: 'output', isBinary: true }]);
});

test('binary_data of an output goes before binary_data_output of the request', () => {
  const outputs = [{ name: 'sum', parameters: { binary_data: false } }, { name: 'none' }];
  assert.deepEqual(read(withParameters({ binary_data_output: true }, { outputs })).outputs, [
    { name: 'sum', isBinary: false },
    { name: 'none', isBinary: true },
  ]);
});

test('output follows the parameter reduction, whose default is that of /v1', () => {
  assert.deepEqual(read(request).followed, ['sum', 'mean', 'batchmean', 'distribution_mean']);
  assert.deepEqual(read(withParameters({ reduction: 'none' })).followed, ['none']);
  assert.deepEqual(read(withParameters({ reduction: 'mean,sum' })).followed, ['sum', 'mean']);
});

test('outputs by name ask for reductions, beside what output follows', () => {
  const outputs = [{ name: 'none' }, { name: 'output' }];
  const { request: found, followed } = read(withParameters({ reduction: 'mean' }, { outputs }));
  assert.deepEqual([found.reduction, followed], [['none', 'mean'], ['mean']]);
  assert.deepEqual(read({ ...request, outputs: [{ name: 'none' }] }).request.reduction, ['none']);
});

test('options are numbers and booleans, or the text of them', () => {
  const asTyped = read(withParameters({ dim: 0, base: 2, strict: true, input_kind: 'counts' })).request;
  const asText = read(withParameters({ dim: '0', base: '2', strict: 'true', input_kind: 'counts' })).request;
  for (const { dim, base, strict, input } of [asTyped, asText]) {
    assert.deepEqual({ dim, base, strict, input_kind: input.kind }, { dim: 0, base: 2, strict: true, input_kind: 'counts' });
  }
  assert.deepEqual(read(withParameters({ dim: '0,1' })).request.dim, [0, 1]);
  assert.deepEqual(read(withParameters({ dim: [0, 1] })).request.dim, [0, 1]);
});

test('what means nothing here is noted with its place, and with the name that was near', () => {
  const { request: found } = read({
    ...withParameters({ reductoin: 'sum', 'trace/id': 1, timeout: 5, binary_data_output: false }),
    model_name: 'kl_div',
    inputs: [{ ...input, parameters: { content_type: 'np' }, layout: 'row' }, target],
    outputs: [{ name: 'sum', parameters: { classification: 3 } }],
  });
  assert.deepEqual(found.ignored, [
    { pointer: '#/model_name' },
    { pointer: '#/parameters/reductoin', hint: 'did you mean reduction?' },
    { pointer: '#/parameters/trace~1id' },
    { pointer: '#/inputs/0/layout' },
    { pointer: '#/inputs/0/parameters/content_type' },
    { pointer: '#/outputs/0/parameters/classification' },
  ]);
});

test('an option beside parameters is told where it belongs', () => {
  const { ignored = [] } = read({ ...request, dim: 0 }).request;
  assert.deepEqual(ignored, [{ pointer: '#/dim', hint: 'it belongs into parameters' }]);
});

test('of many fields that mean nothing, only those that are named get a hint', () => {
  const { ignored = [] } = read(
    withParameters(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`strict${index}`, 1]))),
  ).request;
  assert.deepEqual([ignored.length, ignored.filter(({ hint }) => hint !== undefined).length], [50, 10]);
});

test('a timeout beyond any integer that a double holds is one, too', () => {
  assert.equal(read(JSON.stringify(withParameters({ timeout: 0.5 })).replace('0.5', '18446744073709551615')).timeout, 2 ** 64);
});

test('reduction means nothing where the outputs are asked for by name, and that is noted', () => {
  const { ignored = [] } = read(withParameters({ reduction: 'mean' }, { outputs: [{ name: 'sum' }] })).request;
  assert.deepEqual(ignored, [{ pointer: '#/parameters/reduction', hint: 'the outputs are asked for by name' }]);
});

test('a request with a timeout of 0 has no deadline', () => {
  assert.equal(read(withParameters({ timeout: 0 })).timeout, undefined);
  assert.equal(read(withParameters({ timeout: 250 })).timeout, 250);
});

test('bare NaN and Infinity are read, and what is wrong elsewhere is told at its place in the text as it came', () => {
  assert.deepEqual(
    faultPlaces(() => read('{"inputs": [NaN, ')),
    ['INVALID_JSON #/inputs/1'],
  );
  const [{ detail }] = faultsOf(() => read('{"inputs": [NaN, Infinity, -Infinity, nul]}'));
  assert.match(detail, /^line 1, column 39: /);
  const text = JSON.stringify(request).replace('[1,2,3,4]', '[-Infinity,2,3,4]');
  assert.deepEqual([...read(text).request.input.tensor.data], [Number.NEGATIVE_INFINITY, 2, 3, 4]);
});

/** Requests that are refused, and where. */
const refused: Record<string, readonly [run: () => unknown, ...places: string[]]> = {
  'not an object': [() => read('[]'), 'INVALID_VALUE #'],
  'no inputs': [() => read({}), 'INVALID_VALUE #/inputs'],
  'one input': [() => read({ inputs: [input] }), 'INVALID_VALUE #/inputs'],
  'one input twice': [() => read({ inputs: [input, target, input] }), 'INVALID_VALUE #/inputs/2/name'],
  'an unknown input': [() => read({ inputs: [input, { ...target, name: 'p' }] }), 'INVALID_VALUE #/inputs/1/name'],
  'more inputs than there can be': [() => read({ inputs: Array(1000).fill(input) }), 'INVALID_VALUE #/inputs'],
  'a datatype without numbers': [() => read(withInput({ datatype: 'BYTES' })), 'INVALID_VALUE #/inputs/0/datatype'],
  'no shape': [() => read(withInput({ shape: undefined })), 'INVALID_VALUE #/inputs/0/shape'],
  'a shape with a text': [() => read(withInput({ shape: [2, '2'] })), 'INVALID_VALUE #/inputs/0/shape/1'],
  'a shape without axes': [() => read(withInput({ shape: [], data: [1] })), 'SCALAR_TENSOR #/inputs/0/shape'],
  'a shape with an empty axis': [() => read(withInput({ shape: [0, 2], data: [] })), 'EMPTY_TENSOR #/inputs/0/shape/0'],
  'too many elements': [() => read(withInput({ shape: [11, 10] })), 'TOO_MANY_ELEMENTS #/inputs/0/shape'],
  'no data': [() => read(withInput({ data: undefined })), 'INVALID_VALUE #/inputs/0'],
  'data and bytes': [() => read(withInput({ parameters: { binary_data_size: 0 } })), 'INVALID_VALUE #/inputs/0'],
  'data that is no list': [() => read(withInput({ data: 5 })), 'INVALID_VALUE #/inputs/0/data'],
  'too few numbers': [() => read(withInput({ data: [1, 2, 3] })), 'DATA_LENGTH_MISMATCH #/inputs/0/data'],
  'nested data of another shape': [() => read(withInput({ data: [[1, 2, 3, 4]] })), 'DATA_LENGTH_MISMATCH #/inputs/0/data'],
  'ragged data': [() => read(withInput({ data: [[1, 2], [3]] })), 'RAGGED_TENSOR #/inputs/0/data/1'],
  'a null': [() => read(withInput({ data: [1, 2, null, 4] })), 'NOT_A_NUMBER #/inputs/0/data/2'],
  'a null in nested data': [
    () =>
      read(
        withInput({
          data: [
            [1, 2],
            [null, 4],
          ],
        }),
      ),
    'NOT_A_NUMBER #/inputs/0/data/1/0',
  ],
  'both tensors': [
    () =>
      read({
        inputs: [
          { ...input, data: [1, 2, 3, null] },
          { ...target, shape: [4, 4] },
        ],
      }),
    'NOT_A_NUMBER #/inputs/0/data/3',
    'DATA_LENGTH_MISMATCH #/inputs/1/data',
  ],
  'a fraction as an integer': [() => read(withInput({ datatype: 'INT32', data: [1, 2, 2.5, 4] })), 'INVALID_VALUE #/inputs/0/data/2'],
  'an integer out of range': [
    () =>
      read(
        withInput({
          datatype: 'UINT8',
          data: [
            [1, 2],
            [3, 256],
          ],
        }),
      ),
    'INVALID_VALUE #/inputs/0/data/1/1',
  ],
  'shared memory': [
    () => read(withInput({ data: undefined, parameters: { shared_memory_region: 'a', shared_memory_byte_size: 32 } })),
    'INVALID_VALUE #/inputs/0/parameters/shared_memory_region',
  ],
  'more bytes than are said': [() => read(request, Buffer.alloc(1)), 'INVALID_BINARY_TENSORS #'],
  'fewer bytes than are said': [() => read(ofBytes({}, 32), Buffer.alloc(31)), 'INVALID_BINARY_TENSORS #'],
  'bytes that do not fit the shape': [
    () => read(ofBytes({ datatype: 'FP32' }, 32), Buffer.alloc(32)),
    'DATA_LENGTH_MISMATCH #/inputs/0/parameters/binary_data_size',
  ],
  'a size that is none': [() => read(ofBytes({}, -1)), 'INVALID_VALUE #/inputs/0/parameters/binary_data_size'],
  'an unknown output': [() => read({ ...request, outputs: [{ name: 'kl' }] }), 'INVALID_VALUE #/outputs/0/name'],
  'a tensor as output and by its name': [
    () => read(withParameters({ reduction: 'none' }, { outputs: [{ name: 'output' }, { name: 'none' }] })),
    'INVALID_VALUE #/outputs/1/name',
  ],
  'an output twice': [() => read({ ...request, outputs: [{ name: 'sum' }, { name: 'sum' }] }), 'INVALID_VALUE #/outputs/1/name'],
  'tensors and numbers in one output': [() => read(withParameters({ reduction: 'all' })), 'INVALID_VALUE #/parameters/reduction'],
  'a wrong option': [() => read(withParameters({ input_kind: 'prob' })), 'INVALID_VALUE #/parameters/input_kind'],
  'a wrong axis in a text': [() => read(withParameters({ dim: '0,x' })), 'INVALID_VALUE #/parameters/dim'],
  'a wrong timeout': [() => read(withParameters({ timeout: -1 })), 'INVALID_VALUE #/parameters/timeout'],
  'a wrong id': [() => read({ ...request, id: 5 }), 'INVALID_VALUE #/id'],
};

for (const [what, [run, ...places]] of Object.entries(refused)) {
  test(`${what} is refused at its place`, () => {
    assert.deepEqual(faultPlaces(run), places);
  });
}

test('what is refused is refused alike with a scanner, which leaves it to JSON.parse', () => {
  const bodies = [
    withInput({ data: [1, 2, null, 4] }),
    withInput({ data: [1, 2, 3] }),
    withInput({ data: [[1, 2, 3, 4]] }),
    withInput({
      data: [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ],
    }),
    withInput({ datatype: 'INT32', data: [1, 2, 2.5, 4] }),
    withInput({
      datatype: 'UINT8',
      data: [
        [1, 2],
        [3, 256],
      ],
    }),
    { ...withInput({ data: [1, 2, -3, 4] }), parameters: { input_kind: 'counts' } },
    {
      inputs: [
        { ...input, data: [1, 2, 3, null] },
        { ...target, shape: [4, 4] },
      ],
    },
    { inputs: [input, target, input] },
    { inputs: [] },
    withParameters({ dim: 'x' }),
  ];
  const twice = JSON.stringify(request);
  const texts = [
    ...bodies.map((body) => JSON.stringify(body)),
    twice.replace('"data":[1,2,3,4]', '"data":[1,2,3,4],"data":"x"'),
    twice.replace('"inputs"', '"inputs":[],"inputs"').replace('[1,2,3,4]', '[]'),
    `${twice.slice(0, -1)},${JSON.stringify(withInput({ data: null })).slice(1)}`,
    '{"inputs": [{"data": [1,2',
    '{"inputs": [,]}',
    '{"inputs": [1 2]}',
    '{"inputs": [{"data": [1,,2]}]}',
  ];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const faults = (scanner?: typeof scanTensor) =>
      faultsOf(() => readInference({ bytes, numbers: new Float64Array(200), waitFor: () => bytes.length }, undefined, 100, scanner));
    assert.deepEqual(faults(scanTensor), faults(), text);
  }
});

test('the scanner reads plain numbers of inference requests without JSON.parse, in any order of members', () => {
  const bodies = [
    request,
    withParameters({ dim: 0 }),
    withInput({
      data: [
        [1, 2],
        [3, 4],
      ],
    }),
    { id: 'a', outputs: [{ name: 'sum' }], ...request },
  ];
  for (const body of bodies) {
    const bytes = Buffer.from(JSON.stringify(body));
    const source = { bytes, numbers: new Float64Array(200), waitFor: () => bytes.length };
    assert.equal(scanNumbers(source, scanTensor, 100, numbersOfInference)?.tensors.size, 2);
  }
});
