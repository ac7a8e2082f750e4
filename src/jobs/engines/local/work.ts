import type { Task, TaskLeases } from './task-leases.ts';

export type LocalWork = {
  /** Takes what there is to take, and aborts what this process no longer holds. */
  readonly look: () => void;
  /** Aborts what runs, and gives it back. */
  readonly stop: () => Promise<void>;
};

type Options = {
  readonly version: string;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly run: (task: Task, signal: AbortSignal) => Promise<void>;
  /** Something became of a job. */
  readonly changed: (id: string) => void;
  readonly report: (error: unknown) => void;
};

/** Takes tasks and runs them, `concurrency` at once, and renews their leases. */
export function startWork(leases: TaskLeases, { version, concurrency, leaseMs, run, changed, report }: Options): LocalWork {
  const running = new Map<Task, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  let isStopping = false;

  /** A failure of the file is no fault of the task: others take it when its lease is over. */
  function reporting(use: () => void): void {
    try {
      use();
    } catch (error) {
      report(error);
    }
  }

  function look(): void {
    for (const [task, { abort }] of running) if (!leases.holds(task)) abort.abort();
    while (!isStopping && running.size < concurrency) {
      const task = leases.take(version);
      if (task === undefined) return;
      const abort = new AbortController();
      running.set(task, { abort, ended: runToEnd(task, abort.signal) });
      changed(task.job);
    }
  }

  async function runToEnd(task: Task, signal: AbortSignal): Promise<void> {
    await run(task, signal).catch(report);
    running.delete(task);
    changed(task.job);
    reporting(look);
  }

  const renewal = setInterval(() => reporting(() => running.size > 0 && leases.renew(running.keys())), leaseMs / 3);

  return {
    look,
    async stop() {
      isStopping = true;
      clearInterval(renewal);
      const ends = [...running.values()];
      for (const { abort } of ends) abort.abort();
      await Promise.all(ends.map(({ ended }) => ended));
    },
  };
}
