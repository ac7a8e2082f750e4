import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { computeBlocks, type SharedBlocks } from '../../src/kernels/shared-blocks.ts';
import type { BodyReader } from '../../src/memory/shared-body.ts';
import type { TaskInput, TaskResult, WorkerTools } from '../../src/tasks/task.ts';
import { runTask } from '../../src/tasks/tasks.ts';

type Sent = { readonly dtype: string; readonly shape: readonly number[]; readonly bytes: Uint8Array };

/** A file whose data begin `shift` bytes behind a multiple of 8. */
function fileOf(tensors: Readonly<Record<string, Sent>>, shift = 0): Buffer {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    end += bytes.length;
    return [name, { dtype, shape, data_offsets: [end - bytes.length, end] }];
  });
  const header = JSON.stringify(Object.fromEntries(entries));
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8 + shift);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, Buffer.from(padded), ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

const arrays = {
  F64: (numbers: number[]) => Float64Array.from(numbers),
  F32: (numbers: number[]) => Float32Array.from(numbers),
  F16: (numbers: number[]) => Float16Array.from(numbers),
  BF16: (numbers: number[]) => Uint16Array.from(numbers, (x) => new Uint32Array(Float32Array.of(x).buffer)[0] >>> 16),
  I32: (numbers: number[]) => Int32Array.from(numbers),
};

function tensor(dtype: keyof typeof arrays, shape: readonly number[], at: (k: number) => number): Sent {
  const size = shape.reduce((product, n) => product * n, 1);
  const { buffer } = arrays[dtype](Array.from({ length: size }, (_, k) => at(k)));
  return { dtype, shape, bytes: new Uint8Array(buffer) };
}

const p = (k: number) => 2 * Math.sin(k);
const q = (k: number) => 2 * Math.cos(3 * k);
const mass = (k: number) => 1 + (k % 7);

/** Both sides in the order in which they are sent. */
const sides = (dtype: keyof typeof arrays, shape: readonly number[], at = [p, q]) => ({
  input: tensor(dtype, shape, at[0]),
  target: tensor(dtype, shape, at[1]),
});

/** A body that has come only as far as anybody has waited for: beyond that lie the bytes of another request. */
function arriving(bytes: Buffer): BodyReader & { readonly arrived: () => number } {
  const memory = Buffer.from(new SharedArrayBuffer(bytes.length)).fill(0x41);
  let arrived = 0;
  const waitFor = (needed: number) => {
    assert.ok(needed <= bytes.length);
    if (needed > arrived) arrived += bytes.copy(memory, arrived, arrived, needed);
    return arrived;
  };
  return { bytes: memory, numbers: new Float64Array(0), waitFor, arrived: () => arrived };
}

function whole(bytes: Buffer): BodyReader {
  const body = arriving(bytes);
  body.waitFor(bytes.length);
  return body;
}

const kernel = loadKernel();
const helper = loadKernel();
const inThread = (help: (blocks: SharedBlocks) => void): WorkerTools => ({
  kernel: kernel && { kernel, requestHelp: help, minElements: 32 },
  writesInPlace: true,
});
const helping = inThread((blocks) => helper && computeBlocks(helper, blocks));

const run = (task: TaskInput['task'], query: Record<string, string>, body: BodyReader, tools: WorkerTools) =>
  runTask(
    {
      task,
      query,
      accepts: 'json',
      limits: { maxElements: 1_000_000 },
      problemContext: { path: '/', requestId: 'a' },
      received: 0,
      deadline: Number.POSITIVE_INFINITY,
    },
    body,
    tools,
  );

const said = ({ answered, refused }: TaskResult) =>
  answered === undefined ? refused : [answered.content].flat().map((piece) => Buffer.from(piece as Uint8Array).toString());

const large = [3000, 100];
/** Of three blocks. */
const many = [1400, 100];
const few = [40, 10];

