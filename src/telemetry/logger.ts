import { type Logger, pino } from 'pino';

/**
 * The log: JSON lines on standard output. The lines of one iteration of the event loop share one write, since a write costs more than the
 * rest of a line. Buffered lines are written when the process exits.
 */
export function newLogger(level: string): Logger {
  const out = pino.destination({ sync: true });
  let lines = '';
  const flushSync = () => {
    if (lines === '') return;
    const text = lines;
    lines = '';
    out.write(text);
  };
  const write = (line: string) => {
    if (lines === '') setImmediate(flushSync);
    lines += line;
  };
  process.once('exit', flushSync);
  // pino calls `flushSync` behind a fatal line
  const destination = { write, flushSync };
  return pino({ level, base: null, timestamp: timestamps() }, destination);
}

/** The time as pino puts it into a line. Many lines fall into one millisecond, which is put into words once. */
function timestamps(): () => string {
  let written = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== written) {
      written = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}
