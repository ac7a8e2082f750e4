import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../src/formats/json/read-request.ts';
import { loadKernel } from '../../src/kernels/divergence-kernel.ts';
import { divergencesAnswer, divergencesContract } from '../../src/schema/divergences.ts';
import { parseRequest } from '../../src/schema/parse-request.ts';
import { anyAnswer } from '../../src/tasks/json-response.ts';
import { solve } from '../../src/tasks/solve/solve.ts';
import type { WorkerTools } from '../../src/tasks/task.ts';
import golden from '../golden/family.json' with { type: 'json' };
import { numbersOf } from '../helper.ts';

type Expected = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a case needs that the service does not have. */
function missing(request: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(request).filter((name) => !divergencesContract.fields.includes(name));
}

// 60-digit arithmetic on the exact doubles; tolerances stand beside each case
const kernel = loadKernel();
const ways: Readonly<Record<string, WorkerTools>> = { definition: {}, kernel: kernel === undefined ? {} : { kernel: { kernel } } };

for (const [way, tools] of Object.entries(ways)) {
  for (const { id, title, path, request: asked, expect, tolerance } of golden.cases) {
    // KL alone is what it is among others
    const request = path === '/v1/divergences' ? asked : { ...asked, divergences: ['kl'] };
    const lacking = missing(request);
    test(`golden ${id}, by the ${way}: ${title}`, { skip: lacking.length > 0 && `the service has no ${lacking.join(', ')}` }, () => {
      const answered = divergencesAnswer.parse(anyAnswer(solve(requestOf(parseRequest(request, divergencesContract), 1_000_000), tools)));
      const expected = expect as Expected;
      assert.deepEqual(Object.keys(answered.divergences), request.divergences);
      for (const [key, results] of Object.entries(expected)) {
        for (const [reduction, exact] of Object.entries(results)) {
          const actual = numbersOf(answered.divergences[key].results[reduction]);
          const values = numbersOf(exact);
          assert.equal(actual.length, values.length, `${key} ${reduction}`);
          for (const [position, value] of actual.entries()) {
            const allowed = tolerance.relative * Math.abs(values[position]) + tolerance.absolute;
            const isSame = Object.is(value, values[position]) || Math.abs(value - values[position]) <= allowed;
            assert.ok(isSame, `${key} ${reduction}[${position}] is ${value}, expected ${values[position]} ± ${allowed}`);
          }
        }
      }
    });
  }
}