const cases: Readonly<Record<string, readonly [file: Buffer, query?: Record<string, string>]>> = {
  'float32, in blocks for several threads': [fileOf(sides('F32', large))],
  float64: [fileOf(sides('F64', many))],
  float16: [fileOf(sides('F16', many))],
  bfloat16: [fileOf(sides('BF16', many))],
  'bfloat16 that lie across': [fileOf(sides('BF16', many)), { dim: '0' }],
  'bfloat16 with weights, in short distributions': [fileOf({ ...sides('BF16', few), weights: tensor('F32', [40], (k) => k % 3) })],
  'bfloat16 that lie at no multiple of their size': [fileOf(sides('BF16', many), 1)],
  'bfloat16 against float32': [fileOf({ input: tensor('BF16', many, p), target: tensor('F32', many, q) })],
  'few elements': [fileOf(sides('F32', few))],
  'too few for a kernel': [fileOf(sides('F32', [2, 3]))],
  'the target first': [fileOf({ target: tensor('F32', many, p), input: tensor('F64', many, q) })],
  'distributions that lie across': [fileOf(sides('F32', many)), { dim: '0' }],
  'one distribution': [fileOf(sides('F32', many)), { dim: '0,1' }],
  'data that lie at no multiple of their size': [fileOf(sides('F32', many), 1)],
  'every reduction': [fileOf(sides('F32', many)), { reduction: 'all' }],
  statistics: [fileOf(sides('F32', many)), { statistics: 'true' }],
  'counts with zeros': [fileOf(sides('F32', many, [mass, (k) => k % 3])), { input_kind: 'counts', target_kind: 'counts' }],
  'kinds that differ': [fileOf(sides('F32', many, [p, mass])), { target_kind: 'counts' }],
  'an element that is no number': [fileOf(sides('F32', many, [p, (k) => (k === 123_456 ? Number.NaN : q(k))]))],
  'a distribution without mass': [fileOf(sides('F32', few, [p, (k) => (k < 10 ? Number.NEGATIVE_INFINITY : q(k))]))],
  weights: [fileOf({ ...sides('F32', many), weights: tensor('F32', [1400], (k) => k % 2) })],
  'lists of outcomes': [
    fileOf({
      'input.outcomes': tensor('I32', few, (k) => k),
      'input.values': tensor('F32', few, mass),
      'target.outcomes': tensor('I32', few, (k) => k),
      'target.values': tensor('F32', few, mass),
    }),
    { input_kind: 'counts', target_kind: 'counts' },
  ],
  'normal distributions': [
    fileOf({
      'input.loc': tensor('F64', few, p),
      'input.scale': tensor('F64', few, mass),
      'target.loc': tensor('F64', few, q),
      'target.scale': tensor('F64', few, mass),
    }),
    { input_kind: 'normal', target_kind: 'normal' },
  ],
  samples: [fileOf(sides('F32', few)), { input_kind: 'samples', target_kind: 'samples', bins: '4' }],
  'log-probabilities of samples': [
    fileOf(sides('F32', few, [(k) => -mass(k), (k) => -mass(2 * k)])),
    { input_kind: 'sampled_log_probs', target_kind: 'sampled_log_probs', sampled_from: 'target' },
  ],
  'intervals of counts': [
    fileOf(sides('F32', [4, 10], [mass, mass])),
    { input_kind: 'counts', target_kind: 'counts', confidence: '0.9', seed: '1' },
  ],
  'shapes that differ': [fileOf({ input: tensor('F32', few, p), target: tensor('F32', many, q) })],
  'an axis that is not there': [fileOf(sides('F32', few)), { dim: '5' }],
  'an option that is not there': [fileOf(sides('F32', few)), { dimension: '1' }],
  'a tensor that nobody knows': [fileOf({ ...sides('F32', few), other: tensor('F32', few, p) })],
  'a header that is too long': [Buffer.concat([Buffer.alloc(8, 0xff), Buffer.alloc(100)])],
  'a file that was cut short': [fileOf(sides('F32', few)).subarray(0, 1000)],
  'hardly a file': [Buffer.from('abc')],
  'no file': [Buffer.from('{"input": [1, 2], "target": [2, 1]}')],
};

for (const [name, [file, query = {}]] of Object.entries(cases)) {
  test(`what a body says is the same while it arrives, and nothing is said before it is whole: ${name}`, () => {
    // who helps changes no bit
    for (const alike of [[helping, inThread(() => {})], [{}]]) {
      for (const [task, more] of [
        ['safetensors', {}],
        ['divergences_safetensors', { divergences: 'kl,total_variation' }],
        ['divergences_safetensors', { divergences: 'kl', reduction: 'none' }],
      ] as const) {
        const expected = said(run(task, { ...query, ...more }, whole(file), alike[0]));
        for (const tools of alike) {
          const body = arriving(file);
          assert.deepEqual(said(run(task, { ...query, ...more }, body, tools)), expected);
          assert.equal(body.arrived(), file.length);
        }
      }
    }
  });
}

