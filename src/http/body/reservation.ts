import type { SharedBody } from '../../memory/shared-body.ts';
import type { Ticket } from '../../pool/admission.ts';
import type { Workforce } from '../../pool/executor.ts';
import type { Work } from '../../tasks/task.ts';

/** The room that a request has in the service. */
export type Room = Pick<Ticket, 'served'> & {
  /** Its body has so many bytes by now. @throws RequestError OVERLOADED */
  readonly grow: (length: number) => void;
  /** Memory for a body that a thread is to compute. */
  readonly take: (length: number) => SharedBody;
  /** The request is over. What its body takes is free when no thread works on it any more. */
  readonly leave: () => void;
};

/** Lets a request in, whose body has `length` bytes if that is known, and is computed on the event loop up to `inline`. @throws RequestError OVERLOADED */
export function enter(workforce: Workforce, work: Work, inline: number, length = 0): Room {
  const needOf = (bytes: number) => (bytes > inline ? workforce.needOf(work, bytes) : onEventLoop);
  const ticket = workforce.enter(needOf(length));
  let isOver = false;
  let isTaken = false;

  function take(bytes: number): SharedBody {
    isTaken = true;
    return workforce.take(work, bytes, () => {
      isTaken = false;
      if (isOver) ticket.leave();
    });
  }
  function leave(): void {
    isOver = true;
    if (!isTaken) ticket.leave();
  }
  return { grow: (bytes) => ticket.claim(needOf(bytes)), take, served: ticket.served, leave };
}

const onEventLoop = { lane: 'inline', bytes: 0, elements: 0 } as const;
