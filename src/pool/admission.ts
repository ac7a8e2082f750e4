import { type OverloadReason, RequestError } from '../errors/request-error.ts';
import type { Verdict } from '../memory/shared-body.ts';
import { computeMs, type Timings } from '../tasks/task.ts';
import { type LaneName, laneNames } from './lanes.ts';

/** Limits on concurrent work. The service rejects a request above them before it reads the body. */
export type Budgets = {
  /** Requests of each lane, including queued ones. */
  readonly slots: Readonly<Record<LaneName, number>>;
  /** Bytes for large bodies and their numbers, held until the client has received the answer. */
  readonly bytes: number;
  /** Numbers that large bodies may hold, estimated from their length. */
  readonly elements: number;
};

/** The lane, bytes and elements that a body needs. Lines of a stream that are small are in no lane but that of their stream. */
export type Cost = { readonly lane: LaneName | undefined; readonly bytes: number; readonly elements: number };

/** The exceeded budget. */
type Exhausted = Exclude<OverloadReason, 'event_loop'>;

/** The share of the budgets that an admitted request holds. */
export type Reservation = {
  /** Changes the held share when more of the body is known. @throws RequestError OVERLOADED */
  readonly claim: (need: Cost) => void;
  /** Lowers the held elements to those that the body turned out to have. */
  readonly holdElements: (elements: number) => void;
  /** Changes the bytes that the computation holds beside the body. It is never let in for being alone: then they would have no limit. */
  readonly claimBeside: (bytes: number) => Verdict;
  /** Frees the slot after the computation. Until `release`, the bytes of what is `kept` stay held: all of them unless it is given. */
  readonly computed: (timings: Timings, kept?: number) => void;
  /** Frees everything that the request still holds. */
  readonly release: () => void;
};

export type Admission = {
  /** @throws RequestError OVERLOADED, with the estimated seconds until a retry succeeds */
  readonly reserve: (need: Cost) => Reservation;
  /** Returns the admitted requests of each lane, and the bytes and elements that they hold. */
  readonly load: () => { readonly lanes: Readonly<Record<LaneName, number>>; readonly bytes: number; readonly elements: number };
};

/** Weight of the latest duration in the moving average of a lane. */
const weight = 0.1;

const nothing: Cost = { lane: undefined, bytes: 0, elements: 0 };

/**
 * @param threads how many requests of a lane are computed at a time
 * @param onGrown is called when more bytes are held than before
 */
export function createAdmission(budgets: Budgets, threads: Readonly<Record<LaneName, number>>, onGrown: () => void = () => {}): Admission {
  const lanes = Object.fromEntries(laneNames.map((lane) => [lane, 0])) as Record<LaneName, number>;
  const duration = { ...lanes };
  let bytes = 0;
  let elements = 0;

  function exhausted(held: Cost, need: Cost): Exhausted | undefined {
    if (need.lane !== undefined && held.lane !== need.lane && lanes[need.lane] >= budgets.slots[need.lane]) return 'slots';
    // a lone request is always admitted; a request that needs no more than it holds is never rejected
    if (need.bytes > held.bytes && bytes > held.bytes && bytes - held.bytes + need.bytes > budgets.bytes) return 'bytes';
    if (need.elements > held.elements && elements > held.elements && elements - held.elements + need.elements > budgets.elements)
      return 'elements';
    return undefined;
  }

  function overloaded(lane: LaneName | undefined, reason: Exhausted): RequestError {
    const wait = lane === undefined ? 0 : (lanes[lane] * duration[lane]) / threads[lane];
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    const fault = { pointer: '#', code: 'OVERLOADED', detail: `${details[reason]}; try again in ${seconds} s` } as const;
    return new RequestError([fault], 1, {}, { retryAfter: seconds, reason });
  }

  function reserve(need: Cost): Reservation {
    let held = nothing;
    let body = 0;
    let isComputed = false;

    function hold(next: Cost): void {
      if (held.lane !== next.lane) {
        if (held.lane !== undefined) lanes[held.lane]--;
        if (next.lane !== undefined) lanes[next.lane]++;
      }
      const grown = next.bytes - held.bytes;
      bytes += grown;
      elements += next.elements - held.elements;
      held = next;
      if (grown > 0) onGrown();
    }

    function claim(next: Cost): void {
      const reason = exhausted(held, next);
      if (reason !== undefined) throw overloaded(next.lane, reason);
      hold(next);
      body = next.bytes;
    }

    function claimBeside(beside: number): Verdict {
      // of a request that is over: its worker stops by itself
      if (isComputed) return 'exhausted';
      const next = { ...held, bytes: body + beside };
      if (next.bytes > held.bytes && next.bytes > budgets.bytes) return 'impossible';
      if (next.bytes > held.bytes && bytes - held.bytes + next.bytes > budgets.bytes) return 'exhausted';
      hold(next);
      return 'granted';
    }

    claim(need);
    return {
      claim,
      claimBeside,
      holdElements: (count) => hold({ ...held, elements: Math.min(held.elements, count) }),
      computed: (timings, kept = held.bytes) => {
        if (isComputed) return;
        isComputed = true;
        const { lane } = held;
        if (lane !== undefined) duration[lane] += weight * (computeMs(timings) - duration[lane]);
        hold({ ...nothing, bytes: kept });
      },
      release: () => {
        isComputed = true;
        hold(nothing);
      },
    };
  }
  return { reserve, load: () => ({ lanes: { ...lanes }, bytes, elements }) };
}

const details: Readonly<Record<Exhausted, string>> = {
  slots: 'as many requests of this size are here already as can be answered in good time',
  bytes: 'the requests that are here already take the memory that there is for bodies',
  elements: 'the requests that are here already hold as many numbers as can be computed in good time',
};
