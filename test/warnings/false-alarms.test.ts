import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { attempt } from '../../src/errors/fault-list.ts';
import { RequestError } from '../../src/errors/request-error.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import type { Numbers } from '../../src/tensor/tensor.ts';
import type { WarningCode } from '../../src/warnings/warnings.ts';
import { cases } from '../cases.ts';
import { ask } from '../helper.ts';
import { normals, seededRandom } from '../kernels/rows.ts';

/** The warnings that say what data look like. They must not be raised for data that are what the request says. */
const aboutLooks: readonly WarningCode[] = [
  'KIND_MISMATCH',
  'NORMALIZED_ON_OTHER_DIM',
  'SUSPICIOUS_BYTES',
  'PADDING_SUSPECTED',
  'MASS_DIFFERENCE',
  'PSEUDOCOUNT_OF_SHARES',
  'SAMPLED_FROM_OTHER_SIDE',
];

const random = seededRandom(20261128);
const poolSize = 2 ** 18;
const largestSupport = 128_000;

const asFloat32 = (data: Float64Array) => new Float32Array(data);
const precisions: Record<string, (data: Float64Array) => Numbers> = {
  float64: (data) => data,
  float32: asFloat32,
  float16: (data) => asFloat32(data.map((x) => Math.f16round(x))),
  bfloat16: (data) => {
    const rounded = asFloat32(data);
    const bits = new Uint32Array(rounded.buffer);
    for (let k = 0; k < bits.length; k++) bits[k] = (bits[k] + 0x8000) & 0xffff0000;
    return rounded;
  },
};

test('no random logits tensor, from 2 to 128 000 outcomes wide, looks like anything else', (t) => {
  const count = cases(t, 10_000, 800);
  const scales = [0.05, 0.3, 1, 3, 10];
  const trials = count / 2 / scales.length / Object.keys(precisions).length;
  let tensors = 0;
  for (const scale of scales) {
    const exact = normals(random, poolSize).map((x) => x * scale);
    for (const [precision, round] of Object.entries(precisions)) {
      const pool = round(exact);
      for (let trial = 0; trial < trials; trial++) {
        const support = Math.floor(2 * (largestSupport / 2) ** random());
        const rows = support > 1000 ? 1 : 1 + Math.floor(random() * 4);
        const side = () => {
          const start = Math.floor(random() * (poolSize - rows * support));
          return {
            kind: 'logits' as const,
            tensor: { form: 'flat' as const, shape: [rows, support], data: pool.subarray(start, start + rows * support) },
          };
        };
        const { warnings } = solve({
          input: side(),
          target: side(),
          input_kind: 'logits',
          target_kind: 'logits',
          temperature: 1,
          pseudocount: 0,
          weights: undefined,
          dim: -1,
          base: 'e',
          strict: false,
          reduction: ['distribution_mean', 'per_distribution'],
        });
        tensors += 2;
        assert.deepEqual(
          warnings.map(({ code }) => code),
          [],
          `${precision} normals of scale ${scale}, shape [${rows}, ${support}]`,
        );
      }
    }
  }
  assert.equal(tensors, count);
});

test('no example of the documentation or of the OpenAPI document is told that its data look like something else', () => {
  const examples = [...inPages(), ...inOpenApi()];
  assert.ok(examples.length >= 10, String(examples.length));
  for (const { id: _, strict: __, ...request } of examples) {
    // some examples are of problems
    const answer = attempt(() => ask(request));
    const warnings = answer instanceof RequestError ? [] : answer.warnings;
    assert.deepEqual(
      warnings.filter(({ code }) => aboutLooks.includes(code)),
      [],
      JSON.stringify(request),
    );
  }
});

type Request = Record<string, unknown>;

const root = new URL('../../', import.meta.url).pathname;

/** The requests that stand in the pages as JSON. */
function inPages(): Request[] {
  const names = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const texts = [`${root}README.md`, ...names.map((name) => `${root}docs/${name}`)].map((path) => readFileSync(path, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/\{[^{}]*"input":[^{}]*"target":[^{}]*\}/g)].flatMap(([one]) => parsed(one)));
}

function parsed(text: string): Request[] {
  try {
    return [JSON.parse(text)];
  } catch {
    // a template with ellipses
    return [];
  }
}

/** The requests among the examples of the OpenAPI document, those of batches with their defaults. */
function inOpenApi(value: unknown = JSON.parse(readFileSync(`${root}openapi/openapi.json`, 'utf8')), defaults: Request = {}): Request[] {
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Request;
  if (Array.isArray(node.input) && Array.isArray(node.target)) return [{ ...defaults, ...node }];
  const inner = typeof node.defaults === 'object' ? (node.defaults as Request) : defaults;
  return Object.values(node).flatMap((child) => inOpenApi(child, inner));
}
