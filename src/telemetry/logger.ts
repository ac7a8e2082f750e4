import { type Logger, pino } from 'pino';
import { logToStandardOutput } from './log-destination.ts';

/** Returns the log: JSON lines on standard output. @param level the lowest level that is written */
export function newLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: timestamps() }, logToStandardOutput());
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
