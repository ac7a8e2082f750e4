import { crew } from '../../faults/crew.ts';
import type { Fault } from '../../faults/faulty-worker.ts';

const faults: readonly Fault[] = ['throws uncaught', 'exits', 'runs out of memory', 'loops'];
const times = 5;

const { workers, ask, meet } = crew(2);
await workers.start();

// "go" is answered with the ms from each lost request's answer until all threads are at work at the same time
process.on('message', async () => {
  const wholeAfter: { fault: Fault; ms: number }[] = [];
  for (const fault of Array<typeof faults>(times).fill(faults).flat()) {
    await ask('large', { fault, within: fault === 'loops' ? 20 : undefined });
    const begin = performance.now();
    await meet();
    wholeAfter.push({ fault, ms: performance.now() - begin });
  }
  process.send?.(wholeAfter);
});
process.send?.('ready');
