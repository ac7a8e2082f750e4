import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two samples; a sample is the whole interval, so an idle loop has samples of this length. */
const resolutionMs = 10;

/** How late the event loop is: `p99` in seconds, of the time since it was last read. */
export function watchLoop() {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return {
    p99: () => {
      // without any sample it is NaN
      const seconds = Math.max(0, delays.percentile(99) / 1e9 - resolutionMs / 1000) || 0;
      delays.reset();
      return seconds;
    },
    close: () => void delays.disable(),
  };
}
