import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reductionNames } from '../../../src/core/reductions.ts';
import { readInference } from '../../../src/formats/inference/read-request.ts';
import { jsonTensor } from '../../../src/formats/json/write/json-tensor.ts';
import { withTaskMemory } from '../../../src/memory/task-memory.ts';
import { explain, explainedBytes } from '../../../src/tasks/explain.ts';
import { inferenceAnswer, inferenceBytes } from '../../../src/tasks/inference-response.ts';
import { answer } from '../../../src/tasks/json-response.ts';
import { answerBytes, claimAnswer, tensorBytes } from '../../../src/tasks/solve/answer-size.ts';
import { solve } from '../../../src/tasks/solve/solve.ts';
import { lengthOf } from '../../../src/tasks/task.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import { faultPlaces } from '../../helper.ts';

const forms = ['nested', 'flat', 'base64'] as const;
const shapes = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 8 });

test('no tensor is longer than its shape and form say, whatever its numbers are', () => {
  const longest = -1.2345678901234567e-6;
  fc.assert(
    fc.property(shapes, fc.double(), (shape, number) => {
      for (const value of [number, longest, -5e-324, Number.NEGATIVE_INFINITY]) {
        const data = new Float64Array(elementCount(shape)).fill(value);
        for (const form of forms) {
          const length = JSON.stringify(jsonTensor({ shape, data }, form)).length;
          assert.ok(length <= tensorBytes(shape, form) + 200, `${length} for ${shape} as ${form}`);
        }
        assert.equal(data.byteLength, tensorBytes(shape, 'bytes'));
      }
    }),
  );
});

test('no answer and no derivation is longer than is reckoned from the request, and neither is reckoned at more than twice its length', () => {
  for (const form of forms) {
    for (const shape of [[4000], [2000, 2], [2, 2000], [100, 5, 8], [4000, ...Array(31).fill(1)]]) {
      for (const dim of [0, -1]) {
        const data = Float64Array.from({ length: 4000 }, (_, k) => Math.exp(-(k % 17)) / 3);
        const operand = { tensor: { form, shape, data }, kind: 'probs' } as const;
        const request = {
          input: { ...operand, tensor: { ...operand.tensor, data: data.toReversed() } },
          target: operand,
          input_kind: 'probs',
          target_kind: 'probs',
          dim,
          reduction: 'all',
          base: 'e',
          strict: false,
          temperature: 1,
          pseudocount: 0,
          statistics: Array.from({ length: 32 }, (_, k) => k / 31),
          weights: undefined,
        } as const;
        const solved = solve(request);
        const plan = { shape, rest: solved.axes.shape, reductions: reductionNames, form, hasStatistics: true };
        const lengths = [answer(solved), explain(solved)].map((value) => JSON.stringify(value).length);
        const bounds = [answerBytes(plan), explainedBytes(plan)];
        for (const [k, length] of lengths.entries()) {
          assert.ok(length <= bounds[k], `${length} of ${bounds[k]} for [${shape}] as ${form}`);
          assert.ok(bounds[k] <= (k === 0 ? 2 : 4) * length + 2 ** 18, `${bounds[k]} for ${length} of [${shape}] as ${form}`);
        }
      }
    }
  }
});

test('no answer about samples under /v2 is longer than is reckoned from the request, and bytes are reckoned as they are', () => {
  const rows = 80;
  const data = (size: number) => Array.from({ length: rows * size }, (_, k) => Math.sqrt(k) / 7);
  const input = (name: string, size: number) => ({ name, shape: [rows, size], datatype: 'FP64', data: data(size) });
  const kinds = { input_kind: 'samples', target_kind: 'samples' };
  for (const binary_data_output of [false, true]) {
    for (const outputs of [undefined, [{ name: 'bins.edges' }, { name: 'bins.missing.input' }]]) {
      for (const parameters of [
        { bins: 90, missing: 'category' },
        { bins: 11, confidence: 0.9, statistics: true },
      ]) {
        const body = {
          inputs: [input('input', 3), input('target', 5)],
          outputs,
          parameters: { ...parameters, ...kinds, binary_data_output },
        };
        const bytes = Buffer.from(JSON.stringify(body));
        const reader = { bytes, numbers: new Float64Array(), waitFor: () => bytes.length };
        const inference = readInference(reader, undefined, 1e6);
        let reckoned = 0;
        const solved = solve(inference.request, {}, (plan) => {
          reckoned = inferenceBytes(plan, inference).bytes;
        });
        const length = lengthOf(inferenceAnswer(solved, inference, reader, {}).content);
        assert.ok(length <= reckoned, `${length} of ${reckoned}`);
        assert.ok(!binary_data_output || reckoned <= length + 2 ** 16, `${reckoned} for ${length}`);
      }
    }
  }
});

test('an answer beyond 512 MiB is refused before anything is computed', () => {
  assert.deepEqual(
    faultPlaces(() => claimAnswer(2 ** 29 + 1)),
    ['ANSWER_TOO_LARGE #/reduction'],
  );
  claimAnswer(2 ** 29);
});

test('an answer claims the bytes that find no room in the place of the body, before it is written', () => {
  const claims: number[] = [];
  withTaskMemory(
    2 ** 20,
    (bytes) => claims.push(bytes),
    () => {
      claimAnswer(2 ** 22, 2 ** 22);
      claimAnswer(2 ** 22, 2 ** 20);
    },
    () => [],
  );
  assert.deepEqual(claims, [3 * 2 ** 20]);
});
