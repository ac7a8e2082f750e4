import type { Workforce } from '../pool/executor.ts';
import { type LaneName, laneOf } from '../pool/lanes.ts';
import type { Work } from '../tasks/task.ts';
import type { Metrics } from './metrics.ts';

/** A workforce whose work is counted. */
export function watched(workforce: Workforce, metrics: Metrics): Workforce {
  return {
    ...workforce,
    small: (work, body) => {
      const done = workforce.small(work, body);
      metrics.worked(laneFor(work, 'inline'), work.task, done);
      return done;
    },
    large: async (work, body, gone) => {
      const done = await workforce.large(work, body, gone);
      metrics.worked(laneFor(work, laneOf(body.body.length)), work.task, done);
      return done;
    },
  };
}

function laneFor({ task }: Work, lane: LaneName): LaneName {
  return task === 'lines' ? 'stream' : lane;
}
