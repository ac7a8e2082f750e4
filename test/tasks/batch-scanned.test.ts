import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createItemScanner, type ItemScanner } from '../../src/kernels/item-scanner.ts';
import { lengthOf } from '../../src/tasks/task.ts';
import { runTask } from '../../src/tasks/tasks.ts';
import { cases } from '../cases.ts';
import { editedTexts } from '../http/fuzz/damage.ts';
import { formats } from '../http/fuzz/formats.ts';
import { listRequests } from '../http/fuzz/lists.ts';
import { mutated } from '../http/fuzz/mutations.ts';
import { familyRequests, type Request, requests, sampleRequests } from '../http/fuzz/request.ts';

const scanItems = createItemScanner();

/** Whether numbers were scanned: a test that compares one way with itself says nothing. */
let scanned = 0;

const counted: ItemScanner = (...args) => {
  const found = scanItems(...args);
  if (found?.sides.some((sides) => sides !== undefined)) scanned++;
  return found;
};

/** What a batch is answered with, or refused for. */
function answered(text: string, task: 'batch' | 'divergences_batch', scanner: ItemScanner | undefined, maxElements = 1000): unknown {
  const bytes = Buffer.from(text);
  const body = { bytes, numbers: new Float64Array(0), waitFor: () => bytes.length };
  const input = {
    task,
    query: {},
    accepts: 'json' as const,
    limits: { maxElements },
    problemContext: { path: '/', requestId: 'one' },
    received: 0,
    deadline: Number.POSITIVE_INFINITY,
  };
  const { timings: _, ...result } = runTask(input, body, { ...(scanner && { scanItems: scanner }) });
  if (result.answered === undefined) return result;
  const { content } = result.answered;
  return {
    ...result.answered,
    content: typeof content === 'string' ? content : Buffer.concat(content).toString(),
    length: lengthOf(content),
  };
}

function assertSame(text: string, maxElements?: number): void {
  for (const task of ['batch', 'divergences_batch'] as const)
    assert.deepEqual(answered(text, task, counted, maxElements), answered(text, task, undefined, maxElements), text);
}

/** Items as they stand in a batch. */
const itemsOf = (request: Request): string[] => {
  const message = formats['a batch of nested lists'].write(request);
  return message === undefined ? [] : JSON.parse(message.body.toString()).items.map((item: unknown) => JSON.stringify(item));
};

const sent = fc.oneof(requests, mutated(requests), familyRequests, mutated(familyRequests), sampleRequests, listRequests);

test('a batch is answered byte for byte alike whether its numbers are scanned or parsed, and so are items with faults', (t) => {
  const numRuns = cases(t, 150, 25);
  const batches = fc.record({ items: fc.array(sent, { minLength: 1, maxLength: 5 }), indent: fc.constantFrom('', ' ', '\r\n\t') });
  fc.assert(
    fc.property(batches, ({ items, indent }) => {
      const text = `{"items":[${items.flatMap(itemsOf).join(',')}]}`;
      assertSame(indent === '' ? text : JSON.stringify(JSON.parse(text), null, indent));
    }),
    { seed: 1, numRuns },
  );
  assert.ok(scanned > numRuns / 3, `${scanned} were scanned`);
});

test('a batch that was edited anywhere is refused alike, for the same faults at the same places', (t) => {
  const edited = fc.record({ edit: editedTexts, beside: requests });
  fc.assert(
    fc.property(edited, ({ edit: { text }, beside }) => assertSame(`{"items":[${[text, ...itemsOf(beside)].join(',')}]}`)),
    { seed: 1, numRuns: cases(t, 150, 25) },
  );
});

const long = `[${Array.from({ length: 40 }, (_, k) => k / 7).join(',')}]`;

const oddBatches: Readonly<Record<string, string>> = {
  'names with escapes': `{"items":[{"\\u0069nput":${long},"target":${long}},{"input":${long},"target":${long}}]}`,
  'a name that comes twice': `{"items":[{"input":${long},"input":${long},"target":${long}}]}`,
  'items that come twice': `{"items":[{"input":${long},"target":${long}}],"items":[{"input":${long},"target":${long}}]}`,
  'items that are an object': `{"items":{"one":{"input":${long},"target":${long}}}}`,
  'tensors in an item of an item': `{"items":[{"input":{"input":${long}},"target":${long}}]}`,
  'tensors that stand elsewhere': `{"more":[{"input":${long}}],"items":[{"input":${long},"target":${long}}]}`,
  'tensors in defaults': `{"items":[{"target":${long}},{"target":${long}}],"defaults":{"input":${long}}}`,
  'tensors in a list in defaults': `{"items":[{"target":${long},"input":${long}}],"defaults":{"dim":[{"input":${long}}]}}`,
  'a list that holds the items': `[{"items":[{"input":${long},"target":${long}}]}]`,
  'ids that look like names': `{"items":[{"id":"input","input":${long},"target":${long}},{"id":"\\"input\\":[1,2]","target":${long},"input":${long}}]}`,
  'an id that is none': `{"items":[{"id":{"a":1},"input":${long},"target":${long}}]}`,
  'numbers that float64 does not hold': `{"items":[{"input":${long},"target":[1e999,1]},{"input":${long},"target":[1e-999,1]}]}`,
  'lists of different lengths': `{"items":[{"input":[${long},[1]],"target":${long}},{"input":${long},"target":${long}}]}`,
  'parameters that are lists': `{"defaults":{"input_kind":"normal","target_kind":"normal"},"items":[{"input":${long},"target":${long}}]}`,
  'more axes than are scanned': `{"items":[{"input":[[[[${long}]]]],"target":[[[[${long}]]]]},{"input":${long},"target":${long}}]}`,
  'a comma too many': `{"items":[{"input":${long},"target":${long}},]}`,
  'a text that ends early': `{"items":[{"input":${long},"target":${long}}`,
  'a string that never ends': `{"items":[{"input":${long},"target":${long},"id":"a}]}`,
  'a byte order mark': `\ufeff{"items":[{"input":${long},"target":${long}}]}`,
  'nothing but a number': '7',
};

for (const [name, text] of Object.entries(oddBatches)) test(`answered alike, scanned or parsed: ${name}`, () => assertSame(text));

test('a batch longer than what is scanned at once is answered alike', () => {
  const items = Array.from({ length: 900 }, (_, k) => `{"id":"${'é'.repeat(k % 7)}","target":${long}, "input" :\n${long}}`);
  assertSame(`{"items":[${items.join(',')}]}`);
  assertSame(`{"items":[${[...items, `{"input":[${'1,'.repeat(200_000)}1],"target":${long}}`].join(',')}]}`);
});

test('a batch of too many items, numbers, or elements of a tensor is refused alike', () => {
  const item = `{"input":${long},"target":${long}}`;
  assertSame(`{"items":[${Array.from({ length: 1001 }, () => item).join(',')}]}`);
  assertSame(`{"items":[${Array.from({ length: 1000 }, () => item).join(',')}]}`, 30);
  assertSame(`{"items":[{"input":[${'1,'.repeat(70_000)}1],"target":${long}}]}`, 40);
});
