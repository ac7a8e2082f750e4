import { RequestError } from '../errors.ts';
import type { Source } from '../wire/shared-body.ts';
import { taskOf } from './tasks.ts';
import type { Outcome, Timings, Tools, Work } from './work.ts';

/** From the bytes of a request to the bytes of its answer. @throws Unread */
export function perform(work: Work, source: Source, tools: Tools = {}): Outcome {
  const timings: Timings = {};
  let last = performance.now();
  const lap = <T>(phase: keyof Timings, value: T): T => {
    const now = performance.now();
    timings[phase] = (timings[phase] ?? 0) + now - last;
    last = now;
    return value;
  };
  try {
    return { timings, answered: taskOf(work).run({ work, source, tools, lap }) };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra, advice } = error;
    return { timings, refused: { faults, count, extra, advice } };
  }
}
