import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const log = new URL('../../src/telemetry/logger.ts', import.meta.url).href;

/** The lines that a process logs whose program has the logger at hand. */
function logged(program: string): Record<string, unknown>[] {
  const script = `const { newLogger } = await import(${JSON.stringify(log)}); const logger = newLogger('info'); ${program}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('lines keep their order, whichever turn of the event loop they are of, and say when they were written', () => {
  const before = Date.now();
  const lines = logged(`
    for (let n = 0; n < 100; n++) { logger.info({ n }); if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1)); }`);
  assert.deepEqual(
    lines.map(({ n }) => n),
    Array.from({ length: 100 }, (_, n) => n),
  );
  const times = lines.map(({ time }) => Date.parse(String(time)));
  assert.deepEqual(times, times.toSorted());
  assert.ok(times[0] >= before && times[99] <= Date.now() && times[0] < times[99]);
});

test('what is logged right before the process exits is written', () => {
  assert.equal(logged('for (let n = 0; n < 1000; n++) logger.info({ n }); process.exit(0)').length, 1000);
});

test('a fatal line is written at once, with those before it; others when the event loop turns', () => {
  const lines = logged(`
    const { writeSync } = await import('node:fs');
    logger.info('a'); logger.fatal('b'); logger.info('c'); writeSync(1, '{"msg":"by itself"}\\n');`);
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['a', 'b', 'by itself', 'c'],
  );
});
