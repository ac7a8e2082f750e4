import { RequestError } from './request-error.ts';

/** A rejection as data: between threads an error loses its class and its code. */
export type Refusal = Pick<RequestError, 'faults' | 'count' | 'extra' | 'advice'>;

/** An error as data: a rejection, or what else failed, with its stack. */
export type SentError = { readonly refused: Refusal } | { readonly failed: string };

/** The error that a rejection was before it changed threads. */
export function errorOf({ faults, count, extra, advice }: Refusal): RequestError {
  return new RequestError(faults, count, extra, advice);
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof RequestError)) return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  const { faults, count, extra, advice } = error;
  return { refused: { faults, count, extra, advice } };
}

export function receivedError(sent: SentError): Error {
  return 'refused' in sent ? errorOf(sent.refused) : new Error(sent.failed);
}
