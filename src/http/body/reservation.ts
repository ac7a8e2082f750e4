import type { SharedBody } from '../../memory/shared-body.ts';
import type { Reservation } from '../../pool/admission.ts';
import type { Executor } from '../../pool/executor.ts';
import type { Exhausted, Holder } from '../../pool/ledger.ts';
import { lengthOf, type TaskInput, type TaskOutput, type Timings } from '../../tasks/task.ts';
import { createPace, slowestPace } from './pace.ts';

/** The room that a request has in the service. */
export type BodyReservation = Pick<Reservation, 'claimBeside' | 'holdElements'> & {
  /** So many bytes of its body have come and are kept; more will come. @throws RequestError OVERLOADED */
  readonly arrived: (length: number) => void;
  /** Its body, of `length` bytes, is whole: from now on it has a place in its lane. @throws RequestError OVERLOADED */
  readonly whole: (length: number) => void;
  /** Memory for a body that a thread is to compute, and, if it is whole, its place among those. @throws RequestError OVERLOADED */
  readonly take: (length: number) => SharedBody;
  /** Frees the place after the computation. The bytes of the answer stay held until `release`. */
  readonly computed: (timings: Timings, answered?: TaskOutput) => void;
  /** The request is over. What its body takes is free when no thread works on it any more. */
  readonly release: () => void;
};

/** Whose body it is. `decoder` is how many bytes what decompresses it keeps of it, at most. */
type BodyOwner = Pick<Holder, 'client' | 'giveUp'> & { readonly decoder?: number };

/**
 * Lets a request in, whose body has `length` bytes if that is known, and is computed on the event loop up to
 * `inlineBytes`. It holds nothing until something of its body has come. A body that comes too slowly loses its memory to one that needs it.
 * @throws RequestError OVERLOADED
 */
export function reserveBody(
  executor: Executor,
  input: TaskInput,
  inlineBytes: number,
  { client, giveUp, decoder = 0 }: BodyOwner,
  length = 0,
): BodyReservation {
  const pace = createPace();
  const holder: Holder = { client, giveUp, slowSince: (_budget, now) => (isWhole ? undefined : pace.slowSince(now)) };
  if (length > inlineBytes) executor.check(holder, executor.costOf(input, length));
  const reservation = executor.reserve(holder);
  // named one by one, as below: to spread an object takes V8 longer than all else here
  const { take, claimBeside, holdElements, computed, release, isOver, isOpen } = roomFor(executor, input, reservation);
  let isWhole = false;

  function arrived(bytes: number): void {
    pace.reached(bytes);
    if (isOpen()) reservation.claim({ bytes: bytes + Math.min(bytes, decoder), elements: 0 });
  }
  function whole(bytes: number): void {
    isWhole = true;
    if (bytes > inlineBytes && !isOver()) reservation.claim(executor.costOf(input, bytes));
  }
  function takeRoom(bytes: number): SharedBody {
    // a place is for a body that is whole
    const cost = executor.costOf(input, bytes);
    reservation.claim(isWhole ? cost : { ...cost, lane: undefined });
    return take(bytes);
  }
  return { claimBeside, holdElements, computed, release, arrived, whole, take: takeRoom };
}

/**
 * Lets whole lines of a stream in. A line that is large alone has a place in the lane of large requests; many lines have that of their
 * stream.
 * @throws RequestError OVERLOADED
 */
export function reserveLines(executor: Executor, input: TaskInput, length: number, owner: Pick<Holder, 'client'>) {
  const reservation = executor.reserve(owner);
  const { lane, ...cost } = executor.costOf(input, length);
  reservation.claim(lane === 'large' ? { ...cost, lane } : cost);
  return roomFor(executor, input, reservation);
}

/** What a request with a reservation may do: take memory for its body, and give back what it holds. */
function roomFor(executor: Executor, input: TaskInput, reservation: Reservation) {
  const { claimBeside, holdElements } = reservation;
  let isOver = false;
  let isTaken = false;
  let memoryBytes = 0;

  function take(bytes: number): SharedBody {
    reservation.claim(executor.costOf(input, bytes));
    const body = executor.allocateBody(input, bytes, () => {
      isTaken = false;
      if (isOver) reservation.release();
    });
    // only now: an allocation that failed gives nothing back
    isTaken = true;
    memoryBytes = body.memory.byteLength;
    return body;
  }
  function release(): void {
    isOver = true;
    if (!isTaken) reservation.release();
  }
  /** The memory of a body in which an answer lies is not free. */
  function computed(timings: Timings, answered?: TaskOutput): void {
    const { content = '', inPlace = 0 } = answered ?? {};
    reservation.computed(timings, lengthOf(content) - inPlace + (inPlace > 0 ? memoryBytes : 0));
  }
  return { take, claimBeside, holdElements, computed, release, isOver: () => isOver, isOpen: () => !isOver && !isTaken };
}

/** A stream that holds a place. */
type StreamOwner = Pick<Holder, 'client' | 'giveUp'> & {
  /** Since when (ms of `performance.now()`) nothing has moved on it, in either direction. */
  readonly silentSince: () => number;
  readonly isAtWork: () => boolean;
  /** How many bytes what decompresses it keeps of it, at most: lines are gone when they are answered, but this stays. */
  readonly decoder: number;
};

const aStream = { lane: 'stream', elements: 0 } as const;

/**
 * Lets a stream in, which holds a place while it is open, and the bytes of a line that has not come whole. A silent stream loses its place
 * to a new one: at once where it has not begun, otherwise after a silence. A line that comes too slowly loses it to a request that needs
 * the memory.
 * @throws RequestError OVERLOADED
 */
export function reserveStream(executor: Executor, { silentSince, isAtWork, decoder, ...owner }: StreamOwner) {
  const pace = createPace();
  let hasBegun = false;

  function slowSince(budget: Exhausted, now: number): number | undefined {
    if (isAtWork()) return undefined;
    if (budget !== 'slots') return pace.slowSince(now);
    const since = silentSince();
    return !hasBegun || now - since >= slowestPace.silenceMs ? since : undefined;
  }
  const reservation = executor.reserve({ ...owner, slowSince });
  reservation.claim({ ...aStream, bytes: decoder });

  /** So many bytes have come of a line. @throws RequestError OVERLOADED */
  function hold(bytes: number): void {
    hasBegun = true;
    pace.reached(bytes);
    reservation.claim({ ...aStream, bytes: bytes + decoder });
  }
  return { hold, release: reservation.release };
}
