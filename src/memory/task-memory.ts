import { noteGarbage, noteHeap } from './garbage.ts';

/**
 * The memory that a worker takes for its task beside the body: long arrays, parsed JSON and the answer. It is claimed before it is taken.
 * On the event loop, where tasks are small, nothing is counted.
 */
type TaskMemory = {
  /** Bytes of arrays and of the heap. */
  taken: number;
  /** Bytes of the answer, as it was announced. */
  answer: number;
  /** Bytes that may be taken without another claim. */
  granted: number;
  readonly claim: (bytes: number) => void;
  /** What is freed at the end, or before it by `freeArraysSince`. */
  readonly arrays: ArrayBuffer[];
  /** What is freed at the end alone. */
  readonly kept: ArrayBuffer[];
  /** What is free of the memory for the numbers of the body. */
  room: Float64Array;
};

/** Claims are rounded up to this: each makes the worker wait for the event loop. */
const stepBytes = 2 ** 20;

const noRoom = new Float64Array(0);

let task: TaskMemory | undefined;

/**
 * Runs a task and counts its memory. When it is over, all of its long arrays are freed but those that `kept` names.
 * @param granted bytes that have been claimed already
 * @param claim is told how many bytes the task takes in all, before it takes them, and throws where there are none
 */
export function withTaskMemory<T>(
  granted: number,
  claim: (bytes: number) => void,
  step: () => T,
  kept: (result: T) => readonly ArrayBufferLike[],
): T {
  const current: TaskMemory = { taken: 0, answer: 0, granted, claim, arrays: [], kept: [], room: noRoom };
  task = current;
  let inUse: readonly ArrayBufferLike[] = [];
  try {
    const result = step();
    inUse = kept(result);
    return result;
  } finally {
    task = undefined;
    free([...current.arrays, ...current.kept], inUse);
  }
}

/** Counts bytes that the task is about to take. @throws RequestError OVERLOADED, ANSWER_TOO_LARGE */
export function takeMemory(bytes: number): void {
  if (task === undefined) return;
  ensure(task, task.taken + bytes + task.answer);
  task.taken += bytes;
}

/** Counts bytes that the task is about to take of the heap: they become garbage. @throws RequestError as `takeMemory` */
export function takeHeap(bytes: number): void {
  takeMemory(bytes);
  noteHeap(bytes);
}

/**
 * Counts bytes that the task is about to take of shared memory: they become garbage, which V8 does not know of.
 * @throws RequestError as `takeMemory`
 */
export function takeGarbage(bytes: number): void {
  takeMemory(bytes);
  noteGarbage(bytes);
}

/** Announces how many bytes the answer takes in all. A later announcement replaces this one. @throws RequestError as `takeMemory` */
export function announceAnswer(bytes: number): void {
  if (task === undefined) return;
  ensure(task, task.taken + bytes);
  task.answer = bytes;
}

function ensure(current: TaskMemory, needed: number): void {
  if (needed <= current.granted) return;
  const rounded = Math.ceil(needed / stepBytes) * stepBytes;
  current.claim(rounded);
  current.granted = rounded;
}

/** Has an array of the task freed at its end, or by `freeArraysSince`. */
export function freedLater(buffer: ArrayBuffer): ArrayBuffer {
  task?.arrays.push(buffer);
  return buffer;
}

/**
 * Lends the task what its body leaves free of the memory for its numbers, which is there already: pages of new memory take longer to come
 * than to fill.
 */
export function lendRoom(room: Float64Array): void {
  if (task !== undefined) task.room = room;
}

/** Takes so many numbers of what was lent, which hold anything; undefined where fewer are left. They are there as long as the body. */
export function takeRoom(length: number): Float64Array | undefined {
  if (task === undefined || length > task.room.length) return undefined;
  const taken = task.room.subarray(0, length);
  task.room = task.room.subarray(length);
  return taken;
}

/** Runs a step whose long arrays are there until the task ends, whatever is freed before. */
export function keepingArrays<T>(step: () => T): T {
  const before = arraysSoFar();
  try {
    return step();
  } finally {
    task?.kept.push(...task.arrays.splice(before));
  }
}

/** How many long arrays the task has by now, but for those that are kept. */
export function arraysSoFar(): number {
  return task?.arrays.length ?? 0;
}

/** Runs a step whose long arrays are freed when it is over. The caller guarantees that none of them is in what it returns. */
export function freeingArrays<T>(step: () => T): T {
  const before = arraysSoFar();
  try {
    return step();
  } finally {
    freeArraysSince(before);
  }
}

/** Frees the arrays that came after the first `count`. The caller guarantees that nothing uses them any more. */
export function freeArraysSince(count: number): void {
  if (task === undefined) return;
  const arrays = task.arrays.splice(count);
  task.taken -= arrays.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
  free(arrays, []);
}

function free(arrays: readonly ArrayBuffer[], inUse: readonly ArrayBufferLike[]): void {
  for (const buffer of arrays) if (!inUse.includes(buffer) && !buffer.detached) buffer.transfer(0);
}
