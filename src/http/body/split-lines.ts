import { Transform } from 'node:stream';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { eachLine, isBlank } from '../../formats/ndjson.ts';
import { freeChunk } from '../../memory/free-chunk.ts';
import { createChunkBuffer } from './chunk-buffer.ts';

/** Whole lines that came together, in chunks, and how many of them are not blank. */
export type Lines = {
  readonly chunks: readonly Buffer[];
  readonly length: number;
  readonly count: number;
  /** Says that the bytes are held by another, or not at all. */
  readonly taken: () => void;
};

/** What a stream of bytes becomes: lines to be answered, or what stands for one that is not. */
export type Block = Lines | { readonly refused: RequestError };

/** A line of so many bytes, which is no blank one, stays in its chunks: in one there would be two of it. */
const longBytes = 2 ** 16;

/**
 * Cuts a stream of bytes into blocks of whole lines, each as soon as it is there: what has come up to the last line feed. Of a line that
 * is longer than `maxBytes`, or for which there is no room, nothing is kept; a refusal stands for it. An error that is written in the place
 * of bytes ends the stream.
 * @param hold is told how many bytes are kept: of a line until the rest has come, and of a long line until it is taken. @throws
 * RequestError OVERLOADED
 * @param takeTurn has the work on a chunk done when it is its turn: one packet may hold thousands of chunks, and each is work
 */
export function createLineSplitter(
  maxBytes: number,
  hold: (bytes: number) => void = () => {},
  takeTurn: (work: () => void) => void = setImmediate,
): Transform {
  const rest = createChunkBuffer();
  let skipping = false;
  let waiting = 0;

  // of a line that was cut short there is nothing to say
  const stream = blockStream(takeTurn, (chunk) => (Buffer.isBuffer(chunk) ? take(chunk) : refuseRest(chunk)), pushBegun);

  function take(chunk: Buffer): void {
    const first = chunk.indexOf('\n');
    if (first === -1) {
      keep(chunk);
      if (skipping) freeChunk(chunk);
      return;
    }
    // the line that began in earlier chunks ends here
    keep(chunk.subarray(0, first + 1));
    const last = chunk.lastIndexOf('\n') + 1;
    skipping = false;
    // a large request stands alone: whatever becomes of it is no matter of the lines behind it
    if (rest.length() <= chunk.length && chunk.length <= maxBytes) pushLines(stream, [rest.take(), chunk.subarray(first + 1, last)]);
    else {
      pushBegun();
      pushEach(stream, chunk.subarray(first + 1, last), maxBytes);
    }
    keep(chunk.subarray(last));
  }

  /** Pushes the line that began in earlier chunks. */
  function pushBegun(): void {
    const length = rest.length();
    if (length < longBytes) {
      pushLines(stream, [rest.take()]);
      return;
    }
    const chunks = rest.takeChunks();
    waiting += length;
    stream.push({ chunks, length, count: 1, taken: () => taken(length) } satisfies Block);
  }

  function taken(length: number): void {
    waiting -= length;
    hold(waiting + rest.length());
  }

  /** What has come of a line, without the line that is too long. */
  function keep(bytes: Buffer): void {
    if (skipping) return;
    const length = rest.length() + bytes.length - (bytes.at(-1) === 0x0a ? 1 : 0);
    try {
      if (length > maxBytes) throw lineTooLong(maxBytes);
      hold(waiting + length);
      rest.append(bytes);
    } catch (error) {
      skipping = true;
      refuseRest(error as RequestError);
      hold(waiting);
    }
  }

  function refuseRest(refused: RequestError): void {
    rest.drain(freeChunk);
    stream.push({ refused } satisfies Block);
  }
  return stream;
}

/** A stream that has each chunk taken when it is its turn, and `end` called behind the last. */
function blockStream(takeTurn: (work: () => void) => void, take: (chunk: Buffer | RequestError) => void, end: () => void): Transform {
  return new Transform({
    objectMode: true,
    // more would only be kept waiting
    highWaterMark: 1,
    transform(chunk: Buffer | RequestError, _encoding, done) {
      takeTurn(() => {
        if (this.destroyed) return;
        take(chunk);
        done();
      });
    },
    flush(done) {
      end();
      done();
    },
  });
}

/** Pushes the lines of a chunk, and a refusal for each that is longer than `maxBytes`. */
function pushEach(stream: Transform, bytes: Buffer, maxBytes: number): void {
  let from = 0;
  eachLine(bytes, (start, end) => {
    if (end - start <= maxBytes) return;
    pushLines(stream, [bytes.subarray(from, start)]);
    stream.push({ refused: lineTooLong(maxBytes) } satisfies Block);
    from = end + 1;
  });
  pushLines(stream, [bytes.subarray(from)]);
}

/** Pushes whole lines as one block, unless all of them are blank. */
function pushLines(stream: Transform, parts: readonly Buffer[]): void {
  const filled = parts.filter(({ length }) => length > 0);
  const bytes = filled.length === 1 ? filled[0] : Buffer.concat(filled);
  let count = 0;
  eachLine(bytes, (start, end) => {
    if (!isBlank(bytes, start, end)) count++;
  });
  if (count > 0) stream.push({ chunks: [bytes], length: bytes.length, count, taken: () => {} } satisfies Block);
}

function lineTooLong(maxBytes: number): RequestError {
  return refuse('BODY_TOO_LARGE', '#', `the line is longer than the limit of ${maxBytes} bytes`);
}
