import { parentPort } from 'node:worker_threads';
import { move, Piscina } from 'piscina';
import { loadKernel } from '../kernels/divergence-kernel.ts';
import { createNumberScanner } from '../kernels/number-scanner.ts';
import { computeBlocks, type SharedBlocks } from '../kernels/shared-blocks.ts';
import { BodyUnavailable, readerOf, type SharedBody } from '../memory/shared-body.ts';
import { now } from '../tasks/clock.ts';
import type { TaskInput, TaskResult, WorkerTools } from '../tasks/task.ts';
import { runTask } from '../tasks/tasks.ts';
import { yieldToOthers } from './thread-priority.ts';

/** A task for a worker: work on a body that may still be arriving. `posted` in ms on the clock of all threads. */
export type WorkerMessage = { readonly id: number; readonly input: TaskInput; readonly body: SharedBody; readonly posted: number };

/** A message of a worker at work: a request for help, or the deadline that it has read in the body. */
export type WorkerNotice = { readonly help: SharedBlocks } | { readonly task: number; readonly deadline: number };

/** The reply of a worker. It holds errors instead of throwing them: a thrown error would look like the loss of the thread. */
export type WorkerReply = TaskResult | { readonly unavailable: BodyUnavailable['reason'] } | { readonly failed: string | undefined };

// the event loop answers small requests at the same time
yieldToOthers();

const kernel = loadKernel();

/** Elements of a tensor for which the kernel is as fast as its definition. */
const kernelMinElements = 32;

/** Requests for help go to the pool, which knows the idle threads. */
const requestHelp = (blocks: SharedBlocks): void => notify({ help: blocks });

const tools = {
  scanTensor: createNumberScanner(),
  kernel: kernel && { kernel, requestHelp, minElements: kernelMinElements },
  writesInPlace: true,
} satisfies WorkerTools;

/** Answers from this many bytes on move between threads without a copy. */
const transferMinBytes = 2 ** 16;

/** Computes one request. */
export function run({ id, input, body, posted }: WorkerMessage): WorkerReply {
  const queue = Math.max(0, now() - posted);
  try {
    const reader = readerOf(body);
    // a cancelled task does not start
    reader.check();
    const onDeadline = (deadline: number) => notify({ task: id, deadline });
    return transferable(runTask(input, reader, { ...tools, onDeadline, check: reader.check }, queue));
  } catch (error) {
    if (error instanceof BodyUnavailable) return { unavailable: error.reason };
    return { failed: error instanceof Error ? error.stack : String(error) };
  }
}

/** Helps another thread with its blocks. */
export function help(blocks: SharedBlocks): void {
  if (kernel !== undefined) computeBlocks(kernel, blocks);
}

function notify(message: WorkerNotice): void {
  parentPort?.postMessage(message);
}

/** Returns a result whose content moves to the event loop at the lowest cost. */
function transferable(result: TaskResult): WorkerReply {
  if (result.answered === undefined) return result;
  const content = contentToMove(result.answered.content);
  const reply = { timings: result.timings, answered: { ...result.answered, content } };
  // shared memory is not moved
  if (typeof content === 'string' || content.length < transferMinBytes || !(content.buffer instanceof ArrayBuffer)) return reply;
  return move({ [Piscina.transferableSymbol]: [content.buffer], [Piscina.valueSymbol]: reply } as never) as unknown as WorkerReply;
}

/** Copies short content, so that the memory of the request is free at once. */
function contentToMove(content: string | Uint8Array): string | Uint8Array {
  if (content.length >= transferMinBytes) return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return typeof content === 'string' ? content : new Uint8Array(content);
}
