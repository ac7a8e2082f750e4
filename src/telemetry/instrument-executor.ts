import type { Executor } from '../pool/executor.ts';
import { type LaneName, laneOf } from '../pool/lanes.ts';
import type { TaskInput } from '../tasks/task.ts';
import { definitionOf } from '../tasks/tasks.ts';
import type { Metrics } from './metrics.ts';

/** Returns an executor that counts its work in the metrics. */
export function instrumentExecutor(executor: Executor, metrics: Metrics): Executor {
  return {
    ...executor,
    runInline: (input, body) => {
      const done = executor.runInline(input, body);
      if (done !== undefined) metrics.worked(laneFor(input, 'inline'), input.task, done);
      return done;
    },
    runInWorker: async (input, body, gone) => {
      const done = await executor.runInWorker(input, body, gone);
      metrics.worked(laneFor(input, laneOf(body.body.length)), input.task, done);
      return done;
    },
  };
}

function laneFor(input: TaskInput, lane: LaneName): LaneName {
  return definitionOf(input).isStreamed ? 'stream' : lane;
}
