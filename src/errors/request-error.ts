import type { ProblemCode } from './problems.ts';

/** One fault of a request. `pointer` is a URI fragment JSON Pointer into the request. */
export type Fault = { readonly pointer: string; readonly code: ProblemCode; readonly detail: string };

/** Further members of a problem. With STRICT_WARNINGS, they hold all warnings of the rejected answer. */
type Extra = { readonly warnings?: readonly { readonly pointer: string }[] };

/** The limit that a request would exceed now. */
export type OverloadReason = 'slots' | 'bytes' | 'elements' | 'event_loop';

/** Facts beside the problem: seconds until a retry makes sense, the exceeded limit, and the number of computed elements. */
type Advice = { readonly retryAfter?: number; readonly reason?: OverloadReason; readonly elements?: number };

/** A problem lists at most this many faults, and counts all of them. */
export const reportedFaults = 20;

/** A request that cannot be answered. The first fault gives the problem its code; `count` may exceed the faults at hand. */
export class RequestError extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  readonly count: number;
  readonly extra: Extra;
  readonly advice: Advice;

  constructor(faults: readonly Fault[], count = faults.length, extra: Extra = {}, advice: Advice = {}) {
    super(faults[0].detail);
    this.code = faults[0].code;
    this.faults = faults.slice(0, reportedFaults);
    this.count = count;
    this.extra = extra;
    this.advice = advice;
  }
}

/** Runs a step that computes elements, or follows their computation: what it rejects has cost as much. @throws RequestError */
export function computing<T>(elements: () => number, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { faults, count, extra, advice } = error;
    throw new RequestError(faults, count, extra, { ...advice, elements: elements() });
  }
}

/** Returns an error with one fault. The caller may retry after `retryAfter` seconds, if given. */
export function refuse(code: ProblemCode, pointer: string, detail: string, retryAfter?: number): RequestError {
  return new RequestError([{ pointer, code, detail }], 1, {}, retryAfter === undefined ? {} : { retryAfter });
}

/** Returns a rejection for a limit that holds now. @param why the limit in words @param seconds after which a retry makes sense */
export function overloaded(reason: OverloadReason, why: string, seconds = 1): RequestError {
  const detail = `${why}; try again in ${seconds} s`;
  return new RequestError([{ pointer: '#', code: 'OVERLOADED', detail }], 1, {}, { retryAfter: seconds, reason });
}
