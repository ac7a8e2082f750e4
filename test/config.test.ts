import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { readConfig } from '../src/config.ts';

test('an empty environment gives the documented defaults', () => {
  assert.deepEqual(readConfig({}), {
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
    bodyLimit: 67_108_864,
    maxElements: 8_388_608,
    inlineLimit: 32_768,
    workers: availableParallelism(),
    workerHeap: Math.max(512, Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20 / availableParallelism())),
    shutdownDelay: 1_000,
  });
});

test('every variable is read', () => {
  const env = {
    HOST: '::1',
    PORT: '0',
    LOG_LEVEL: 'silent',
    BODY_LIMIT: '1',
    MAX_ELEMENTS: '2',
    INLINE_LIMIT: '3',
    WORKERS: '4',
    WORKER_HEAP: '50',
    SHUTDOWN_DELAY: '0',
  };
  assert.deepEqual(readConfig(env), {
    host: '::1',
    port: 0,
    logLevel: 'silent',
    bodyLimit: 1,
    maxElements: 2,
    inlineLimit: 3,
    workers: 4,
    workerHeap: 50,
    shutdownDelay: 0,
  });
});

test('a bad value is named with what it must be, in one line for all of them', () => {
  const env = {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    BODY_LIMIT: '64MB',
    MAX_ELEMENTS: '0',
    SHUTDOWN_DELAY: '-1',
    HOST: '',
    INLINE_LIMIT: '1k',
    WORKERS: '0',
    WORKER_HEAP: '1',
  };
  assert.throws(
    () => readConfig(env),
    ({ message }: Error) => {
      assert.match(message, /PORT must be an integer from 0 to 65535, not "70000"/);
      for (const name of Object.keys(env)) assert.ok(message.includes(`${name} must be `), name);
      return !message.includes('\n');
    },
  );
});
