import { Transform } from 'node:stream';
import { type RequestError, refuse } from '../../errors/request-error.ts';
import { eachLine, isBlank } from '../../formats/ndjson.ts';
import { createChunkBuffer } from './chunk-buffer.ts';

/** Whole lines that came together, and how many of them are not blank. */
export type Lines = { readonly bytes: Buffer; readonly count: number };

/** What a stream of bytes becomes: lines to be answered, or what stands for one that is not. */
export type Block = Lines | { readonly refused: RequestError };

/**
 * Cuts a stream of bytes into blocks of whole lines, each as soon as it is there: what has come up to the last line feed. Of a line that
 * is longer than `longest` bytes, or for which there is no room, nothing is kept; a refusal stands for it. An error that is written in the place
 * of bytes ends the stream.
 * @param hold is told how many bytes of a line are kept until the rest has come. @throws RequestError OVERLOADED
 * @param takeTurn has the work on a chunk done when it is its turn: one packet may hold thousands of chunks, and each is work
 */
export function createLineSplitter(
  maxBytes: number,
  hold: (bytes: number) => void = () => {},
  takeTurn: (work: () => void) => void = setImmediate,
): Transform {
  const rest = createChunkBuffer();
  let skipping = false;

  const stream = new Transform({
    objectMode: true,
    // more would only be kept waiting
    highWaterMark: 1,
    transform(chunk: Buffer | RequestError, _encoding, done) {
      takeTurn(() => {
        if (stream.destroyed) return;
        if (Buffer.isBuffer(chunk)) take(chunk);
        else end(chunk);
        done();
      });
    },
    flush(done) {
      pushLines(stream, rest.take());
      done();
    },
  });

  function take(chunk: Buffer): void {
    const first = chunk.indexOf('\n');
    if (first === -1) {
      keep(chunk);
      return;
    }
    // the line that began in earlier chunks ends here
    keep(chunk.subarray(0, first + 1));
    const last = chunk.lastIndexOf('\n') + 1;
    const begun = rest.take();
    skipping = false;
    // a large request stands alone: whatever becomes of it is no matter of the lines behind it
    if (begun.length <= chunk.length && chunk.length <= maxBytes) pushLines(stream, begun, chunk.subarray(first + 1, last));
    else {
      pushLines(stream, begun);
      pushEach(stream, chunk.subarray(first + 1, last), maxBytes);
    }
    keep(chunk.subarray(last));
  }

  /** What has come of a line, without the line that is too long. */
  function keep(bytes: Buffer): void {
    if (skipping) return;
    const length = rest.length() + bytes.length - (bytes.at(-1) === 0x0a ? 1 : 0);
    try {
      if (length > maxBytes) throw lineTooLong(maxBytes);
      hold(length);
      rest.append(bytes);
    } catch (error) {
      skipping = true;
      rest.take();
      hold(0);
      stream.push({ refused: error as RequestError } satisfies Block);
    }
  }

  function end(refused: RequestError): void {
    // of a line that was cut short there is nothing to say
    rest.take();
    stream.push({ refused } satisfies Block);
  }
  return stream;
}

/** Pushes the lines of a chunk, and a refusal for each that is longer than `longest`. */
function pushEach(stream: Transform, bytes: Buffer, maxBytes: number): void {
  let from = 0;
  eachLine(bytes, (start, end) => {
    if (end - start <= maxBytes) return;
    pushLines(stream, bytes.subarray(from, start));
    stream.push({ refused: lineTooLong(maxBytes) } satisfies Block);
    from = end + 1;
  });
  pushLines(stream, bytes.subarray(from));
}

/** Pushes whole lines as one block, unless all of them are blank. */
function pushLines(stream: Transform, ...parts: Buffer[]): void {
  const filled = parts.filter(({ length }) => length > 0);
  const bytes = filled.length === 1 ? filled[0] : Buffer.concat(filled);
  let count = 0;
  eachLine(bytes, (start, end) => {
    if (!isBlank(bytes, start, end)) count++;
  });
  if (count > 0) stream.push({ bytes, count } satisfies Block);
}

function lineTooLong(maxBytes: number): RequestError {
  return refuse('BODY_TOO_LARGE', '#', `the line is longer than the limit of ${maxBytes} bytes`);
}
