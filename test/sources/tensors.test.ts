import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tensorDescriber } from '../../src/sources/describe-tensor.ts';
import { rowReader } from '../../src/sources/read-rows.ts';
import type { StoredOperand } from '../../src/sources/stored-tensor.ts';
import { readNumbers } from '../../src/tensor/dtypes.ts';
import { access, fixtureSources, fixtures, newSources, readRows, refusal } from './helper.ts';

type Expected = { shape: number[]; numbers: number[] };

const json = (path: string) => JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));
const uriOf = (path: string) => new URL(path, fixtures).href;
const stored: Readonly<Record<string, Expected>> = json('sources/expected.json');

/** Checks that an operand has a shape and numbers, whatever rows are asked for at a time. */
async function check(t: TestContext, operand: StoredOperand, { shape, numbers }: Expected) {
  const sources = fixtureSources(t);
  const tensor = await tensorDescriber(sources, access)(operand);
  assert.deepEqual(tensor.shape, shape);
  // as the plan of a job, it is kept as JSON
  const kept = JSON.parse(JSON.stringify(tensor));
  for (const step of [1, 3, shape[0]]) {
    const read: number[] = [];
    for (let from = 0; from < shape[0]; from += step) {
      const { dtype, bytes } = await readRows(sources, kept, from, Math.min(from + step, shape[0]));
      read.push(...readNumbers(dtype, bytes));
    }
    assert.deepEqual(read, numbers);
  }
}

const faultIn = (t: TestContext, operand: StoredOperand) => refusal(tensorDescriber(fixtureSources(t), access)(operand));

for (const [name, expected] of Object.entries<Expected>(json('numpy/expected.json').files)) {
  if (name === 'fortran' || name === 'big_endian') continue;
  test(`the .npy file of NumPy with ${name} has its shape and its numbers`, (t) => check(t, { uri: uriOf(`numpy/${name}.npy`) }, expected));
}

test('.npy in Fortran order and big-endian numbers are refused, with what to save instead', async (t) => {
  assert.equal(
    await faultIn(t, { uri: uriOf('numpy/fortran.npy') }),
    'SOURCE_NOT_READABLE/uri: the array is in Fortran order: save numpy.ascontiguousarray(array)',
  );
  assert.equal(
    await faultIn(t, { uri: uriOf('numpy/big_endian.npy') }),
    'SOURCE_NOT_READABLE/uri: the numbers of the array are big-endian: save array.astype(array.dtype.newbyteorder("<"))',
  );
});

for (const [name, tensors] of Object.entries<Record<string, { shape: number[]; numbers: (number | string)[] }>>(
  json('safetensors/expected.json').files,
)) {
  for (const [tensor, { shape, numbers }] of Object.entries(tensors).filter(([tensor]) => ['input', 'target'].includes(tensor))) {
    test(`the safetensors file of the reference library with ${name} has the shape and the numbers of ${tensor}`, (t) =>
      check(t, { uri: uriOf(`safetensors/${name}.safetensors`), tensor }, { shape, numbers: numbers.map(Number) }));
  }
}

test('a tensor in several files is joined along its leading axis', (t) =>
  check(t, { uri: ['1', '2'].map((part) => uriOf(`sources/model-0000${part}-of-00002.safetensors`)), tensor: 'logits' }, stored.logits));

test('an index says in which file a tensor is', (t) =>
  check(t, { uri: uriOf('sources/model.safetensors.index.json'), tensor: 'hidden' }, stored.hidden));

test('an index and a file that several operands name are read once', async (t) => {
  const sources = fixtureSources(t);
  const opened: string[] = [];
  const open: typeof sources.open = (uri, options) => {
    opened.push(uri);
    return sources.open(uri, options);
  };
  const describe = tensorDescriber({ ...sources, open }, access);
  const uri = uriOf('sources/model.safetensors.index.json');
  await Promise.all(['logits', 'hidden', 'logits', 'hidden'].map((tensor) => describe({ uri, tensor })));
  assert.deepEqual(opened.toSorted(), [...new Set(opened)].toSorted());
});

