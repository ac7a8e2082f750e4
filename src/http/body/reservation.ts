import type { SharedBody } from '../../memory/shared-body.ts';
import type { Reservation } from '../../pool/admission.ts';
import type { Executor } from '../../pool/executor.ts';
import type { TaskInput } from '../../tasks/task.ts';

/** The room that a request has in the service. */
export type BodyReservation = Pick<Reservation, 'computed'> & {
  /** Its body has so many bytes by now. @throws RequestError OVERLOADED */
  readonly grow: (length: number) => void;
  /** Memory for a body that a thread is to compute, and its place among those. @throws RequestError OVERLOADED */
  readonly take: (length: number) => SharedBody;
  /** The request is over. What its body takes is free when no thread works on it any more. */
  readonly release: () => void;
};

/** Lets a request in, whose body has `length` bytes if that is known, and is computed on the event loop up to `inline`. @throws RequestError OVERLOADED */
export function reserveBody(executor: Executor, input: TaskInput, inline: number, length = 0): BodyReservation {
  const costOf = (bytes: number) => (bytes > inline ? executor.costOf(input, bytes) : onEventLoop);
  const reservation = executor.reserve(costOf(length));
  let isOver = false;
  let isTaken = false;

  function take(bytes: number): SharedBody {
    reservation.claim(executor.costOf(input, bytes));
    const body = executor.allocateBody(input, bytes, () => {
      isTaken = false;
      if (isOver) reservation.release();
    });
    // only now: where there is no memory, nobody gives any back
    isTaken = true;
    return body;
  }
  function release(): void {
    isOver = true;
    if (!isTaken) reservation.release();
  }
  return { grow: (bytes) => reservation.claim(costOf(bytes)), take, computed: reservation.computed, release };
}

const onEventLoop = { lane: 'inline', bytes: 0, elements: 0 } as const;
