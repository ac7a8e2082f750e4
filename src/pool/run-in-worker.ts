import { refuse } from '../errors/request-error.ts';
import { cancelBody, decideClaim, type SharedBody, type Verdict } from '../memory/shared-body.ts';
import { now, timeoutPointer } from '../tasks/deadline.ts';
import type { TaskInput, TaskResult } from '../tasks/task.ts';
import { beginsEarly, definitionOf } from '../tasks/tasks.ts';
import { createCancellation } from './cancellation.ts';
import { laneOf, largeMinBytes } from './lanes.ts';
import type { TaskNotice } from './worker.ts';
import type { WorkerPool } from './worker-pool.ts';

/** A body that a worker may read while it arrives; `whole` resolves when all of it is there. */
export type IncomingBody = {
  readonly body: SharedBody;
  readonly whole: Promise<void>;
  /** Decides on the bytes that the worker wants to take beside the body. Without it all are granted. */
  readonly claimBeside?: (bytes: number) => Verdict;
  /** Is told how many elements the body has, once that is known. */
  readonly holdElements?: (elements: number) => void;
};

/** `release` gives back the memory that the content lies in, once it has been sent. */
export type ExecutorResult = TaskResult & { readonly release?: () => void };

/**
 * Runs tasks in workers until they are done or cancelled, and then gives back the memory of their bodies.
 * @param onLoss is told of every worker that failed
 */
export function createWorkerRunner(pool: WorkerPool, give: (body: SharedBody) => void, onLoss: (error: Error) => void) {
  const running = new Map<number, { readonly setDeadline: (deadline: number) => void; readonly claim: (bytes: number) => void }>();
  let lastTask = 0;

  async function runInWorker(
    input: TaskInput,
    { body, whole, claimBeside = () => 'granted', holdElements = () => {} }: IncomingBody,
    gone: AbortSignal,
  ): Promise<ExecutorResult> {
    const id = ++lastTask;
    const cancellation = createCancellation(gone, () => cancelBody(body));
    cancellation.setDeadline(input.deadline);
    running.set(id, {
      setDeadline: (deadline) => cancellation.setDeadline(deadline, timeoutPointer),
      claim: (bytes) => decideClaim(body, claimBeside(bytes)),
    });
    const { glance } = definitionOf(input);
    const lane = laneOf(body.length);
    let posted: Promise<unknown> = Promise.resolve();
    const replyOf = () => {
      const reply = pool.run(lane, { id, input, body, posted: now() }, cancellation.terminate);
      posted = reply;
      return Promise.race([reply, cancellation.cancelled]);
    };
    const release = () => void Promise.allSettled([whole, posted]).then(() => give(body));
    try {
      // waking a worker that has nothing to read yet costs more than waiting for the whole body; and no whole body waits for one that
      // arrives
      if (!pool.prepare(lane) || !beginsEarly(input) || body.length < largeMinBytes) {
        await Promise.race([whole, cancellation.cancelled]);
        const { deadline, elements } = glance?.(input, new Uint8Array(body.memory, 0, body.length)) ?? {};
        if (deadline !== undefined) cancellation.setDeadline(deadline, timeoutPointer);
        if (elements !== undefined) holdElements(elements);
      }
      let reply = await replyOf();
      if ('unavailable' in reply && reply.unavailable === 'starved') {
        await Promise.race([whole, cancellation.cancelled]);
        reply = await replyOf();
      }
      // the client left, the deadline passed, or the body broke off
      if ('unavailable' in reply) return await Promise.race([cancellation.cancelled, whole.then(() => cancellation.cancelled)]);
      if ('failed' in reply) {
        onLoss(new Error(reply.failed));
        throw refuse('WORKER_LOST', '#', 'the thread that computed this request failed');
      }
      if ((reply.answered?.inPlace ?? 0) > 0) return { ...reply, release };
      release();
      return reply;
    } catch (error) {
      release();
      throw error;
    } finally {
      running.delete(id);
      cancellation.end();
    }
  }

  function onNotice({ task, ...notice }: TaskNotice): void {
    if ('deadline' in notice) running.get(task)?.setDeadline(notice.deadline);
    else running.get(task)?.claim(notice.memory);
  }
  return { runInWorker, onNotice };
}
