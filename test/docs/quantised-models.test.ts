import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { docPage, listening, printedBy, pythonWith } from './page.ts';

const quantised = docPage('docs/quantised-models.md');
const python = pythonWith('numpy', 'requests', 'safetensors');

/** Two files of logits that are nearly equal, and what NumPy says of them. */
const logitsFiles = `
import numpy as np
from safetensors.numpy import save_file
rng = np.random.default_rng(5)
original = rng.normal(scale=3, size=(150, 400)).astype(np.float32)
quantised = (original + rng.normal(scale=0.3, size=original.shape)).astype(np.float16)
save_file({"logits": original}, "original.safetensors")
save_file({"logits": quantised}, "quantised.safetensors")
`;

const logitsInNumPy = `
import json
def log_softmax(x):
    x = x.astype(np.float64) - x.max(-1, keepdims=True).astype(np.float64)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))
p, q = log_softmax(original_logits), log_softmax(quantised_logits)
d = (np.exp(p) * (p - q)).sum(-1)
same = (original_logits.argmax(-1) == quantised_logits.argmax(-1)).astype(float)
error = lambda x: x.std(ddof=1) / len(x) ** 0.5
levels = [0.999, 0.99, 0.95, 0.9, 0.5, 0.1, 0.05, 0.01, 0.001]
print(json.dumps({
    "table": [d.mean(), error(d), d.max(), *np.quantile(d, levels), d.min(), 100 * same.mean(), 100 * error(same)],
    "statistics": [d.mean(), error(d), d.max(), *np.quantile(d, levels[::-1])],
    "largest": [[int(at)] for at in np.argsort(-d, kind="stable")[:10]],
}))
`;

test('the Python of the page on quantised models prints the table of llama.cpp, with the values of NumPy', {
  skip: python === undefined ? 'no Python with numpy, requests and safetensors is here' : false,
}, async (t) => {
  const service = await listening();
  const folder = mkdtempSync(join(tmpdir(), 'quantised-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [inParts] = quantised.blocks('python', 'The table');
  const [atOnce] = quantised.blocks('python', 'In one request');
  const keep = 'original_logits, quantised_logits = original, quantised';
  const code = [logitsFiles, keep, inParts, 'print("--")', atOnce, 'print("--")', logitsInNumPy].join('\n');
  const printed = await printedBy(python ?? '', code.replaceAll('http://127.0.0.1:3000', service), folder);
  const [table, statistics, expected] = printed.split('--\n');
  const { largest, ...values } = JSON.parse(expected);
  assertPrinted(
    table.split('\n').flatMap((line) => line.slice(line.indexOf(':') + 1).match(/\d+\.\d+/g) ?? []),
    values.table,
  );
  const [quantiles, positions] = statistics.split('largest: ');
  assertPrinted(
    [...quantiles.matchAll(/\d+\.\d{6}/g)].map(([number]) => number),
    values.statistics,
  );
  assert.deepEqual(JSON.parse(positions), largest);
});

function assertPrinted(numbers: readonly string[], expected: readonly number[]): void {
  assert.deepEqual(
    numbers,
    expected.map((value, place) => value.toFixed(numbers[place]?.split('.')[1].length)),
  );
}
