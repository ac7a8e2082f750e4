import type { OverloadReason } from '../errors/request-error.ts';
import { createLiveList } from '../memory/live-list.ts';
import type { PlacedLane } from './lanes.ts';
import { createShares } from './shares.ts';

/** Limits on concurrent work. */
export type Budgets = {
  /** Requests of each lane, including queued ones. */
  readonly slots: Readonly<Record<PlacedLane, number>>;
  /** Bytes for bodies that arrive or wait for a thread, for their numbers and for their answers, until the client has received them. */
  readonly bytes: number;
  /** Numbers that large bodies may hold, estimated from their length. */
  readonly elements: number;
};

/** The lane in which a request holds a place, if it holds one, and its bytes and elements. */
export type Cost = { readonly lane?: PlacedLane | undefined; readonly bytes: number; readonly elements: number };

/** The exceeded budget. */
export type Exhausted = Exclude<OverloadReason, 'event_loop'>;

/** Who holds a share of the budgets, and when another request may have it. */
export type Holder = {
  /** Returns the client, by a name or an address. */
  readonly client: () => string;
  /** Since when (ms of `performance.now()`) the client has been too slow to keep what it holds of a budget; undefined if it is not. */
  readonly slowSince?: (budget: Exhausted, now: number) => number | undefined;
  /** Called when all that it holds has gone to another request. */
  readonly giveUp?: (() => void) | undefined;
};

/** A holder and what it holds. */
export type Entry = {
  readonly holder: Holder;
  place?: number;
  held: Cost;
  /** The client as it was first known: an address is gone with its connection. */
  client?: string;
  /** Whether what it held has gone to another. */
  hasGivenUp?: boolean;
};

export const nothing: Cost = { bytes: 0, elements: 0 };

/** The account of who holds what of the budgets. Admission decides by it: see admission.ts. */
export type Ledger = {
  readonly hold: (entry: Entry, next: Cost) => void;
  /** Returns the budget that has no room for what an entry needs. */
  readonly exhausted: (entry: Entry, need: Cost) => Exhausted | undefined;
  /** Returns the budget of which the client would hold more than its share. */
  readonly aboveShare: (entry: Entry, need: Cost) => Exhausted | undefined;
  /** Returns the entry that has been too slow for longest to keep what it holds of a budget. */
  readonly slowest: (budget: Exhausted, lane: PlacedLane | undefined, except: Entry) => Entry | undefined;
  /** Notes that a client was refused. */
  readonly refused: (entry: Entry, budget: Exhausted, lane: PlacedLane | undefined) => void;
  readonly load: () => { readonly lanes: Readonly<Record<PlacedLane, number>>; readonly bytes: number; readonly elements: number };
};

/**
 * @param clock the time in ms
 * @param onGrown is called when more bytes are held than before
 */
export function createLedger(budgets: Budgets, clock: () => number, onGrown: () => void): Ledger {
  const lanes = { small: 0, large: 0, stream: 0 };
  const { small, large, stream } = budgets.slots;
  const shares = {
    lanes: { small: createShares(small, clock), large: createShares(large, clock), stream: createShares(stream, clock) },
    bytes: createShares(budgets.bytes, clock),
    elements: createShares(budgets.elements, clock),
  };
  const entries = createLiveList<Entry>();
  let bytes = 0;
  let elements = 0;

  function hold(entry: Entry, next: Cost): void {
    const { held } = entry;
    if (held === next) return;
    const client = clientOf(entry);
    if (held.lane !== next.lane) {
      if (held.lane !== undefined) place(client, held.lane, -1);
      if (next.lane !== undefined) place(client, next.lane, 1);
    }
    bytes += next.bytes - held.bytes;
    elements += next.elements - held.elements;
    shares.bytes.add(client, next.bytes - held.bytes);
    shares.elements.add(client, next.elements - held.elements);
    entry.held = next;
    if (next === nothing) entries.remove(entry);
    else entries.add(entry);
    if (next.bytes > held.bytes) onGrown();
  }

  function place(client: string, lane: PlacedLane, change: 1 | -1): void {
    lanes[lane] += change;
    shares.lanes[lane].add(client, change);
  }

  function exhausted({ held }: Entry, need: Cost): Exhausted | undefined {
    if (need.lane !== undefined && held.lane !== need.lane && lanes[need.lane] >= budgets.slots[need.lane]) return 'slots';
    // a lone request is always admitted; a request that needs no more than it holds is never rejected
    if (need.bytes > held.bytes && bytes > held.bytes && bytes - held.bytes + need.bytes > budgets.bytes) return 'bytes';
    if (need.elements > held.elements && elements > held.elements && elements - held.elements + need.elements > budgets.elements)
      return 'elements';
    return undefined;
  }

  function aboveShare(entry: Entry, need: Cost): Exhausted | undefined {
    const { held } = entry;
    const client = clientOf(entry);
    if (need.lane !== undefined && held.lane !== need.lane && !shares.lanes[need.lane].allows(client, 0, 1)) return 'slots';
    if (need.bytes > held.bytes && !shares.bytes.allows(client, held.bytes, need.bytes)) return 'bytes';
    if (need.elements > held.elements && !shares.elements.allows(client, held.elements, need.elements)) return 'elements';
    return undefined;
  }

  function slowest(budget: Exhausted, lane: PlacedLane | undefined, except: Entry): Entry | undefined {
    const now = clock();
    let found: Entry | undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const entry of entries.all) {
      const holds = budget === 'slots' ? entry.held.lane === lane : entry.held[budget] > 0;
      const since = holds && entry !== except ? entry.holder.slowSince?.(budget, now) : undefined;
      if (since === undefined || since >= first) continue;
      found = entry;
      first = since;
    }
    return found;
  }

  function refused(entry: Entry, budget: Exhausted, lane: PlacedLane | undefined): void {
    const share = budget === 'slots' ? lane && shares.lanes[lane] : shares[budget];
    share?.refused(clientOf(entry));
  }
  return { hold, exhausted, aboveShare, slowest, refused, load: () => ({ lanes: { ...lanes }, bytes, elements }) };
}

function clientOf(entry: Entry): string {
  entry.client ??= entry.holder.client();
  return entry.client;
}
