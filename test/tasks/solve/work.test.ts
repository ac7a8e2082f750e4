import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../../src/formats/json/read-request.ts';
import { parseRequest } from '../../../src/schema/parse-request.ts';
import { TooMuchWork, workBudget, workOf } from '../../../src/tasks/solve/work.ts';
import type { TaskInput, TaskName } from '../../../src/tasks/task.ts';
import { runTask } from '../../../src/tasks/tasks.ts';

const work = (request: object) => workOf(requestOf(parseRequest(request), 1_000_000));
const flat = (shape: readonly number[]) => ({ shape, data: Array(shape.reduce((product, size) => product * size, 1)).fill(1) });

test('the work of a request grows with its elements and with the tensors that it asks for', () => {
  const row = { input: [1, 2, 3], target: [3, 2, 1] };
  assert.equal(work({ ...row, reduction: 'sum' }), 6);
  assert.equal(work({ ...row, reduction: 'none' }), 9);
  assert.equal(work({ ...row, reduction: 'all' }), 12);
});

test('every axis of nested lists is work, and none of a flat list', () => {
  const deep = [[[[1, 2, 3]]]];
  assert.equal(work({ input: deep, target: deep, reduction: 'none' }), 18);
  assert.equal(work({ input: flat([1, 1, 1, 3]), target: flat([1, 1, 1, 3]), reduction: 'none' }), 9);
});

test('each entry of a list of outcomes is work, beside what is matched, and lists count as long as the longest', () => {
  const list = (...rows: readonly (readonly string[])[]) => ({ outcomes: rows, values: rows.map((row) => row.map(() => 1)) });
  const one = { input: list(['a', 'b']), target: list(['b', 'c']), reduction: 'sum' };
  assert.equal(work(one), 4 * 4 + 2 * 3);
  assert.equal(work({ ...one, reduction: 'none' }), 4 * 4 + (2 + 2) * 3);
  const ragged = { input: list(['a', 'b', 'c'], ['d']), target: list(['a', 'b', 'c'], ['d']), reduction: 'sum' };
  assert.equal(work(ragged), 4 * 8 + 2 * 6);
});

test('a budget of work is used up by what is more than it, and by nothing less', () => {
  const spend = workBudget(10);
  spend(4);
  spend(6);
  assert.throws(() => spend(1), TooMuchWork);
});

const input = (task: TaskName): TaskInput => ({
  task,
  query: {},
  accepts: 'json',
  limits: { maxElements: 1_000_000 },
  problemContext: { path: '', requestId: '' },
  received: 0,
  deadline: Number.POSITIVE_INFINITY,
});

/** The work that a task says it does on a text. */
function spent(task: TaskName, text: string): number {
  let sum = 0;
  const bytes = Buffer.from(text);
  runTask(
    input(task),
    { bytes, numbers: new Float64Array(0), waitFor: () => bytes.length },
    {
      spend: (work) => {
        sum += work;
      },
    },
  );
  return sum;
}

test('of lines, each byte, each line, each element and each fault is work', () => {
  const good = JSON.stringify({ input: [1, 2], target: [2, 1] });
  assert.equal(spent('lines', good), good.length + 100 + 4);
  const faulty = JSON.stringify({ a: 1, b: 1, c: 1 });
  // two tensors are missing as well
  assert.equal(spent('lines', faulty), faulty.length + 100 + 500);
  assert.equal(spent('lines', `${good}\n${faulty}`), spent('lines', good) + spent('lines', faulty) + 1);
});

test('a single request says its work before it is computed, whatever its task', () => {
  const text = JSON.stringify({ input: [1, 2, 3], target: [3, 2, 1], reduction: 'all' });
  assert.equal(spent('json', text), 12);
  assert.equal(spent('explain', text), 12);
});

test('closed forms are more work than numbers along an axis, and matrices grow with the cube of their rows', () => {
  const gamma = { concentration: flat([100]), rate: 1 };
  const kinds = (kind: string) => ({ input_kind: kind, target_kind: kind, reduction: 'sum' });
  assert.equal(work({ ...kinds('gamma'), input: gamma, target: gamma }), 2000);
  const normal = (n: number) => ({
    loc: 0,
    scale_tril: {
      shape: [n, n],
      data: Array(n * n)
        .fill(0)
        .with(0, 1),
    },
  });
  const ofMatrices = (n: number) => work({ ...kinds('multivariate_normal'), input: normal(n), target: normal(n) });
  assert.ok(ofMatrices(200) > 7 * ofMatrices(100));
});