test('an index names files beside itself only', async (t) => {
  const uri = uriOf('sources/model.safetensors.index.json');
  for (const tensor of ['outside', 'number']) {
    assert.equal(await faultIn(t, { uri, tensor }), 'SOURCE_NOT_READABLE/uri: the index names no file beside itself for the tensor');
  }
  assert.equal(await faultIn(t, { uri, tensor: 'missing' }), 'SOURCE_NOT_READABLE/tensor: the index has no tensor of this name');
  assert.equal(
    await faultIn(t, { uri }),
    'SOURCE_NOT_READABLE/tensor: the index says where several tensors are: say which one with tensor',
  );
});

test('parts that differ in more than their leading axis, or in dtype, are refused with the place of the part', async (t) => {
  const first = uriOf('sources/model-00002-of-00002.safetensors');
  assert.equal(
    await faultIn(t, { uri: [first, uriOf('sources/hidden.safetensors')] }),
    'SHAPE_MISMATCH/uri/1: the tensor has the shape [4, 3] here and [1, 2, 3] in the first source: only the leading axis may differ',
  );
  assert.equal(
    await faultIn(t, { uri: [first, uriOf('numpy/float64.npy')] }),
    'SOURCE_NOT_READABLE/uri/1: the tensor is float64 here and float32 in the first source',
  );
  assert.match(await faultIn(t, { uri: [first, uriOf('missing')] }), /^SOURCE_NOT_ALLOWED\/uri\/1: /);
});

test('of a file with several tensors, one must be named; of one with a single tensor, it is that', async (t) => {
  const uri = uriOf('sources/model-00001-of-00002.safetensors');
  assert.equal(await faultIn(t, { uri }), 'SOURCE_NOT_READABLE/tensor: the file has 2 tensors: say which one with tensor');
  assert.equal(
    await faultIn(t, { uri, tensor: 'toString' }),
    'SOURCE_NOT_READABLE/tensor: the file has no tensor of this name; it has 2 tensors',
  );
  const ofOne = uriOf('sources/hidden.safetensors');
  assert.equal(
    await faultIn(t, { uri: ofOne, tensor: 'logits' }),
    'SOURCE_NOT_READABLE/tensor: the file has no tensor of this name; it has one, which is read if tensor is left out',
  );
  await check(t, { uri: ofOne }, stored.hidden);
});

test('a name of something that files of a format do not have is refused', async (t) => {
  const file = uriOf('sources/hidden.safetensors');
  assert.equal(
    await faultIn(t, { uri: file, column: 'hidden' }),
    'SOURCE_NOT_READABLE/column: files of this format have no columns by name: leave column out',
  );
  for (const uri of ['numpy/float64.npy', 'sources/one-column.parquet'].map(uriOf)) {
    assert.match(await faultIn(t, { uri, tensor: 'bins' }), /^SOURCE_NOT_READABLE\/tensor: files of this format have no tensors by name/);
  }
});

const columns = ['float64', 'float32', 'float16', 'fixed', 'int64', 'uint8', 'bool', 'scalar'];
for (const coding of ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4', 'v2']) {
  test(`columns of a Parquet file of pyarrow, ${coding}, have their shapes and their numbers`, async (t) => {
    for (const column of columns) await check(t, { uri: uriOf(`sources/columns-${coding}.parquet`), column }, stored[column]);
  });
}

test('of a Parquet file with several columns, one must be named; of one with a single column, it is that', async (t) => {
  const uri = uriOf('sources/columns-none.parquet');
  assert.equal(await faultIn(t, { uri }), 'SOURCE_NOT_READABLE/column: the file has 8 columns: say which one with column');
  assert.equal(
    await faultIn(t, { uri, column: 'no' }),
    'SOURCE_NOT_READABLE/column: the file has no column of this name; it has 8 columns',
  );
  const ofOne = uriOf('sources/one-column.parquet');
  assert.equal(
    await faultIn(t, { uri: ofOne, column: 'no' }),
    'SOURCE_NOT_READABLE/column: the file has no column of this name; it has one, which is read if column is left out',
  );
  await check(t, { uri: ofOne }, stored.float64);
});

test('columns of anything but numbers and lists of numbers are refused', async (t) => {
  for (const column of ['text', 'date', 'timestamp', 'decimal', 'struct', 'structs', 'lists', 'map']) {
    assert.match(
      await faultIn(t, { uri: uriOf('sources/wrong.parquet'), column }),
      /^SOURCE_NOT_READABLE\/column: the column holds .*: expected /,
      column,
    );
  }
  assert.match(await faultIn(t, { uri: uriOf('sources/empty.parquet') }), /^EMPTY_TENSOR\/uri: /);
});

