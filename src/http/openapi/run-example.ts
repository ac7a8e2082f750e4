import { problemBody } from '../../errors/problem-details.ts';
import { errorOf } from '../../errors/sent-error.ts';
import type { ModelName } from '../../formats/inference/models.ts';
import { ownInput, type TaskInput, type TaskResult } from '../../tasks/task.ts';
import { runTask } from '../../tasks/tasks.ts';

/** A request to an endpoint, by the task and the path of that endpoint. */
type Example = { readonly task: TaskInput['task']; readonly path: string; readonly body: string; readonly model?: ModelName };

/** Returns the body of the service's answer to an example. It is computed, so never out of date. */
export function answerTo(example: Example): string {
  const { answered } = run(example);
  if (answered === undefined) throw new Error('an example of an answer was refused');
  const { content } = answered;
  return typeof content === 'string' ? content : Buffer.concat(content).toString();
}

/** Returns the problem that the service answers to an example. */
export function problemFor(example: Example) {
  const { refused } = run(example);
  if (refused === undefined) throw new Error('an example of a refusal was answered');
  return problemBody(errorOf(refused), contextOf(example));
}

const contextOf = ({ path }: Example) => ({ path, requestId: '7c9e6679-7425-40de-944b-e07fc1f90ae7' });

function run(example: Example): TaskResult {
  const bytes = Buffer.from(example.body);
  const { task, model } = example;
  const input = { ...ownInput, task, ...(model === undefined ? {} : { model }), problemContext: contextOf(example) };
  return runTask(input, { bytes, numbers: new Float64Array(0), waitFor: () => bytes.length });
}
