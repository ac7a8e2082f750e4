import type { SentError } from '../../errors/sent-error.ts';
import type { JobView } from '../job-answer.ts';
import type { JobService } from '../job-service.ts';
import type { Jobs } from './instance.ts';

/** What the event loop asks of the thread of jobs. Each method begins with its call. */
export type Methods = {
  readonly [Name in 'submit' | 'find' | 'list' | 'cancel' | 'remove']: (
    call: OpenCall,
    ...args: Sent<Parameters<JobService[Name]>>
  ) => ReturnType<JobService[Name]>;
} & {
  /** Tells of a job until the call is cancelled. */
  readonly watch: (call: OpenCall, id: string, client: string) => Promise<void>;
} & { readonly [Name in 'load' | 'stop' | 'close']: (call: OpenCall) => ReturnType<Jobs[Name]> };

/** A signal is none that a message has: the call has it. */
type Sent<Args extends readonly unknown[]> = Args extends readonly [...infer Rest, AbortSignal] ? Rest : Args;

/** A call, as the thread has it: when its caller goes away, and what is told before its end. */
export type OpenCall = { readonly signal: AbortSignal; readonly tell: (view: JobView) => void };

/** From the event loop to the thread. */
export type Call = { readonly id: number; readonly method: keyof Methods; readonly args: readonly unknown[] } | { readonly cancel: number };

/** From the thread to the event loop. Errors lose their class between threads. */
export type Told =
  | { readonly ready: true }
  | { readonly report: unknown }
  | ({ readonly id: number } & ({ readonly told: JobView } | { readonly value: unknown } | SentError));
