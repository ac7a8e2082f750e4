import type { ProblemCode } from '../errors/problems.ts';
import { type RequestError, refuse } from '../errors/request-error.ts';
import type { Pin } from './source.ts';
import { changeOf } from './source.ts';

type FaultOptions = { readonly retryable?: boolean; readonly place?: string; readonly retryAfterMs?: number | undefined };

/**
 * A source that cannot be used. The message says status and code, and never bytes of the source, a query string or a credential.
 * `place` is a JSON Pointer from the operand on: `/uri/1`, `/tensor`. `retryable` is whether the same may succeed later,
 * and `retryAfterMs` how long the server asks to wait.
 */
export class SourceFault extends Error {
  readonly code: ProblemCode;
  readonly retryable: boolean;
  readonly place: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProblemCode, message: string, { retryable = false, place = '', retryAfterMs }: FaultOptions = {}) {
    super(message);
    this.code = code;
    this.retryable = retryable;
    this.place = place;
    this.retryAfterMs = retryAfterMs;
  }

  /** Returns this fault as one of the part of the operand that `place` points to. */
  at(place: string): SourceFault {
    return new SourceFault(this.code, this.message, { retryable: this.retryable, place, retryAfterMs: this.retryAfterMs });
  }
}

/** What a request is refused with that names this operand. @param pointer where the operand stands in the request: `#/input` */
export function refuseOperand({ code, message, place }: SourceFault, pointer: string): RequestError {
  return refuse(code, `${pointer}${place}`, message);
}

/** What does not exist and what is not allowed must not differ by a single letter, or sources could be probed. */
export function notAllowed(): SourceFault {
  return new SourceFault('SOURCE_NOT_ALLOWED', 'the source does not exist, or this client may not use it');
}

/** Of a place that results are to be written to. It says nothing about what exists beyond the places that are allowed. */
export function notWritable(message: string): SourceFault {
  return new SourceFault('SOURCE_NOT_ALLOWED', message);
}

export function notReadable(message: string): SourceFault {
  return new SourceFault('SOURCE_NOT_READABLE', message);
}

/** What is wrong where no part of a file has the name that `field` holds, without the names that there are. */
export function noSuchName(field: 'tensor' | 'column', count: number): string {
  const others = count === 1 ? `one, which is read if ${field} is left out` : `${count} ${field}s`;
  return `the file has no ${field} of this name; it has ${others}`;
}

/** @throws SourceFault SOURCE_CHANGED */
export function checkPin(pin: Pin, now: Pin): void {
  const changed = changeOf(pin, now);
  if (changed !== undefined) throw changedSource(`its ${changed} is another than when the job was submitted`);
}

export function changedSource(how: string): SourceFault {
  return new SourceFault('SOURCE_CHANGED', `the source has changed: ${how}`);
}