test('rows of a column that are null, hold a null or differ in length are refused with their place', async (t) => {
  const uri = uriOf('sources/wrong.parquet');
  assert.equal(
    await faultIn(t, { uri, column: 'ragged_group' }),
    'SOURCE_NOT_READABLE/column: the lists of the column differ in length in row group 1, or one is null: every row must be a list of one length',
  );
  const sources = fixtureSources(t);
  for (const [column, expected] of [
    ['ragged', 'row 5 of the column has 2 numbers, and the rows of the first row group 3'],
    ['null_row', 'row 5 of the column is null'],
    ['null_in_row', 'row 5 of the column has a null at 1'],
    ['null', 'row 9 of the column is null'],
  ]) {
    const tensor = await tensorDescriber(sources, access)({ uri, column });
    assert.equal(await refusal(readRows(sources, tensor, 0, 10)), `SOURCE_NOT_READABLE: ${expected}`);
    // rows before them can be read
    await readRows(sources, tensor, 0, 4);
  }
});

test('a row group that is too large to be decoded at once is refused, with what to write instead', async (t) => {
  assert.equal(
    await faultIn(t, { uri: uriOf('sources/large-row-group.parquet') }),
    'SOURCE_NOT_READABLE/column: a row group of the column holds 8388609 numbers; at most 8388608 are accepted: write the file with smaller row groups, row_group_size in pyarrow',
  );
});

/** The fault of a file with these bytes. */
async function faultOfBytes(t: TestContext, bytes: Uint8Array | string, name = 'q') {
  const folder = mkdtempSync(join(tmpdir(), 'sources-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), bytes);
  const sources = newSources(t, { prefixes: [pathToFileURL(folder).href] });
  return refusal(tensorDescriber(sources, access)({ uri: pathToFileURL(join(folder, name)).href }));
}

const safetensors = (header: string, data = 0) => {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(header) + data);
  bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  bytes.write(header, 8);
  return bytes;
};
const npy = (header: string) => Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]), Buffer.from(header)]);
const fixture = (path: string) => readFileSync(new URL(path, fixtures));

for (const [title, bytes] of Object.entries<Uint8Array | string>({
  'is empty': '',
  'is shorter than any header': 'secret',
  'is in no format': 'a secret text that nobody may see in an error',
  'has a header that is no JSON': safetensors('{secret'),
  'has a header that is no object': safetensors('["secret"]'),
  'has a name twice': safetensors('{"secret":1,"secret":2}'),
  'has a tensor that is no object': safetensors('{"secret":"secret"}'),
  'has a dtype that is not read': safetensors('{"a":{"dtype":"secret","shape":[1],"data_offsets":[0,1]}}', 1),
  'has a shape of texts': safetensors('{"a":{"dtype":"F32","shape":["secret"],"data_offsets":[0,4]}}', 4),
  'has offsets of texts': safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":["secret",4]}}', 4),
  'has offsets that are not its shape': safetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
  'ends before its tensor': safetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 4),
  'is .npy with a Python object': npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
  'is .npy with a structure': npy("{'descr': [('secret', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
  'is .npy without a shape': npy("{'descr': '<f4', 'fortran_order': False, 'secret': (1,), }"),
  'is .npy that ends before its numbers': npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"),
  'is .npy that ends in its header': fixture('numpy/float64.npy').subarray(0, 60),
  'is .npy of 9 bytes': fixture('numpy/float64.npy').subarray(0, 9),
  'is Parquet that is cut': fixture('sources/one-column.parquet').subarray(0, 600),
  'is Parquet with a broken footer': fixture('sources/one-column.parquet').fill(0x61, 700, 1200),
  'is Parquet of 4 bytes': 'PAR1',
  'is Parquet of 8 bytes': 'PAR1PAR1',
})) {
  test(`a file that ${title} is SOURCE_NOT_READABLE, and nothing of it is said`, async (t) => {
    const said = await faultOfBytes(t, bytes);
    assert.match(said, /^SOURCE_NOT_READABLE\/uri: /);
    assert.doesNotMatch(said, /secret|aaa/);
  });
}

