import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Call, ThreadMessage } from './thread.ts';
import { yieldToOthers } from './thread-priority.ts';
import type { WorkerReply } from './worker.ts';

// the event loop answers small requests at the same time, and while this loads
yieldToOthers();

/** The functions of the thread's script. */
const script: Partial<Record<Call['name'], (value: unknown) => WorkerReply | Promise<WorkerReply>>> = await import(workerData as string);

parentPort?.on('message', async ({ name, value }: Call) => {
  try {
    const reply = await script[name]?.(value);
    say({ reply: reply as WorkerReply }, buffersToMove(reply));
  } catch (thrown) {
    say({ thrown });
  }
});
say({ isReady: true });
// what it has compiled that no other thread had
flushCompileCache();

function say(message: ThreadMessage, moved: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

/** The memory of an answer moves to the event loop. Shared memory is there already. */
function buffersToMove(reply: WorkerReply | undefined): ArrayBuffer[] {
  const content = (reply !== undefined && 'answered' in reply && reply.answered?.content) || '';
  const buffers = typeof content === 'string' ? [] : content.map(({ buffer }) => buffer);
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
}
