import { type OverloadReason, RequestError } from '../errors/request-error.ts';
import type { Timings } from '../tasks/task.ts';
import { type LaneName, laneNames } from './lanes.ts';

/** How much may be inside of the service at a time; what would be more is refused before it is read. */
export type Budgets = {
  /** Requests of each lane, those that wait included. */
  readonly slots: Readonly<Record<LaneName, number>>;
  /** Memory of large bodies and of the numbers in them, until their answers have been taken. */
  readonly bytes: number;
  /** Numbers that large bodies may hold, going by their length. */
  readonly elements: number;
};

/** What a body takes. */
export type Cost = { readonly lane: LaneName; readonly bytes: number; readonly elements: number };

/** What there may be too little of. */
type Exhausted = Exclude<OverloadReason, 'event_loop'>;

/** A request that has been let in. */
export type Reservation = {
  /** Changes what it takes, when more of its body is known. @throws RequestError OVERLOADED */
  readonly claim: (need: Cost) => void;
  /** It has been computed, and makes room for the next in its lane. An answer of so many bytes takes what its body took, or more. */
  readonly computed: (timings: Timings, answer?: number) => void;
  /** Nothing of it is left. */
  readonly release: () => void;
};

export type Admission = {
  /** @throws RequestError OVERLOADED, with the seconds after which there should be room */
  readonly reserve: (need: Cost) => Reservation;
  /** Requests inside, in each lane, and what they take. */
  readonly load: () => { readonly lanes: Readonly<Record<LaneName, number>>; readonly bytes: number; readonly elements: number };
};

/** How much of the mean duration of a lane the last one decides. */
const weight = 0.1;

const nothing = { lane: undefined, bytes: 0, elements: 0 };

/** @param threads how many requests of a lane are computed at a time */
export function createAdmission(budgets: Budgets, threads: Readonly<Record<LaneName, number>>): Admission {
  const lanes = Object.fromEntries(laneNames.map((lane) => [lane, 0])) as Record<LaneName, number>;
  const duration = { ...lanes };
  let bytes = 0;
  let elements = 0;

  function exhausted(held: Cost | typeof nothing, need: Cost): Exhausted | undefined {
    if (held.lane !== need.lane && lanes[need.lane] >= budgets.slots[need.lane]) return 'slots';
    // one is always let in, whatever it takes; and who takes no more than before takes nothing from the others
    if (need.bytes > held.bytes && bytes > held.bytes && bytes - held.bytes + need.bytes > budgets.bytes) return 'bytes';
    if (need.elements > held.elements && elements > held.elements && elements - held.elements + need.elements > budgets.elements)
      return 'elements';
    return undefined;
  }

  function overloaded(lane: LaneName, reason: Exhausted): RequestError {
    const wait = (lanes[lane] * duration[lane]) / threads[lane];
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    const fault = { pointer: '#', code: 'OVERLOADED', detail: `${details[reason]}; try again in ${seconds} s` } as const;
    return new RequestError([fault], 1, {}, { retryAfter: seconds, reason });
  }

  function reserve(need: Cost): Reservation {
    let held: Cost | typeof nothing = nothing;

    function hold(next: Cost | typeof nothing): void {
      if (held.lane !== next.lane) {
        if (held.lane !== undefined) lanes[held.lane]--;
        if (next.lane !== undefined) lanes[next.lane]++;
      }
      bytes += next.bytes - held.bytes;
      elements += next.elements - held.elements;
      held = next;
    }

    function claim(next: Cost): void {
      const reason = exhausted(held, next);
      if (reason !== undefined) throw overloaded(next.lane, reason);
      hold(next);
    }

    claim(need);
    return {
      claim,
      computed: (timings, answer = 0) => {
        if (held.lane === undefined) return;
        const took = Object.values(timings).reduce((sum, part) => sum + part, 0);
        duration[held.lane] += weight * (took - duration[held.lane]);
        hold({ ...nothing, bytes: held.bytes === 0 ? 0 : Math.max(held.bytes, answer) });
      },
      release: () => hold(nothing),
    };
  }
  return { reserve: reserve, load: () => ({ lanes: { ...lanes }, bytes, elements }) };
}

const details: Readonly<Record<Exhausted, string>> = {
  slots: 'as many requests of this size are here already as can be answered in good time',
  bytes: 'the requests that are here already take the memory that there is for bodies',
  elements: 'the requests that are here already hold as many numbers as can be computed in good time',
};