test('an index that is none is SOURCE_NOT_READABLE, and nothing of it is said', async (t) => {
  for (const text of ['secret', '[]', 'null', '{"weight_map":"secret"}', '{"weight_map":null}']) {
    const said = await faultOfBytes(t, text, 'model.safetensors.index.json');
    assert.equal(said, 'SOURCE_NOT_READABLE/uri: the index is no JSON object with a weight_map');
  }
});

test('a scalar, an empty axis and too many axes have their own codes', async (t) => {
  const of = (shape: string, bytes: number) => safetensors(`{"a":{"dtype":"U8","shape":${shape},"data_offsets":[0,${bytes}]}}`, bytes);
  assert.match(await faultOfBytes(t, of('[]', 1)), /^SCALAR_TENSOR\/uri/);
  assert.match(await faultOfBytes(t, of('[2,0]', 0)), /^EMPTY_TENSOR\/uri: axis 1 /);
  assert.match(await faultOfBytes(t, of(`[${Array(33).fill(1)}]`, 1)), /^DEPTH_LIMIT\/uri/);
});

test('a Parquet file with damaged pages is SOURCE_NOT_READABLE when its rows are read', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sources-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'q'), fixture('sources/one-column.parquet').fill(0x61, 4, 300));
  const sources = newSources(t, { prefixes: [pathToFileURL(folder).href] });
  const tensor = await tensorDescriber(sources, access)({ uri: pathToFileURL(join(folder, 'q')).href });
  assert.match(await refusal(readRows(sources, tensor, 0, 10)), /^SOURCE_NOT_READABLE: the Parquet file is damaged/);
});

test('rows are read into memory that is given, if they fit', async (t) => {
  const sources = fixtureSources(t);
  const tensor = await tensorDescriber(sources, access)({ uri: uriOf('numpy/float64.npy') });
  const into = new Uint8Array(100);
  const { bytes } = await readRows(sources, tensor, 1, 2, into);
  assert.equal(bytes.buffer, into.buffer);
  assert.deepEqual([...new Float64Array(into.buffer, 0, 3)], [1e-3, 3, -0.1]);
  await assert.rejects(readRows(sources, tensor, 0, 2, into.subarray(0, 47)), RangeError);
});

test('rows of a file that has changed are SOURCE_CHANGED', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sources-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'q');
  writeFileSync(path, fixture('numpy/float64.npy'));
  const sources = newSources(t, { prefixes: [pathToFileURL(folder).href] });
  const tensor = await tensorDescriber(sources, access)({ uri: pathToFileURL(path).href });
  writeFileSync(path, fixture('numpy/float32.npy'));
  assert.match(await refusal(readRows(sources, tensor, 0, 2)), /^SOURCE_CHANGED: /);
});

test('a reader opens each source once for the rows that follow one another, has one open at a time, and notices a change in between', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sources-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const names = ['1', '2'].map((part) => `model-0000${part}-of-00002.safetensors`);
  for (const name of names) writeFileSync(join(folder, name), fixture(`sources/${name}`));
  const sources = newSources(t, { prefixes: [pathToFileURL(folder).href] });
  const uri = names.map((name) => pathToFileURL(join(folder, name)).href);
  const tensor = await tensorDescriber(sources, access)({ uri, tensor: 'logits' });
  const now: string[] = [];
  const log: string[] = [];
  const open: typeof sources.open = async (one, options) => {
    const source = await sources.open(one, options);
    now.push(one);
    log.push(`${uri.indexOf(one)} with ${now.length} open`);
    return { ...source, close: () => source.close().finally(() => now.splice(now.indexOf(one), 1)) };
  };
  const { read, close } = rowReader({ ...sources, open }, tensor, access);
  t.after(close);
  for (let row = 0; row < tensor.shape[0]; row++) await read(row, row + 1);
  assert.deepEqual(log, ['0 with 1 open', '1 with 1 open']);
  const last = tensor.shape[0] - 1;
  writeFileSync(join(folder, names[1]), 'another');
  assert.match(await refusal(read(last, last + 1)), /^SOURCE_CHANGED: /);
  await close();
  assert.deepEqual(now, []);
});
