import { overloaded } from '../errors/request-error.ts';
import type { Verdict } from '../memory/shared-body.ts';
import { computeMs, type Timings } from '../tasks/task.ts';
import type { PlacedLane } from './lanes.ts';
import { type Budgets, type Cost, createLedger, type Entry, type Exhausted, type Holder, type Ledger, nothing } from './ledger.ts';

/** The share of the budgets that an admitted request holds. */
export type Reservation = {
  /** Changes the held share. Slow holders give theirs up if that is needed. @throws RequestError OVERLOADED */
  readonly claim: (need: Cost) => void;
  /** Lowers the held elements to those that the body turned out to have. */
  readonly holdElements: (elements: number) => void;
  /** Changes the bytes that the computation holds beside the body. It is never let in for being alone: then they would have no limit. */
  readonly claimBeside: (bytes: number) => Verdict;
  /** Frees the place after the computation. Until `release`, the bytes of what is `kept` stay held: all of them unless it is given. */
  readonly computed: (timings: Timings, kept?: number) => void;
  /** Frees everything that the request still holds. */
  readonly release: () => void;
};

export type Admission = {
  /** Returns a reservation that holds nothing yet. */
  readonly reserve: (holder: Holder) => Reservation;
  /** Rejects a request that could not be claimed now. @throws RequestError OVERLOADED, with the estimated seconds until a retry succeeds */
  readonly check: (holder: Holder, need: Cost) => void;
  /** Returns the admitted requests of each lane, and the bytes and elements that they hold. */
  readonly load: Ledger['load'];
};

/** Weight of the latest duration in the moving average of a lane. */
const weight = 0.1;

/**
 * @param threads how many requests of a lane are computed at a time
 * @param onGrown is called when more bytes are held than before
 * @param clock the time in ms
 */
export function createAdmission(
  budgets: Budgets,
  threads: Readonly<Record<PlacedLane, number>>,
  onGrown: () => void = () => {},
  clock: () => number = () => performance.now(),
): Admission {
  const ledger = createLedger(budgets, clock, onGrown);
  const duration = { small: 0, large: 0, stream: 0 };

  function refuseEntry(entry: Entry, reason: Exhausted, { lane }: Cost): never {
    ledger.refused(entry, reason, lane);
    const wait = lane === undefined ? 0 : (ledger.load().lanes[lane] * duration[lane]) / threads[lane];
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    throw overloaded(reason, details[reason], seconds);
  }

  function check(holder: Holder, need: Cost): void {
    const entry: Entry = { holder, held: nothing };
    const excess = ledger.aboveShare(entry, need);
    if (excess !== undefined) refuseEntry(entry, excess, need);
    const reason = ledger.exhausted(entry, need);
    if (reason !== undefined && ledger.slowest(reason, need.lane, entry) === undefined) refuseEntry(entry, reason, need);
  }

  function reserve(holder: Holder): Reservation {
    const entry: Entry = { holder, held: nothing };
    // the bytes that the computation holds beside the body
    let beside = 0;
    let isComputed = false;

    function claim(body: Cost): void {
      // a body may end after it has been computed
      if (entry.hasGivenUp || isComputed) return;
      const need = { ...body, bytes: body.bytes + beside };
      const excess = ledger.aboveShare(entry, need);
      if (excess !== undefined) refuseEntry(entry, excess, need);
      for (let reason = ledger.exhausted(entry, need); reason !== undefined; reason = ledger.exhausted(entry, need)) {
        giveWay(ledger.slowest(reason, need.lane, entry) ?? refuseEntry(entry, reason, need));
      }
      ledger.hold(entry, need);
    }

    function claimBeside(bytes: number): Verdict {
      // of a request that is over: its worker stops by itself
      if (isComputed || entry.hasGivenUp) return 'exhausted';
      const { held } = entry;
      const next = { ...held, bytes: held.bytes - beside + bytes };
      if (bytes > beside && next.bytes > budgets.bytes) return 'impossible';
      if (bytes > beside && ledger.load().bytes - held.bytes + next.bytes > budgets.bytes) return 'exhausted';
      beside = bytes;
      ledger.hold(entry, next);
      return 'granted';
    }

    function computed(timings: Timings, kept = entry.held.bytes): void {
      if (isComputed || entry.held === nothing) return;
      isComputed = true;
      const { lane } = entry.held;
      // a body that is rejected before it is whole has no place
      if (lane !== undefined) duration[lane] += weight * (computeMs(timings) - duration[lane]);
      ledger.hold(entry, { bytes: kept, elements: 0 });
    }

    function release(): void {
      isComputed = true;
      ledger.hold(entry, nothing);
    }

    const holdElements = (count: number) => ledger.hold(entry, withAtMost(count, entry.held));
    return { claim, claimBeside, holdElements, computed, release };
  }

  function giveWay(entry: Entry): void {
    entry.hasGivenUp = true;
    ledger.hold(entry, nothing);
    entry.holder.giveUp?.();
  }
  return { reserve, check, load: ledger.load };
}

/** The ledger knows by its identity what is held, and `nothing`. */
function withAtMost(elements: number, held: Cost): Cost {
  return held.elements <= elements ? held : { ...held, elements };
}

const details: Readonly<Record<Exhausted, string>> = {
  slots: 'as many requests of this size are here already as can be answered in good time',
  bytes: 'the requests that are here already take the memory that there is for bodies',
  elements: 'the requests that are here already hold as many numbers as can be computed in good time',
};
