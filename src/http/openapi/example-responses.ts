import { problemBody } from '../../errors/problem-details.ts';
import { RequestError } from '../../errors/request-error.ts';
import { parseJson } from '../../formats/json/parse-json.ts';
import { requestOf } from '../../formats/json/read-request.ts';
import { parseRequest } from '../../schema/parse-request.ts';
import { type Solution, solve } from '../../tasks/solve.ts';
import { type Example, type ExampleName, examples } from './example-requests.ts';
import { exampleRequestId } from './run-example.ts';

const maxElements = 2 ** 20;

const solved = (request: unknown) => solve(requestOf(parseRequest(request), maxElements));

const names = Object.keys(examples) as ExampleName[];

/** Returns the answers to the named examples, by default to all with status 200. They are computed, so never out of date. */
export function answerExamples(how: (solved: Solution) => unknown, of: readonly ExampleName[] = names) {
  const answered = of.filter((name) => examples[name].status === 200);
  return Object.fromEntries(
    answered.map((name) => [name, { summary: examples[name].summary, value: how(solved(examples[name].request)) }]),
  );
}

const refused = {
  400: {
    bare_nan: {
      summary: 'NaN is not JSON',
      run: () => parseJson(Buffer.from('{"input": [[0.7, NaN]], "target": [[0.5, 0.5]]}'), maxElements),
    },
  },
  422: {
    strict_refusal: { summary: examples.strict_refusal.summary, run: () => solved(examples.strict_refusal.request) },
    misspelt_option: { summary: 'A misspelt option', run: () => parseRequest({ input: [1, 2], target: [2, 1], reductoin: 'sum' }) },
    null_element: {
      summary: 'A NaN that a serialiser wrote as null',
      run: () => solved({ input: [[1, 2]], target: [[1, null]] }),
    },
  },
} as const satisfies Record<number, Record<string, { summary: string; run: () => unknown }>>;

/** Returns the problems that the service answers to rejected examples, by status. */
export function refusalExamples(status: keyof typeof refused) {
  return Object.fromEntries(Object.entries(refused[status]).map(([name, { summary, run }]) => [name, { summary, value: problemOf(run) }]));
}

function problemOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return problemBody(error, { path: '/v1/kl-divergence', requestId: exampleRequestId });
    throw error;
  }
  throw new Error('an example of a refusal was answered');
}

/** Returns the examples of requests in the form of OpenAPI. */
export function requestExamples() {
  return Object.fromEntries(
    Object.entries<Example>(examples).map(([name, { summary, description, request }]) => [name, { summary, description, value: request }]),
  );
}
