import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mediaTypes } from '../../src/http/hooks/content-type.ts';
import { sharedApp } from '../helper.ts';

type Warning = { readonly code: string; readonly details: Record<string, unknown> };
type Answer = {
  readonly results: Record<string, unknown>;
  readonly divergences?: Readonly<Record<string, { readonly results: Record<string, unknown> }>>;
  readonly statistics?: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  readonly errors?: readonly { readonly code: string; readonly pointer: string; readonly detail: string }[];
  readonly error_count?: number;
};

/** A request that somebody needed an answer to, and the answer that is right. `source` is the public thread that it comes from. */
type Case = {
  readonly need: string;
  readonly source: string;
  readonly request: object | string | Buffer;
  /** `/v1/kl-divergence` when left out. */
  readonly path?: string;
  /** What says how a request is written that is not JSON. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: 400 | 413 | 422;
  /** Results, each within a relative error of 1e-12. */
  readonly results?: Readonly<Record<string, number | readonly number[] | string>>;
  /** Codes that must be among the warnings; an empty list stands for no warning of the severity `warning`. */
  readonly warns?: readonly string[];
  readonly check?: (answer: Answer) => void;
  /** For an answer of several lines. */
  readonly checkText?: (text: string) => void;
};

const probs = { input_kind: 'probs', target_kind: 'probs' };
const logProbs = { input_kind: 'log_probs', target_kind: 'log_probs' };
const counts = { input_kind: 'counts', target_kind: 'counts' };
const mean = { reduction: 'distribution_mean' };

const kindMismatch = ({ warnings }: Answer) => warnings.find(({ code }) => code === 'KIND_MISMATCH')?.details ?? assert.fail();

const valueIf = (expected: number) => (answer: Answer) => {
  const { value_if } = kindMismatch(answer) as { value_if: { distribution_mean: number } };
  assertNear(value_if.distribution_mean, expected, 'value_if');
};

const detail = (expected: RegExp) => (answer: Answer) => assert.match(answer.errors?.[0].detail ?? '', expected);

/** The bytes of a safetensors file with two tensors of one shape. */
function safetensors(dtype: string, shape: readonly number[], input: Uint8Array, target: Uint8Array): Buffer {
  const both = input.byteLength + target.byteLength;
  const tensors = {
    input: { dtype, shape, data_offsets: [0, input.byteLength] },
    target: { dtype, shape, data_offsets: [input.byteLength, both] },
  };
  const header = Buffer.from(JSON.stringify(tensors));
  return Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer), header, input, target]);
}

/** Integers as NumPy keeps them: int64, little-endian. */
const int64 = (numbers: readonly number[]) => new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);

/** Probabilities that a softmax of logits gave, rounded to bfloat16. */
function softmaxInBfloat16(logits: readonly number[]): Uint8Array {
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const bits = new Uint32Array(Float32Array.from(logits, (logit) => Math.exp(logit) / total).buffer);
  // to the nearest, which no probability here is halfway from
  return new Uint8Array(Uint16Array.from(bits, (each) => (each + 0x8000) >>> 16).buffer);
}

/** Logits like a model's: from -9 to 9, in an order that both sides do not share. */
const logitsLike = (phase: number) => Array.from({ length: 1000 }, (_, index) => 9 * Math.sin(index * (index + phase)));

const almostOne = [0.999996, 0.99999094, 0.99999774, 0.9999973, 0.99999744, 0.9999986, 0.9999985, 0.99999875];

