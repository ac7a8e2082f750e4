import { type Changed, type JobRecord, type JobState, overStatuses } from '../engine.ts';

/** At most one call in this time, but for the last. */
const intervalMs = 1_000;

type Watches = {
  readonly watch: (id: string, client: string, changed: Changed) => () => void;
  /** Something became of a job, or of any. */
  readonly changed: (id?: string) => void;
  readonly close: () => void;
};

type Jobs = {
  readonly find: (id: string, client: string) => Promise<JobRecord | undefined>;
  /** Reads a job without its plan and result, which may take megabytes. */
  readonly stateOf: (id: string, client: string) => Promise<JobState | undefined>;
  /** Whether a job has reached its end, for which its state need not be read. */
  readonly isOver: (id: string) => Promise<boolean>;
};

/**
 * Tells of changes that it hears of by `changed`, and of those that it did not hear of by looking once a second. The state of a job is
 * read one at a time for each watch, so no older one comes after a newer.
 */
export function createWatches({ find, stateOf, isOver }: Jobs): Watches {
  const watches = new Set<{ readonly id: string; readonly look: () => void; readonly end: () => void }>();

  function watch(id: string, client: string, changed: Changed): () => void {
    let told: string | undefined;
    let toldAt = Number.NEGATIVE_INFINITY;
    let isLooking = false;
    let lookAgain = false;
    let timer: NodeJS.Timeout | undefined;

    function lookIn(ms: number): void {
      clearTimeout(timer);
      timer = setTimeout(look, ms).unref();
    }

    /** Reads the job and tells of it; within a second of the last time, only if it is over. */
    async function look(): Promise<void> {
      if (isLooking) {
        lookAgain = true;
        return;
      }
      isLooking = true;
      lookAgain = false;
      const waitMs = toldAt + intervalMs - performance.now();
      // the store may be away for a while: what became of the job is told when it is back
      const isDue = waitMs <= 0 || (await isOver(id).catch(() => false));
      const found = isDue ? await read().catch(() => undefined) : undefined;
      isLooking = false;
      if (!watches.has(entry)) return;
      if (found !== undefined) tell(found);
      if (watches.has(entry)) lookIn(lookAgain ? 0 : isDue ? intervalMs : waitMs);
    }

    async function read(): Promise<{ readonly state: JobState; readonly whole?: JobRecord } | undefined> {
      const state = await stateOf(id, client);
      if (state === undefined || !overStatuses.includes(state.status)) return state && { state };
      const whole = await find(id, client);
      return whole && { state: whole, whole };
    }

    function tell({ state, whole }: { state: JobState; whole?: JobRecord }): void {
      const text = JSON.stringify([state.status, state.progress]);
      if (text === told) return;
      told = text;
      toldAt = performance.now();
      if (whole !== undefined) entry.end();
      changed(state, whole);
    }

    const entry = {
      id,
      look,
      end: () => {
        clearTimeout(timer);
        watches.delete(entry);
      },
    };
    watches.add(entry);
    look();
    return entry.end;
  }

  return {
    watch,
    changed(id) {
      for (const one of watches) if (id === undefined || one.id === id) one.look();
    },
    close() {
      for (const { end } of watches) end();
    },
  };
}
