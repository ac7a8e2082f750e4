import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { isMainThread } from 'node:worker_threads';

// beside an event loop that never sleeps, threads of a lower priority would hardly run
os.setPriority = () => {};
syncBuiltinESMExports();

/** The longest turn of the event loop while it was watched, in ms of CPU time: other processes on the machine do not count. */
let longest = 0;
let last = 0;
let isWatched = false;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

// always waiting for its turn, it keeps the event loop from sleeping
function turn(): void {
  const now = cpuMs();
  longest = Math.max(longest, now - last);
  last = now;
  if (isWatched) setImmediate(turn);
}

// threads of the service inherit the flag that loads this file
if (isMainThread) {
  process.on('message', (message) => {
    isWatched = message === 'watch';
    if (isWatched) {
      longest = 0;
      last = cpuMs();
      setImmediate(turn);
    } else process.send?.(longest);
  });
}
