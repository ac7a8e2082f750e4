import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const resolution = 1;

/** The samples are whole intervals in nanoseconds, so an idle loop has samples of `resolution`. */
const milliseconds = (sample: number) => Math.max(0, sample / 1e6 - resolution);

// threads of the service inherit the flag that loads this file
if (isMainThread) {
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  process.on('message', (message) => {
    if (message === 'report') process.send?.({ delay: milliseconds(delays.percentile(99)), longest: milliseconds(delays.max) });
    else delays.reset();
  });
}
