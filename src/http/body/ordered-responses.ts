import { Duplex } from 'node:stream';
import type { Content } from '../../tasks/task.ts';

type Done = (content: Content, release?: () => void) => void;

/**
 * Blocks in, answers out, in their order, each as soon as it and all before it are ready. `answer` is called for each block, and calls
 * `done` once, at once or later; `release` is called when the reader has taken the answer, or there is no reader any more. No more than `most` blocks are at work or wait for a reader: then no more are read. `last` ends the stream.
 */
export function createOrderedResponses<Block>(most: number, answer: (block: Block, done: Done) => void, last: () => Content): Duplex {
  const slots: { content: Content | undefined; release: () => void }[] = [];
  let releaseSent = () => {};
  let isWanted = false;
  let takeNext: (() => void) | undefined;
  let end: (() => void) | undefined;

  const stream = new Duplex({
    writableObjectMode: true,
    writableHighWaterMark: 1,
    write(block: Block, _encoding, done) {
      const slot: (typeof slots)[number] = { content: undefined, release: () => {} };
      slots.push(slot);
      takeNext = done;
      answer(block, (content, release = () => {}) => {
        if (stream.destroyed) return release();
        slot.content = content;
        slot.release = release;
        advance();
      });
      advance();
    },
    read() {
      isWanted = true;
      releaseSent();
      advance();
    },
    destroy(error, done) {
      releaseSent();
      for (const { release } of slots) release();
      done(error);
    },
    final(done) {
      end = done;
      advance();
    },
  });

  function advance(): void {
    while (isWanted && slots[0]?.content !== undefined) push(slots.shift() as (typeof slots)[number]);
    if (takeNext !== undefined && slots.length < most) called(takeNext);
    if (end !== undefined && slots.length === 0) {
      stream.push(last());
      stream.push(null);
      called(end);
    }
  }

  function push({ content = '', release }: (typeof slots)[number]): void {
    releaseSent = release;
    for (const piece of typeof content === 'string' ? [content] : content) isWanted = stream.push(piece);
    if (isWanted) releaseSent();
  }

  function called(callback: () => void): void {
    takeNext = undefined;
    end = undefined;
    callback();
  }
  return stream;
}
