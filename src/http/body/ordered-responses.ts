import { Duplex, type Writable } from 'node:stream';
import { freePiece } from '../../memory/free-chunk.ts';
import { type Content, lengthOf } from '../../tasks/task.ts';

type Done = (content: Content, release?: () => void) => void;

/** An answer of which the response may have written a part, and how many bytes of the stream have come when it ends. */
type Unwritten = { readonly end: number; readonly pieces: readonly Uint8Array[]; readonly release: () => void };

type Answer = { readonly content: Content; readonly release: () => void };

/**
 * Blocks in, answers out, in their order, each as soon as it and all before it are ready. `answer` is called for each block, and calls
 * `done` once, at once or later. No more than `most` blocks are at work or wait for a reader: then no more are read. `last` ends the
 * stream. When `response`, which the stream is piped to, has written an answer, its memory is freed and its `release` is called; where it
 * never will, `release` is called at the end of the stream.
 */
export function createOrderedResponses<Block>(
  most: number,
  answer: (block: Block, done: Done) => void,
  last: () => Content,
  response: Writable,
): Duplex {
  const slots: { answer: Answer | undefined }[] = [];
  const unwritten: Unwritten[] = [];
  let pushed = 0;
  let isWanted = false;
  let takeNext: (() => void) | undefined;
  let end: (() => void) | undefined;

  const stream = new Duplex({
    writableObjectMode: true,
    writableHighWaterMark: 1,
    write(block: Block, _encoding, done) {
      const slot: (typeof slots)[number] = { answer: undefined };
      slots.push(slot);
      takeNext = done;
      answer(block, (content, release = () => {}) => {
        if (stream.destroyed) return release();
        slot.answer = { content, release };
        advance();
      });
      advance();
    },
    read() {
      isWanted = true;
      freeWritten();
      advance();
    },
    destroy(error, done) {
      response.off('drain', freeWritten);
      for (const answered of [...unwritten, ...slots.map((slot) => slot.answer)]) answered?.release();
      done(error);
    },
    final(done) {
      end = done;
      advance();
    },
  });

  function advance(): void {
    while (isWanted && slots[0]?.answer !== undefined) push(slots.shift()?.answer as Answer);
    if (takeNext !== undefined && slots.length < most) called(takeNext);
    if (end !== undefined && slots.length === 0) {
      stream.push(last());
      stream.push(null);
      called(end);
    }
  }

  function push({ content, release }: Answer): void {
    const pieces = typeof content === 'string' ? [Buffer.from(content)] : content;
    pushed += lengthOf(pieces);
    unwritten.push({ end: pushed, pieces, release });
    for (const piece of pieces) isWanted = stream.push(piece);
    freeWritten();
  }

  /** The response has what it takes for a while: a whole piece of an answer, which may have millions of bytes. */
  function freeWritten(): void {
    const written = pushed - stream.readableLength - response.writableLength;
    while (unwritten.length > 0 && unwritten[0].end <= written) {
      const { pieces, release } = unwritten.shift() as Unwritten;
      pieces.forEach(freePiece);
      release();
    }
  }

  function called(callback: () => void): void {
    takeNext = undefined;
    end = undefined;
    callback();
  }
  response.on('drain', freeWritten);
  return stream;
}
