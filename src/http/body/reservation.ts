import type { SharedBody } from '../../memory/shared-body.ts';
import type { Cost, Reservation } from '../../pool/admission.ts';
import type { Executor } from '../../pool/executor.ts';
import { lengthOf, type TaskInput, type TaskOutput, type Timings } from '../../tasks/task.ts';

/** The room that a request has in the service. */
export type BodyReservation = Pick<Reservation, 'claimBeside' | 'holdElements'> & {
  /** Its body has so many bytes by now. @throws RequestError OVERLOADED */
  readonly grow: (length: number) => void;
  /** Memory for a body that a thread is to compute. @throws RequestError OVERLOADED */
  readonly take: (length: number) => SharedBody;
  /** Frees the place after the computation. The bytes of the answer stay held until `release`. */
  readonly computed: (timings: Timings, answered?: TaskOutput) => void;
  /** The request is over. What its body takes is free when no thread works on it any more. */
  readonly release: () => void;
};

/**
 * Lets lines of a stream in. A line that is large alone is in the lane of large requests; many lines are small.
 * @throws RequestError OVERLOADED
 */
export function reserveLines(executor: Executor, input: TaskInput, length: number): BodyReservation {
  const costOf = (bytes: number): Cost => {
    const cost = executor.costOf(input, bytes);
    return cost.lane === 'large' ? cost : { ...cost, lane: undefined };
  };
  return reservationOf(executor, input, costOf, length);
}

/** Lets a request in, whose body has `length` bytes if that is known, and is computed on the event loop up to `inline`. @throws RequestError OVERLOADED */
export function reserveBody(executor: Executor, input: TaskInput, inline: number, length = 0): BodyReservation {
  return reservationOf(executor, input, (bytes) => (bytes > inline ? executor.costOf(input, bytes) : onEventLoop), length);
}

function reservationOf(executor: Executor, input: TaskInput, costOf: (bytes: number) => Cost, length: number): BodyReservation {
  const reservation = executor.reserve(costOf(length));
  let isOver = false;
  let isTaken = false;
  let memoryBytes = 0;

  function take(bytes: number): SharedBody {
    const body = executor.allocateBody(input, bytes, () => {
      isTaken = false;
      if (isOver) reservation.release();
    });
    // only now: where there is no memory, nobody gives any back
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
  const { claimBeside, holdElements } = reservation;
  return { grow: (bytes) => reservation.claim(costOf(bytes)), take, claimBeside, holdElements, computed, release };
}

const onEventLoop = { lane: 'inline', bytes: 0, elements: 0 } as const;
