import type { ProblemCode } from './problems.ts';

/** One thing wrong, where (a URI fragment JSON Pointer into the request) and why. */
export type Fault = { readonly pointer: string; readonly code: ProblemCode; readonly detail: string };

/** What a problem carries beside the common members: with STRICT_WARNINGS, all warnings of the answer that was refused. */
export type Extra = { readonly warnings?: readonly { readonly pointer: string }[] };

/** Why there is no room for a request now. */
export type OverloadReason = 'slots' | 'bytes' | 'elements' | 'event_loop';

/** What is known beside the problem itself: the seconds after which it is worth to try again, why there was no room, and what was computed. */
type Advice = { readonly retryAfter?: number; readonly reason?: OverloadReason; readonly elements?: number };

/** A caller is told this many faults, and how many there are. */
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

/** A request with one thing wrong, which may be another matter after `retryAfter` seconds. */
export function refuse(code: ProblemCode, pointer: string, detail: string, retryAfter?: number): RequestError {
  return new RequestError([{ pointer, code, detail }], 1, {}, retryAfter === undefined ? {} : { retryAfter });
}
