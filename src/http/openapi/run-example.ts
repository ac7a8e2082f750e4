import type { TaskInput } from '../../tasks/task.ts';
import { runTask } from '../../tasks/tasks.ts';

/** The id of the request in examples of problems. */
export const exampleRequestId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** Returns the answer of the service to the body of an example. It is computed, so never out of date. */
export function runExample(task: TaskInput['task'], path: string, body: string): string {
  const bytes = Buffer.from(body);
  const limits = { maxElements: 2 ** 20 };
  const { answered } = runTask(
    {
      task,
      query: {},
      accepts: 'json',
      limits,
      problemContext: { path, requestId: exampleRequestId },
      received: 0,
      deadline: Number.POSITIVE_INFINITY,
    },
    { bytes, numbers: new Float64Array(0), waitFor: () => bytes.length },
  );
  if (answered === undefined) throw new Error('an example of an answer was refused');
  const { content } = answered;
  return typeof content === 'string' ? content : Buffer.concat(content).toString();
}
