import { parentPort } from 'node:worker_threads';
import { loadKernel } from '../kernels/divergence-kernel.ts';
import { createItemScanner } from '../kernels/item-scanner.ts';
import { createNumberScanner, instantiateScanner } from '../kernels/number-scanner.ts';
import { computeBlocks, type SharedBlocks } from '../kernels/shared-blocks.ts';
import { isGarbageDue, noteGarbage } from '../memory/garbage.ts';
import { BodyUnavailable, besideBody, readerOf, type SharedBody } from '../memory/shared-body.ts';
import { withTaskMemory } from '../memory/task-memory.ts';
import { now } from '../tasks/deadline.ts';
import { exhaustedMemory } from '../tasks/solve/answer-size.ts';
import { type Content, lengthOf, type TaskInput, type TaskResult, type WorkerTools } from '../tasks/task.ts';
import { runTask } from '../tasks/tasks.ts';
import { type CollectionOptions, collectGarbage } from './collect-garbage.ts';

/** A task for a worker: work on a body that may still be arriving. `posted` in ms on the clock of all threads. */
export type WorkerMessage = { readonly id: number; readonly input: TaskInput; readonly body: SharedBody; readonly posted: number };

/** A message of a worker about its task: the deadline that it has read in the body, or the bytes that it wants to take beside the body. */
export type TaskNotice = { readonly task: number } & ({ readonly deadline: number } | { readonly memory: number });

/** A message of a worker at work. */
export type WorkerNotice = { readonly help: SharedBlocks } | TaskNotice;

/** The reply of a worker. It holds errors instead of throwing them: a thrown error would look like the loss of the thread. */
export type WorkerReply = TaskResult | { readonly unavailable: BodyUnavailable['reason'] } | { readonly failed: string | undefined };

const kernel = loadKernel();

/** Elements of a tensor for which the kernel is as fast as its definition. */
const kernelMinElements = 32;

/** Requests for help go to the pool, which knows the idle threads. */
const requestHelp = (blocks: SharedBlocks): void => notify({ help: blocks });

const scanner = instantiateScanner();

const tools = {
  scanTensor: createNumberScanner(scanner),
  scanItems: createItemScanner(scanner),
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
    const claim = (memory: number) => {
      const verdict = reader.claim(() => notify({ task: id, memory }));
      if (verdict !== 'granted') throw exhaustedMemory(verdict);
    };
    const step = () => runTask(input, reader, { ...tools, onDeadline, check: reader.check }, queue);
    const result = withTaskMemory(besideBody(body.length), claim, step, buffersOf);
    return movable(result, body.memory);
  } catch (error) {
    if (error instanceof BodyUnavailable) return { unavailable: error.reason };
    return { failed: error instanceof Error ? error.stack : String(error) };
  } finally {
    if (isGarbageDue()) collectGarbage();
  }
}

/** Helps another thread with its blocks. */
export function help(blocks: SharedBlocks): void {
  if (kernel !== undefined) computeBlocks(kernel, blocks);
  const { missing, terms, totals, trusted } = blocks.found;
  noteGarbage(terms.byteLength + totals.byteLength + trusted.byteLength + (missing?.byteLength ?? 0));
  if (isGarbageDue()) collectGarbage();
}

/** Collects the garbage of this thread, which may hold shared memory that the others have freed. */
export function collect(how?: CollectionOptions): void {
  collectGarbage(how);
}

function notify(message: WorkerNotice): void {
  parentPort?.postMessage(message);
}

/** Returns a result whose content moves to the event loop at the lowest cost. */
function movable(result: TaskResult, memory: SharedArrayBuffer): WorkerReply {
  if (result.answered === undefined) return result;
  const content = contentToMove(result.answered.content);
  if (typeof content === 'string') return { timings: result.timings, answered: { ...result.answered, content } };
  // on the other side the memory of the body is not told from other shared memory
  const inPlace = lengthOf(content.filter(({ buffer }) => buffer === memory));
  return { timings: result.timings, answered: { ...result.answered, content, inPlace } };
}

/** Copies short pieces, so that the memory that they lie in, which may be that of the body, is free at once. */
function contentToMove(content: Content): Content {
  if (typeof content === 'string') return lengthOf(content) < transferMinBytes ? content : [new TextEncoder().encode(content)];
  if (lengthOf(content) < transferMinBytes) return [new Uint8Array(Buffer.concat(content))];
  return content.map((piece) => (piece.length < transferMinBytes && piece.buffer instanceof ArrayBuffer ? new Uint8Array(piece) : piece));
}

function buffersOf({ answered }: TaskResult): readonly ArrayBufferLike[] {
  const content = answered?.content ?? '';
  return typeof content === 'string' ? [] : content.map(({ buffer }) => buffer);
}
