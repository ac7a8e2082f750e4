import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { forgetGarbage } from '../memory/garbage.ts';

type Collection = { readonly type: 'major'; readonly execution: 'sync'; readonly flavor?: 'last-resort' };

let collect: ((how: Collection) => void) | undefined;

/** With `shrinks`, V8 also gives back the memory that it has for new garbage, which takes several times as long. */
export type CollectionOptions = { readonly shrinks?: boolean };

/** Collects the garbage of this thread, all of it and at once. */
export function collectGarbage({ shrinks = false }: CollectionOptions = {}): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as typeof collect;
  }
  collect?.({ type: 'major', execution: 'sync', ...(shrinks ? { flavor: 'last-resort' } : {}) });
  forgetGarbage();
}

/** So many bytes of shared memory are given up before garbage is collected for them. */
const collectedBytes = 2 ** 24;

/**
 * Returns a function that has every thread collect its garbage now and then. It is told how many bytes of shared memory
 * were given up. They are free when no thread has them any more, which V8 sees only then; and it does not count shared memory.
 */
export function createCollector(collectInThreads: () => void): (bytes: number) => void {
  let givenUp = 0;
  return (bytes) => {
    givenUp += bytes;
    if (givenUp < collectedBytes) return;
    givenUp = 0;
    setImmediate(() => collectGarbage());
    collectInThreads();
  };
}
