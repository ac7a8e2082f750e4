import type { JobWorker } from '../../engine.ts';
import { attempt, partialsTooLarge } from '../attempts.ts';
import { createPlans } from '../plans.ts';
import { mergeShard, type Task, type TaskLeases } from './task-leases.ts';
import type { TaskOutcomes } from './task-outcomes.ts';

/** Returns what computes a task until a signal, and stores what becomes of it. */
export function taskRunner(worker: JobWorker, leases: TaskLeases, outcomes: TaskOutcomes, backoffMs: number) {
  const plans = createPlans();

  return async (task: Task, signal: AbortSignal): Promise<void> => {
    const planOf = () => plans(`${task.job} ${task.createdAt}`, () => outcomes.plan(task.job));
    const trial = { number: task.attempt, backoffMs, signal };
    const isMerge = task.shard === mergeShard;
    const outcome = isMerge
      ? await attempt(worker, trial, async () => ({ result: await worker.merge(await planOf(), outcomes.partials(task.job), signal) }))
      : await attempt(worker, trial, async () => ({ partial: await worker.shard(await planOf(), task.shard, signal) }));
    if (outcome.kind === 'aborted') leases.giveBack(task);
    else if (outcome.kind === 'again') leases.retry(task, outcome.inMs);
    else if (outcome.kind === 'failed') outcomes.finish(task, 'failed', { problem: outcome.problem });
    else if ('result' in outcome.value) outcomes.finish(task, 'succeeded', outcome.value);
    else outcomes.complete(task, outcome.value.partial, () => partialsTooLarge(worker));
  };
}
