import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const file = (path: string) => new URL(path, import.meta.url).href;

/** In a process of its own: the CPU time of calls of `process.nextTick` after a full collection, divided by that before. */
const program = `
  import ${JSON.stringify(file('../../src/pool/keep-tick-shape.ts'))};
  const { collectGarbage } = await import(${JSON.stringify(file('../../src/pool/collect-garbage.ts'))});
  const nothing = () => {};
  const many = async (bursts) => {
    for (let burst = 0; burst < bursts; burst++) {
      for (let tick = 0; tick < 100; tick++) process.nextTick(nothing, tick);
      await new Promise(setImmediate);
    }
  };
  const used = async () => {
    let least = Infinity;
    await many(2000);
    for (let run = 0; run < 10; run++) {
      const before = process.cpuUsage();
      await many(300);
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, user + system);
    }
    return least;
  };
  const before = await used();
  collectGarbage({ shrinks: true });
  console.log(await used() / before);
`;

test('what waits for the next tick takes no longer after a full collection of garbage', () => {
  const ratio = Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
  assert.ok(ratio < 2, `${ratio} times as long`);
});
