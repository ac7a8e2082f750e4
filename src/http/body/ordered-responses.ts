import { Duplex } from 'node:stream';

export type Content = string | Uint8Array;

/**
 * Blocks in, answers out, in their order, each as soon as it and all before it are ready. `answer` is called for each block, and calls
 * `done` once, at once or later. No more than `most` blocks are at work or wait for a reader: then no more are read. `last` ends the stream.
 */
export function createOrderedResponses<Block>(
  most: number,
  answer: (block: Block, done: (content: Content) => void) => void,
  last: () => Content,
): Duplex {
  const slots: { content: Content | undefined }[] = [];
  let isWanted = false;
  let takeNext: (() => void) | undefined;
  let end: (() => void) | undefined;

  const stream = new Duplex({
    writableObjectMode: true,
    writableHighWaterMark: 1,
    write(block: Block, _encoding, done) {
      const slot: (typeof slots)[number] = { content: undefined };
      slots.push(slot);
      takeNext = done;
      answer(block, (content) => {
        slot.content = content;
        advance();
      });
      advance();
    },
    read() {
      isWanted = true;
      advance();
    },
    final(done) {
      end = done;
      advance();
    },
  });

  function advance(): void {
    while (isWanted && slots[0]?.content !== undefined) isWanted = stream.push(slots.shift()?.content);
    if (takeNext !== undefined && slots.length < most) called(takeNext);
    if (end !== undefined && slots.length === 0) {
      stream.push(last());
      stream.push(null);
      called(end);
    }
  }

  function called(callback: () => void): void {
    takeNext = undefined;
    end = undefined;
    callback();
  }
  return stream;
}
