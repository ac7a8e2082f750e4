import { problemBody } from '../errors/problem-details.ts';
import { RequestError, refuse } from '../errors/request-error.ts';
import { SourceFault } from '../sources/source-fault.ts';
import { JobFault, type JobWorker, type JsonValue } from './engine.ts';
import type { JobPlan } from './shards/job-plan.ts';
import type { ShardThreads } from './shards/shard-threads.ts';

/** What an engine has computed by threads: what is wrong with a job ends it, all else is tried again. */
export function jobWorker(version: string, concurrency: number, threads: ShardThreads): JobWorker {
  return {
    version,
    concurrency,
    shard: (plan, index, signal) => faulting(threads.shard(planOf(plan), index, signal)),
    merge: (plan, partials, signal) => faulting(threads.merge(planOf(plan), partials, signal)),
    problemOf,
  };
}

/** Plans are stored as JSON, which only this service writes. */
function planOf(plan: JsonValue): JobPlan {
  return plan as unknown as JobPlan;
}

/** @throws JobFault */
async function faulting<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof RequestError) throw new JobFault(error.message, problemOf(error), false);
    if (error instanceof SourceFault) throw new JobFault(error.message, problemOf(error), error.retryable);
    throw error;
  }
}

/** The problem of a job that failed: that of a request for the same reason, but for the request. */
function problemOf(error: unknown): JsonValue {
  const { instance: _path, request_id: _id, ...problem } = problemBody(refusalOf(error), { path: '', requestId: '' });
  return problem as unknown as JsonValue;
}

function refusalOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof SourceFault) return refuse(error.code, error.place.startsWith('#') ? error.place : '#', error.message);
  return refuse('INTERNAL', '#', 'the service failed to compute this job');
}
