import { type Example, type ExampleName, examples } from './example-requests.ts';
import { answerTo, problemFor } from './run-example.ts';

const path = '/v1/kl-divergence';

const names = Object.keys(examples) as ExampleName[];

/** Returns the answers to the named examples, by default to all with status 200. */
export function answerExamples(task: 'json' | 'explain', of: readonly ExampleName[] = names) {
  const answered = of.filter((name) => examples[name].status === 200);
  return Object.fromEntries(
    answered.map((name) => {
      const { summary, request } = examples[name];
      return [name, { summary, value: JSON.parse(answerTo({ task, path, body: JSON.stringify(request) })) }];
    }),
  );
}

const refused = {
  400: {
    bare_nan: { summary: 'NaN is not JSON', body: '{"input": [[0.7, NaN]], "target": [[0.5, 0.5]]}' },
  },
  422: {
    strict_refusal: { summary: examples.strict_refusal.summary, body: JSON.stringify(examples.strict_refusal.request) },
    misspelt_option: { summary: 'A misspelt option', body: '{"input": [1, 2], "target": [2, 1], "reductoin": "sum"}' },
    null_element: { summary: 'A NaN that a serialiser wrote as null', body: '{"input": [[1, 2]], "target": [[1, null]]}' },
  },
} as const satisfies Record<number, Record<string, { summary: string; body: string }>>;

/** Returns the problems that the service answers to rejected examples, by status. */
export function refusalExamples(status: keyof typeof refused) {
  return Object.fromEntries(
    Object.entries(refused[status]).map(([name, { summary, body }]) => [
      name,
      { summary, value: problemFor({ task: 'json', path, body }) },
    ]),
  );
}

/** Returns the examples of requests in the form of OpenAPI. */
export function requestExamples() {
  return Object.fromEntries(
    Object.entries<Example>(examples).map(([name, { summary, description, request }]) => [name, { summary, description, value: request }]),
  );
}
