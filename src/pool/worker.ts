import { parentPort } from 'node:worker_threads';
import { move, Piscina } from 'piscina';
import { loadKernel } from '../kernels/divergence-kernel.ts';
import { tensorScanner } from '../kernels/number-scanner.ts';
import { helpWith, type Teamwork } from '../kernels/shared-blocks.ts';
import { type SharedBody, sourceOf, Unread } from '../memory/shared-body.ts';
import { now } from '../tasks/clock.ts';
import type { Outcome, Work } from '../tasks/task.ts';
import { perform } from '../tasks/tasks.ts';
import { yieldToOthers } from './thread-priority.ts';

/** What a thread of the pool is asked: work on a body that may still be arriving. `posted` in ms on the clock of all threads. */
export type Task = { readonly id: number; readonly work: Work; readonly body: SharedBody; readonly posted: number };

/** What a thread says while it works: it calls for help, or has read when its task must be done. */
export type Message = { readonly help: Teamwork } | { readonly task: number; readonly deadline: number };

/** What comes back. Nothing is thrown: between threads an error loses what tells it from the loss of the thread. */
export type Report =
  | { readonly outcome: Outcome; readonly queue: number }
  | { readonly unread: Unread['why'] }
  | { readonly failed: string | undefined };

// small requests are answered beside it
yieldToOthers();

const kernel = loadKernel();

/** Elements of a tensor for which the kernel is as fast as its definition. */
const worthTheKernel = 32;

/** A call for help goes to the pool, which knows who is idle. */
const call = (work: Teamwork): void => say({ help: work });

const tools = { scanTensor: tensorScanner(), finder: kernel && { kernel, call, fewest: worthTheKernel }, writesInPlace: true };

/** Answers of this many bytes change threads without a copy. */
const worthMoving = 2 ** 16;

/** A thread of the pool runs this for every large request. */
export function run({ id, work, body, posted }: Task): Report {
  const queue = Math.max(0, now() - posted);
  try {
    const source = sourceOf(body);
    // what nobody waits for any more is not begun
    source.check();
    const onDeadline = (deadline: number) => say({ task: id, deadline });
    return moved(perform(work, source, { ...tools, onDeadline, check: source.check }), queue);
  } catch (error) {
    if (error instanceof Unread) return { unread: error.why };
    return { failed: error instanceof Error ? error.stack : String(error) };
  }
}

/** And this when another thread has called. */
export function help(work: Teamwork): void {
  if (kernel !== undefined) helpWith(kernel, work);
}

function say(message: Message): void {
  parentPort?.postMessage(message);
}

/** A report whose content changes threads as cheaply as it can. */
function moved(outcome: Outcome, queue: number): Report {
  if (outcome.answered === undefined) return { outcome, queue };
  const content = contentToMove(outcome.answered.content);
  const report = { outcome: { timings: outcome.timings, answered: { ...outcome.answered, content } }, queue };
  // what is shared is not moved
  if (typeof content === 'string' || content.length < worthMoving || !(content.buffer instanceof ArrayBuffer)) return report;
  return move({ [Piscina.transferableSymbol]: [content.buffer], [Piscina.valueSymbol]: report } as never) as unknown as Report;
}

/** Of bytes that are few, a copy, so that the memory of the request is free at once. */
function contentToMove(content: string | Uint8Array): string | Uint8Array {
  if (content.length >= worthMoving) return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return typeof content === 'string' ? content : new Uint8Array(content);
}