const cases: readonly Case[] = [
  {
    need: 'why a divergence is negative: the target sums to 0.2999',
    source: 'pytorch/pytorch#60928',
    request: { input: [[0.1132, 0.5477, 0.339]], target: [[0.1541, 0.0511, 0.0947]], ...probs, reduction: ['mean', 'distribution_mean'] },
    results: { mean: -0.06481480941545009 },
    warns: ['NOT_NORMALIZED', 'NEGATIVE_DIVERGENCE', 'MEAN_DIVIDES_BY_SUPPORT'],
  },
  {
    need: '0·log 0 counts as 0 where both are 0',
    source: 'Lightning-AI/torchmetrics#1029',
    request: { input: [[0.5, 0.5, 0]], target: [[0.5, 0.5, 0]], ...probs, ...mean },
    results: { distribution_mean: 0 },
    warns: [],
  },
  {
    need: '0·log 0 counts as 0 where only P is 0',
    source: 'JuliaStats/Distributions.jl#793',
    request: { input: [[0.1, 0.1, 0.8]], target: [[0, 0.1, 0.9]], ...probs, ...mean },
    results: { distribution_mean: 0.10600473209074508 },
    warns: [],
  },
  {
    need: 'sigmoid outputs, near 1 everywhere, are no distribution',
    source: 'keras-team/keras#13747',
    request: { input: [almostOne], target: [[0.5, 0.5, 0, 0, 0, 0, 0, 0]], ...probs, ...mean },
    warns: ['NOT_NORMALIZED', 'NEGATIVE_DIVERGENCE'],
  },
  {
    need: 'an empty tensor is an error, not NaN',
    source: 'pytorch/pytorch#51910',
    request: { input: { shape: [0, 1], data: [] }, target: { shape: [0, 1], data: [] } },
    status: 422,
    check: ({ errors }) =>
      assert.deepEqual(
        errors?.map(({ code }) => code),
        ['EMPTY_TENSOR', 'EMPTY_TENSOR'],
      ),
  },
  {
    need: 'masked logits against probabilities with zeros',
    source: 'google-deepmind/optax#1786',
    request: { input: [[0.5, 1.0, 2.0, '-Infinity']], target: [[0, 0.4, 0.6, 0]], target_kind: 'probs', ...mean },
    results: { distribution_mean: 0.1913571170986884 },
    warns: [],
  },
  {
    need: 'the halves of a tiny Jensen-Shannon divergence keep their digits',
    source: 'scipy/scipy#20083',
    request: {
      input: [
        [0.3324107328103452, 0.6675892671896548],
        [0.3324107328103452, 0.6675892671896548],
      ],
      target: [
        [0.3325298724698066, 0.6674701275301934],
        [0.33229159315088386, 0.6677084068491161],
      ],
      ...counts,
      reduction: 'per_distribution',
    },
    results: { per_distribution: [3.197954537485527e-8, 3.198338205202158e-8] },
    warns: [],
  },
  {
    need: 'terms do not overflow beside the smallest normal number',
    source: 'scipy/scipy#20673',
    request: {
      input: [[2.2250738585072014e-308, 2.2250738585072014e-308, 2.2250738585072014e-308]],
      target: [[2, 3, 4]],
      ...probs,
      reduction: 'none',
    },
    results: { none: [1418.1791314256482, 2128.4850924627967, 2839.130851573536] },
  },
  {
    need: 'which mean is the mean over tokens',
    source: 'huggingface/transformers#1181',
    request: {
      input: [
        [
          [-0.8, -1.32, -0.25, 0.42],
          [1.14, 0.11, -0.55, -0.78],
          [0.75, 1.63, 0.27, -1.23],
        ],
        [
          [-0.96, 1.6, 0.2, -1.73],
          [-0.08, -1.16, -0.63, -0.49],
          [-0.71, 0.55, -0.06, -0.59],
        ],
      ],
      target: [
        [
          [1.05, 1.78, -2.55, -0.14],
          [1.01, 1.35, 0.65, 1.5],
          [0.29, 0.55, 0.18, -1.07],
        ],
        [
          [-0.85, 0.38, -0.58, 1.27],
          [1.29, 1.8, -0.03, 1.38],
          [-0.91, -0.82, 0.08, 0.28],
        ],
      ],
      reduction: ['mean', 'batchmean', 'distribution_mean'],
    },
    results: { mean: 0.16018721390223037, batchmean: 1.9222465668267645, distribution_mean: 0.6407488556089215 },
    warns: ['MEAN_DIVIDES_BY_SUPPORT', 'BATCHMEAN_NOT_PER_DISTRIBUTION'],
  },
  {
    need: 'probabilities where log-probabilities are meant',
    source: 'microsoft/ProDA#20',
    request: { input: [[0.6, 0.3, 0.1]], target: [[0.8, 0.1, 0.1]], input_kind: 'log_probs', target_kind: 'probs', ...mean },
    warns: ['KIND_MISMATCH'],
    check: valueIf(0.12028442909461386),
  },
  {
    need: 'a softmax taken twice',
    source: 'mit-han-lab/once-for-all#5',
    request: { input: [[0.6, 0.3, 0.1]], target: [[0.8, 0.1, 0.1]], ...mean },
    warns: ['KIND_MISMATCH'],
    check: valueIf(0.12028442909461386),
  },
  {
    need: 'top-k log-probabilities, whose mass is below 1',
    source: 'verl-project/verl#7856',
    request: { input: [[-0.05, -3.9, -4.6]], target: [[-0.105, -3.2, -4.1]], ...logProbs, ...mean },
    results: { distribution_mean: -0.012697968256507642 },
    warns: ['NOT_NORMALIZED', 'NEGATIVE_DIVERGENCE'],
  },
  {
    need: 'a byte order mark before the JSON',
    source: 'fastify/secure-json-parse#5',
    request: '\ufeff{"input":[[0.2,0.8]],"target":[[0.5,0.5]],"input_kind":"probs","target_kind":"probs","reduction":"distribution_mean"}',
    results: { distribution_mean: 0.2231435513142098 },
  },
  {
    need: 'a probability that a client rounded to 0',
    source: 'jeroen/jsonlite#443',
    request: { input: [[2e-7, 2e-6, 0, 0.0002, 0.002, 0.9978]], target: [[2e-7, 2e-6, 2e-5, 0.0002, 0.002, 0.9977778]], ...probs, ...mean },
    results: { distribution_mean: 'Infinity' },
    warns: ['NOT_NORMALIZED', 'INFINITE_DIVERGENCE'],
  },
  {
    need: 'two huge tables of counts that are nearly equal',
    source: 'drostlab/philentropy#26',
    request: { input: [[1000000000, 1000000001]], target: [[1000000001, 1000000000]], ...counts, ...mean },
    warns: [],
    check: ({ results }) => assertNear(results.distribution_mean, 4.999999995e-19, 'distribution_mean', 1e-6),
  },
  {
    need: 'rounded probabilities under the default kind',
    source: 'jeroen/jsonlite#443',
    request: { input: [[0.3333, 0.3333, 0.3333]], target: [[0.8123, 0.0948, 0.0928]], ...mean },
    warns: ['KIND_MISMATCH'],
    check: valueIf(0.4858238712678432),
  },
  {
    need: 'probabilities along axis 1 under the default kind and dim',
    source: 'microsoft/ProDA#43',
    request: {
      input: [
        [
          [
            [0.102956, 0.42891],
            [0.239774, 0.461399],
          ],
          [
            [0.297406, 0.553289],
            [0.172471, 0.514113],
          ],
          [
            [0.5996379999999999, 0.017800999999999956],
            [0.587755, 0.024487999999999954],
          ],
        ],
      ],
      target: [
        [
          [
            [0.099818, 0.263133],
            [0.340273, 0.36431],
          ],
          [
            [0.157882, 0.296619],
            [0.175125, 0.277567],
          ],
          [
            [0.7423000000000001, 0.4402479999999999],
            [0.484602, 0.35812299999999997],
          ],
        ],
      ],
      ...mean,
    },
    warns: ['KIND_MISMATCH'],
    check: (answer) => {
      assert.deepEqual(kindMismatch(answer).dim, [1]);
      valueIf(0.47151738681281075)(answer);
    },
  },
  {
    need: 'counts of a histogram under the default kind',
    source: 'awslabs/deequ#378',
    request: { input: [[790, 120, 30]], target: [[500, 95, 400]], ...mean },
    warns: ['KIND_MISMATCH'],
    check: valueIf(0.7322839037302307),
  },
  {
    need: 'P and Q that are normalised over all pairs jointly',
    source: 'pavlin-policar/openTSNE#238',
    request: {
      input: [
        [0, 0.1, 0.15],
        [0.1, 0, 0.25],
        [0.15, 0.25, 0],
      ],
      target: [
        [0, 0.2, 0.1],
        [0.2, 0, 0.2],
        [0.1, 0.2, 0],
      ],
      ...probs,
      ...mean,
    },
    warns: ['NORMALIZED_ON_OTHER_DIM'],
    check: ({ warnings }) =>
      assert.deepEqual(warnings.find(({ code }) => code === 'NORMALIZED_ON_OTHER_DIM')?.details.normalized_dim, [0, 1]),
  },
  {
    need: 'int64 bytes sent without their dtype',
    source: 'openforcefield/openff-toolkit#1154',
    request: {
      input: { shape: [1, 3], base64: 'CgAAAAAAAAAUAAAAAAAAAB4AAAAAAAAA' },
      target: { shape: [1, 3], base64: 'DAAAAAAAAAASAAAAAAAAAB4AAAAAAAAA' },
    },
    warns: ['SUSPICIOUS_BYTES'],
  },
  {
    need: 'which rows are empty, on both sides',
    source: 'evidentlyai/evidently#1900',
    request: {
      input: [
        [1, 2],
        [0, 0],
        [0, 0],
        [3, 4],
        [0, 0],
      ],
      target: [
        [1, 2],
        [0, 0],
        [0, 0],
        [3, 4],
        [0, 0],
      ],
      ...counts,
      ...mean,
    },
    status: 422,
    check: ({ errors, error_count }) => {
      assert.equal(error_count, 6);
      const rows = [1, 2, 4].map((row) => `starts at [${row}, 0]`);
      for (const [place, row] of [...rows, ...rows].entries()) assert.ok(errors?.[place].detail.includes(row), row);
      assert.deepEqual(
        errors?.map(({ code, pointer }) => `${code} ${pointer}`),
        [...Array(3).fill('ZERO_MASS #/input'), ...Array(3).fill('ZERO_MASS #/target')],
      );
    },
  },
  {
    need: 'padded positions do not go unnoticed into the mean',
    source: 'huggingface/trl#6006',
    request: {
      input: [
        [1, 2, 3],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      target: [
        [3, 2, 1],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      ...mean,
    },
    results: { distribution_mean: 1.150420765208883 / 4 },
    warns: ['PADDING_SUSPECTED'],
    check: ({ warnings }) => assert.equal(warnings.find(({ code }) => code === 'PADDING_SUSPECTED')?.details.count, 3),
  },
  {
    need: 'NaN in JSON',
    source: 'ijl/orjson#441',
    request: '{"input": [[NaN, 0.8]], "target": [[0.5, 0.5]]}',
    status: 400,
    check: detail(/No divergence follows from NaN: find where it arose/),
  },
  {
    need: 'null where a serialiser met NaN',
    source: 'jeroen/jsonlite#169',
    request: { input: [[null, 0.8]], target: [[0.5, 0.5]] },
    status: 422,
    check: detail(/find where it arose/),
  },
  {
    need: 'vocabularies of two sizes',
    source: 'meta-pytorch/torchtune#2119',
    request: { input: [[0.2, 0.3, 0.5]], target: [[0.2, 0.3, 0.4, 0.1]], ...probs, ...mean },
    status: 422,
    check: detail(/axis 1 \(target 4, input 3\), where the outcomes lie: cut those off that input lacks, or pad input with 0/),
  },
  {
    need: 'a typed array that JSON.stringify wrote',
    source: 'fastify/fast-json-stringify#626',
    request: '{"input":{"0":0.2,"1":0.8},"target":{"0":0.5,"1":0.5}}',
    status: 422,
    check: detail(/send Array\.from\(x\)/),
  },
  {
    need: 'rows that are typed arrays',
    source: 'plotly/plotly.js#2995',
    request: '{"input":[{"0":0.2,"1":0.8}],"target":[{"0":0.5,"1":0.5}]}',
    status: 422,
    check: detail(/send Array\.from\(x\)/),
  },
  {
    need: 'a typed array of 70 000 numbers',
    source: 'OpenJSCAD#502',
    request: JSON.stringify({ input: new Float32Array(70_000), target: new Float32Array(70_000) }),
    status: 413,
    check: detail(/send Array\.from\(x\)/),
  },
  {
    need: 'nested data beside a shape, as the Open Inference Protocol has it',
    source: 'kserve/open-inference-protocol',
    request: {
      input: {
        shape: [2, 2],
        data: [
          [0.2, 0.8],
          [0.3, 0.7],
        ],
      },
      target: { shape: [2, 2], data: [0.5, 0.5, 0.6, 0.4] },
      ...probs,
      ...mean,
    },
    results: { distribution_mean: (0.22314355131420974 + 0.6 * Math.log(2) + 0.4 * Math.log(4 / 7)) / 2 },
  },
  {
    need: 'a probability too small for float64',
    source: 'lightonai/pylate#239',
    request: '{"input":[[1e-400,1]],"target":[[0.5,0.5]],"input_kind":"probs","target_kind":"probs"}',
    status: 422,
    check: ({ errors }) => assert.equal(`${errors?.[0].code} ${errors?.[0].pointer}`, 'NUMBER_UNDERFLOW #/input/0/0'),
  },
  {
    need: 'top-k log-probabilities with token ids, and one outcome for the rest',
    source: 'verl-project/verl#7855',
    request: {
      target: { outcomes: [[0, 1]], values: [[Math.log(0.6), Math.log(0.25)]] },
      input: { outcomes: [[0, 1]], values: [[Math.log(0.5), Math.log(0.2)]] },
      ...logProbs,
      rest: 'bucket',
      ...mean,
    },
    results: { distribution_mean: 0.06120674482093342 },
    warns: ['LOWER_BOUND'],
  },
  {
    need: 'lists of different tokens: what both have, and the rest',
    source: 'OpenClaw-RL#4',
    request: {
      target: { outcomes: [[0, 1]], values: [[0.6, 0.25]] },
      input: { outcomes: [[0, 3]], values: [[0.5, 0.15]] },
      ...probs,
      rest: 'bucket',
      ...mean,
    },
    results: { distribution_mean: 0.020135513550688874 },
    warns: ['LOWER_BOUND'],
  },
  {
    need: 'a teacher that lists its top two beside a whole student: the rest of the student is summed',
    source: 'huggingface/trl, loss_add_tail',
    request: {
      target: { outcomes: [[0, 1]], values: [[0.6, 0.25]] },
      input: [[0.5, 0.2, 0.1, 0.15, 0.05]],
      ...probs,
      rest: 'bucket',
      ...mean,
    },
    results: { distribution_mean: 0.06120674482093342 },
  },
  {
    need: 'a truncated reverse KL that was below 0: with the rest it is the whole divergence',
    source: 'verl-project/verl#7806',
    request: {
      target: { outcomes: [0], values: [0.6] },
      input: { outcomes: [0], values: [0.9] },
      ...probs,
      rest: 'bucket',
      ...mean,
    },
    results: { distribution_mean: 0.3112386795830576 },
  },
  {
    need: 'a teacher that is renormalised over its list, the student over all: the rest of the teacher has no mass',
    source: 'NVIDIA-NeMo/RL, zero_outside_topk',
    request: {
      target: { outcomes: [[0, 1]], values: [[0.6, 0.25]] },
      input: [[0.5, 0.2, 0.1, 0.15, 0.05]],
      input_kind: 'probs',
      target_kind: 'counts',
      ...mean,
    },
    results: { distribution_mean: 0.35684695526827515 },
    warns: [],
  },
  {
    need: 'both renormalised over the same list',
    source: 'AI-Hypercomputer/maxtext#4056',
    request: {
      target: { outcomes: [[0, 1]], values: [[0.6, 0.25]] },
      input: { outcomes: [[0, 1]], values: [[0.5, 0.2]] },
      ...counts,
      ...mean,
    },
    results: { distribution_mean: 0.00017201132954278682 },
    warns: [],
  },
  {
    need: 'a category that the reference lacks is named',
    source: 'evidentlyai/evidently#1900',
    request: {
      target: { outcomes: ['card', 'cash', 'crypto'], values: [400, 300, 50] },
      input: { outcomes: ['cash', 'card', 'transfer'], values: [300, 500, 200] },
      ...counts,
      ...mean,
    },
    results: { distribution_mean: 'Infinity' },
    check: ({ warnings }) =>
      assert.deepEqual(warnings.find(({ code }) => code === 'INFINITE_DIVERGENCE')?.details, {
        count: 1,
        indices: [[2]],
        outcomes: ['crypto'],
      }),
  },
  {
    need: 'strict without a reduction refuses only what the data are',
    source: 'a variation, without a public thread',
    request: { input: [[1, 2]], target: [[1, 3]], strict: true },
    warns: ['MEAN_DIVIDES_BY_SUPPORT'],
  },
  {
    need: 'Jensen-Shannon and symmetric KL in one call',
    source: 'Lightning-AI/torchmetrics#2947, scipy/scipy#3213, quanteda/quanteda#1552',
    path: '/v1/divergences',
    request: { input: [[0.2, 0.5, 0.3]], target: [[0.5, 0.3, 0.2]], ...probs, ...mean, divergences: ['jensen_shannon', 'jeffreys'] },
    check: ({ divergences }) => {
      // Σ over P and Q of their mass times the logarithm of its ratio to the mean, halved; and Σ (p - q)·ln(p / q)
      assertNear(divergences?.jensen_shannon.results.distribution_mean, 0.050874612539598345, 'jensen_shannon');
      assertNear(divergences?.jeffreys.results.distribution_mean, 0.4175988551262611, 'jeffreys');
    },
  },
  {
    need: 'a mask for padding whose rows are -Infinity on both sides',
    source: 'huggingface/trl#5594, huggingface/trl#6006, allenai/allennlp#890',
    request: {
      input: [
        [1, 2],
        ['-Infinity', '-Infinity'],
      ],
      target: [
        [2, 1],
        ['-Infinity', '-Infinity'],
      ],
      weights: [true, false],
      ...mean,
    },
    results: { distribution_mean: 0.46211715726000974 },
    warns: [],
  },
  {
    need: 'quantiles, maximum and the share of equal top outcomes of the divergences of many tokens',
    source: 'ggml-org/llama.cpp#5076, ggml-org/llama.cpp#6936, ikawrakow/ik_llama.cpp#325',
    request: {
      input: [
        [1, 2],
        [0, 0],
        [3, 1],
      ],
      target: [
        [2, 1],
        [1, 0],
        [3, 1],
      ],
      ...mean,
      statistics: [0.5, 0.75],
    },
    warns: [],
    check: ({ statistics }) => {
      const { minimum, maximum, quantiles, standard_error, top_1_agreement } = statistics as Record<string, never>;
      assertNear(
        [minimum, maximum, ...(quantiles as { value: number }[]).map(({ value }) => value), standard_error],
        [0, 0.46211715726000974, 0.11094407167172736, 0.2865306144658686, 0.13928057017616738],
        'statistics',
      );
      // of two outcomes that are equally likely the first counts
      assertNear(Object.values(top_1_agreement), [2 / 3, 1 / 3], 'top_1_agreement');
    },
  },
  {
    need: 'lines that end with CRLF, blank ones between them, and no end of the last',
    source: 'wardi/jsonlines#100, cucumber/common#1181, kindly/flatterer#35',
    path: '/v1/kl-divergence/batch',
    headers: { 'content-type': 'application/x-ndjson' },
    request: Buffer.from('{"input": [[1, 2]], "target": [[2, 1]]}\r\n\r\n  \r\n{"input": [[1, 2]], "target": [[1, 2]]}'),
    checkText: (text) => {
      const [first, second, { totals }] = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
      assert.deepEqual(totals, { lines: 2, answered: 2, refused: 0 });
      assertNear([first.results.sum, second.results.sum], [0.46211715726000974, 0], 'sum');
    },
  },
  {
    need: 'a negative size in a shape is an error',
    source: 'triton-inference-server/server#3563',
    path: '/v2/models/kl/infer',
    request: {
      inputs: ['input', 'target'].map((name) => ({ name, shape: [-1, 2], datatype: 'FP64', data: [1, 2] })),
    },
    status: 400,
    check: ({ errors }) => assert.equal(errors?.[0].pointer, '#/inputs/0/shape/0'),
  },
  {
    need: 'counts as NumPy saves them: int64',
    source: 'safetensors.numpy.save of integers',
    path: '/v1/kl-divergence?input_kind=counts&target_kind=counts&reduction=distribution_mean',
    headers: { 'content-type': mediaTypes.safetensors[0] },
    request: safetensors('I64', [2, 3], int64([12, 18, 30, 4, 2, 4]), int64([10, 20, 30, 5, 0, 5])),
    results: { distribution_mean: 0.11393839853391305 },
    warns: [],
  },
  {
    need: 'a softmax in bfloat16 under the default kind',
    source: 'vllm-project/speculators#788, erfanzar/EasyDeL#267, pytorch/pytorch#77375',
    path: '/v1/kl-divergence?reduction=distribution_mean',
    headers: { 'content-type': mediaTypes.safetensors[0] },
    request: safetensors('BF16', [1, 1000], softmaxInBfloat16(logitsLike(1)), softmaxInBfloat16(logitsLike(2))),
    warns: ['KIND_MISMATCH'],
    check: (answer) => {
      const { value_if } = kindMismatch(answer) as { value_if: { distribution_mean: number } };
      // as far as three digits of a probability go
      assertNear(value_if.distribution_mean, klOfLogits(logitsLike(1), logitsLike(2)), 'value_if', 0.01);
    },
  },
  {
    need: 'a content coding in capitals',
    source: 'fastify/fastify-compress#428, tornadoweb/tornado#3041, golang/go#19248, axios/axios#3181',
    headers: { 'content-type': 'application/json', 'content-encoding': 'GZIP' },
    request: gzipSync('{"input": [[1, 2]], "target": [[2, 1]], "reduction": "sum"}'),
    results: { sum: 0.46211715726000974 },
  },
  {
    need: 'KL of a VAE from means and logarithms of variances',
    source: 'pytorch/pytorch#32406, openai/spinningup#292, openai/improved-diffusion#119',
    request: {
      target: { loc: [[0.5, -1, 0.2]], log_variance: [[-0.5, 0.1, -2]] },
      input: { loc: 0, scale: 1 },
      target_kind: 'normal',
      input_kind: 'normal',
      reduction: ['none', 'sum'],
    },
    // -(1 + log_variance - loc² - exp(log_variance)) / 2, and its sum
    results: { none: [0.1782653298563167, 0.5025854590378238, 0.5876676416183064], sum: 1.2685184305124468 },
    warns: [],
  },
  {
    need: 'the fields of a VAE by other names: where they belong',
    source: 'pytorch/pytorch#31248, pyg-team/pytorch_geometric#1368',
    request: { mu: [[0.5, -1]], logvar: [[-0.5, 0.1]] },
    status: 422,
    check: detail(/"loc".*"normal"/),
  },
  {
    need: 'a category that one table lacks, with a pseudocount instead of infinity',
    source: 'evidentlyai/evidently#334, uber/causalml#311, nmslib/nmslib#187',
    request: { input: [[99999, 1, 0]], target: [[99999, 0, 1]], ...counts, ...mean, pseudocount: 0.5 },
    results: { distribution_mean: 1.098595809730964e-5 },
  },
  {
    need: 'the same without one: infinite, and what to send',
    source: 'evidentlyai/evidently#1278, evidentlyai/evidently#1878',
    request: { input: [[99999, 1, 0]], target: [[99999, 0, 1]], ...counts, ...mean },
    results: { distribution_mean: 'Infinity' },
    warns: ['INFINITE_DIVERGENCE'],
    check: ({ warnings }) => assert.match(JSON.stringify(warnings), /pseudocount/),
  },
  {
    need: 'KL from samples',
    source: 'scipy/scipy#15974, dougalsutherland/skl-groups#1',
    request: {
      input: [0.1, 0.4, 0.6, 1.2, 1.7, 2.3],
      target: [0.2, 0.3, 0.9, 1.1, 1.4],
      input_kind: 'samples',
      target_kind: 'samples',
      bins: [0, 1, 2, 3],
      ...mean,
    },
    // of 3, 2 and 1 against 3, 2 and none
    results: { distribution_mean: 0.6 * Math.log(0.6 / 0.5) + 0.4 * Math.log(0.4 / (1 / 3)) },
    warns: ['SMALL_COUNTS'],
  },
  {
    need: 'samples sent as probabilities: what their kind is',
    source: 'pycbc/pycbc#1880',
    request: { input: [[0.8, -1.303]], target: [[0.1, 0.2]], ...probs, ...mean },
    status: 422,
    check: detail(/observations.*samples/),
  },
  {
    need: 'KL from log-probabilities of sampled tokens',
    source: 'openai/spinningup#137, DLR-RM/stable-baselines3#417, huggingface/trl#3240, verl-project/verl#2928',
    path: '/v1/divergences',
    request: {
      input: [[-0.2, -1.3, -0.05, -2.4]],
      target: [[-0.25, -1.1, -0.04, -2.9]],
      input_kind: 'sampled_log_probs',
      target_kind: 'sampled_log_probs',
      sampled_from: 'target',
      ...mean,
    },
    // with the log-ratio r = log p - log q of each token: the mean of r, of r² / 2, and of exp(-r) - 1 + r
    check: ({ divergences }) =>
      assertNear(
        ['k1', 'k2', 'k3'].map((name) => divergences?.[name].results.distribution_mean),
        [-0.085, 0.036574999999999996, 0.04219323847582554],
        'k1, k2, k3',
      ),
  },
  {
    need: 'the same tokens sent as distributions: what their kind is',
    source: 'hiyouga/LlamaFactory#1833, ray-project/ray#9261',
    request: { input: [[-0.2, -1.3, -0.05, -2.4]], target: [[-0.25, -1.1, -0.04, -2.9]], ...logProbs, ...mean },
    warns: ['NOT_NORMALIZED'],
    check: ({ warnings }) => assert.match(JSON.stringify(warnings), /sampled_log_probs/),
  },
];

test('what people have asked in public gets the right number, or is told what is wrong', async (t) => {
  const { http } = await sharedApp();
  for (const { need, path = '/v1/kl-divergence', headers = asJson, request, status = 200, ...expected } of cases) {
    const { results = {}, warns, check = () => {}, checkText } = expected;
    const body = typeof request === 'string' || Buffer.isBuffer(request) ? request : JSON.stringify(request);
    await t.test(need, async () => {
      const answered = await http.post(path).set(headers).serialize(asIs).buffer(true).send(body);
      assert.equal(answered.status, status, answered.text);
      if (checkText !== undefined) return checkText(answered.text);
      const answer: Answer = answered.body;
      for (const [name, expected] of Object.entries(results)) assertNear(answer.results[name], expected, name);
      if (warns !== undefined) assertWarns(answer.warnings, warns);
      check(answer);
    });
  }
});

const asJson = { 'content-type': 'application/json' };

/** supertest writes a Buffer as JSON by itself. */
const asIs = ((value: unknown) => value) as (value: unknown) => string;

/** Σ p (log p - log q) of two softmaxes, as the definition has it. */
function klOfLogits(input: readonly number[], target: readonly number[]): number {
  const [logQ, logP] = [input, target].map((logits) => {
    const logTotal = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    return logits.map((logit) => logit - logTotal);
  });
  return logP.reduce((sum, each, index) => sum + Math.exp(each) * (each - logQ[index]), 0);
}

function assertWarns(warnings: Answer['warnings'], expected: readonly string[]): void {
  const codes = warnings.map(({ code }) => code);
  for (const code of expected) assert.ok(codes.includes(code), `${code} is not among ${codes}`);
  if (expected.length === 0)
    assert.deepEqual(
      codes.filter((code) => code !== 'ZERO_OVER_ZERO'),
      [],
    );
}

function assertNear(actual: unknown, expected: number | string | readonly number[], name: string, tolerance = 1e-12): void {
  const found = [actual].flat(9) as number[];
  for (const [place, value] of [expected].flat().entries()) {
    if (typeof value === 'string') assert.equal(found[place], value, name);
    else assert.ok(Math.abs(found[place] - value) <= tolerance * Math.abs(value), `${name}: ${found[place]} instead of ${value}`);
  }
}