/** The same numbers as float32. */
function inSingles({ shape, bytes }: Sent): Sent {
  const bits = Uint32Array.from(new Uint16Array(bytes.buffer), (half) => half << 16);
  return { dtype: 'F32', shape, bytes: new Uint8Array(bits.buffer) };
}

const log = (k: number) => -mass(k);
const masked = (k: number) => (k % 7 === 0 ? Number.NEGATIVE_INFINITY : q(k));
const sameAsSingles: Readonly<Record<string, readonly [tensors: Readonly<Record<string, Sent>>, query?: Record<string, string>]>> = {
  'logits in blocks for several threads': [sides('BF16', large)],
  'logits along another axis': [sides('BF16', many), { dim: '0' }],
  'masked logits of which some distributions are equal': [sides('BF16', few, [(k) => (k < 100 ? masked(k) : p(k)), masked])],
  'rows of one number': [sides('BF16', few, [(k) => (k < 20 ? -100 : p(k)), (k) => (k < 10 ? -100 : q(k))])],
  'log-probabilities that are not normalised': [sides('BF16', few, [log, log]), { input_kind: 'log_probs', target_kind: 'log_probs' }],
  'probabilities sent as logits': [sides('BF16', [40, 8], [() => 1 / 8, (k) => [1 / 16, 3 / 16][k % 2]])],
  'probabilities, with statistics': [
    sides('BF16', [40, 8], [() => 1 / 8, (k) => [1 / 16, 3 / 16][k % 2]]),
    { input_kind: 'probs', target_kind: 'probs', statistics: 'true' },
  ],
  'a number that is none': [sides('BF16', few, [p, (k) => (k === 123 ? Number.NaN : q(k))])],
  'numbers in another order of bytes': [sides('BF16', few, [(k) => 1e-40 * (k + 1), (k) => -1e-39 * (k + 1)])],
};

for (const [name, [tensors, query = {}]] of Object.entries(sameAsSingles)) {
  test(`bfloat16 is answered as the same numbers in float32 are: ${name}`, () => {
    const singles = Object.fromEntries(Object.entries(tensors).map(([side, sent]) => [side, inSingles(sent)]));
    for (const tools of [helping, {}]) {
      for (const [task, more] of [
        ['safetensors', { reduction: 'all' }],
        ['divergences_safetensors', { divergences: 'kl,reverse_kl,jensen_shannon' }],
      ] as const) {
        const [found, expected] = [tensors, singles].map((of) => {
          const { answered, refused } = run(task, { ...query, ...more }, whole(fileOf(of)), tools);
          return answered === undefined
            ? refused
            : Buffer.concat([answered.content].flat().map((piece) => Buffer.from(piece as Uint8Array))).toString();
        });
        assert.deepEqual(found, expected);
      }
    }
  });
}

test('help is asked for when all rows have come', () => {
  const file = fileOf(sides('F32', large));
  const body = arriving(file);
  let asked = 0;
  const seen = inThread(() => {
    asked++;
    assert.equal(body.arrived(), file.length);
  });
  run('safetensors', {}, body, seen);
  // the last block comes with the last row, and nobody helps with one block
  assert.equal(asked, 0);
  run('safetensors', {}, body, seen);
  assert.equal(asked, kernel === undefined ? 0 : 1);
});

test('rows are computed before the last of them have come', () => {
  const file = fileOf(sides('F32', large));
  const body = arriving(file);
  const waited: number[] = [];
  const waitFor = (needed: number) => {
    if (needed !== waited.at(-1)) waited.push(needed);
    return body.waitFor(needed);
  };
  run('safetensors', {}, { ...body, waitFor }, helping);
  const [, header, ...blocks] = waited;
  const row = 400;
  // blocks of 655 rows, of the tensor that comes last
  const ends = [655, 1310, 1965, 2620, 3000].map((rows) => header + row * (3000 + rows));
  assert.deepEqual(blocks, kernel === undefined ? [file.length] : ends);
});
