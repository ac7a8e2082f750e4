import { writeSync } from 'node:fs';

/** Where log lines go. Writing them never throws, never waits for a reader, and keeps at most `maxWaitingBytes`. */
type LogDestination = {
  readonly write: (line: string) => void;
  /** Writes what waits. pino calls it behind a fatal line, which goes to standard error if standard output does not take it. */
  readonly flushSync: () => void;
};

/** Lines that wait for the reader of a pipe may take this many bytes; those that come then are lost. */
const maxWaitingBytes = 2 ** 20;

/** A full pipe is tried again after this many ms. */
const retryMs = 10;

/** At its exit, and behind a fatal line, the process waits this many ms for the reader of a full pipe. */
const flushMs = 200;

/** Standard error has at most one line about lost log lines in this many ms. */
const reportMs = 60_000;

const [standardOutput, standardError, lineEnd] = [1, 2, 10];

let lost = 0;

/** Returns how many log lines this process has lost. */
export function lostLogLines(): number {
  return lost;
}

/**
 * Returns standard output as a destination. Lines of one iteration of the event loop share one write, since a write costs more than the
 * rest of a line. What a full pipe does not take waits. What a write fails for otherwise, as on a full disk, is lost, but for the rest of a
 * line that was begun. Waiting lines are written when the process exits.
 */
export function logToStandardOutput(): LogDestination {
  // for these streams Node makes pipes and sockets non-blocking: a write that would wait for a reader fails with EAGAIN
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const report = createLossReport();
  let rest: Buffer = Buffer.alloc(0);
  let lines = '';
  let last = { line: '', isKept: true };
  let isScheduled = false;

  function write(line: string): void {
    last = { line, isKept: rest.length + lines.length + line.length <= maxWaitingBytes };
    if (last.isKept) lines += line;
    else lose(1, 'its reader is too slow');
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    isScheduled = writeWaiting() === 'EAGAIN';
    if (isScheduled) setTimeout(flush, retryMs).unref();
  }

  /** Returns the code of the error that the write failed with. */
  function writeWaiting(): string | undefined {
    let isWithinLine = rest.length > 0;
    while (rest.length > 0 || lines !== '') {
      if (rest.length === 0) {
        rest = Buffer.from(lines);
        lines = '';
      }
      try {
        const written = writeSync(standardOutput, rest);
        isWithinLine = rest[written - 1] !== lineEnd;
        rest = rest.subarray(written);
      } catch (error) {
        const { code = 'an error' } = error as NodeJS.ErrnoException;
        if (code !== 'EAGAIN') loseWaiting(isWithinLine, `it fails with ${code}`);
        return code;
      }
    }
    return undefined;
  }

  function loseWaiting(isWithinLine: boolean, reason: string): void {
    const begun = isWithinLine ? rest.indexOf(lineEnd) + 1 : 0;
    const count = rest.subarray(begun).filter((byte) => byte === lineEnd).length + lines.split('\n').length - 1;
    rest = Buffer.from(rest.subarray(0, begun));
    lines = '';
    if (count > 0) lose(count, reason);
  }

  function lose(count: number, reason: string): void {
    lost += count;
    report.add(count, reason);
  }

  /** Writes what waits, and while the pipe is full gives its reader `flushMs` to make room. */
  function writeInTime(): string | undefined {
    const until = performance.now() + flushMs;
    let failure = writeWaiting();
    while (failure === 'EAGAIN' && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      failure = writeWaiting();
    }
    return failure;
  }

  function flushSync(): void {
    const { line, isKept } = last;
    if (writeInTime() !== undefined || !isKept) writeToStandardError(line);
  }

  process.once('exit', () => {
    if (writeInTime() !== undefined) loseWaiting(false, 'nothing read it before the process ended');
    report.end();
  });
  return { write, flushSync };
}

/** Tells of lost lines on standard error: of the first at once, of others once in `reportMs` and at the end. */
function createLossReport() {
  let untold = 0;
  let reason = '';
  let isPaused = false;

  function tell(): void {
    if (untold === 0) return;
    isPaused = true;
    setTimeout(resume, reportMs).unref();
    const said = `kl-divergence-api: log lines lost: ${untold}; standard output takes no more: ${reason}\n`;
    if (writeToStandardError(said)) untold = 0;
  }
  function resume(): void {
    isPaused = false;
    tell();
  }
  return {
    add: (count: number, why: string) => {
      untold += count;
      reason = why;
      if (!isPaused) tell();
    },
    end: tell,
  };
}

/** Returns whether standard error has taken a text. */
function writeToStandardError(text: string): boolean {
  try {
    return writeSync(standardError, text) > 0;
  } catch {
    return false;
  }
}
