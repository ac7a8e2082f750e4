import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../src/config.ts';

const gibibyte = 2 ** 30;
const large = { memory: 16 * gibibyte, heap: 4 * gibibyte, cores: 3 };

test('an empty environment gives the documented defaults', () => {
  assert.deepEqual(readConfig({}, large), {
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
    bodyLimit: 67_108_864,
    maxElements: 8_388_608,
    inlineLimit: 32_768,
    workers: 3,
    workerHeap: 1024,
    smallQueue: 64,
    largeQueue: 16,
    streams: 32,
    bytesInFlight: Math.floor((16 * gibibyte) / 5),
    elementsInFlight: 134_217_728,
    requestTimeout: 20_000,
    shutdownDelay: 1_000,
  });
});

test('in a small container the defaults are what its memory allows', () => {
  const { bodyLimit, maxElements, workerHeap, bytesInFlight } = readConfig({}, { memory: gibibyte / 2, heap: gibibyte / 4, cores: 1 });
  assert.deepEqual([bodyLimit, maxElements, workerHeap, bytesInFlight], [33_554_432, 4_194_304, 128, 107_374_182]);
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
    SMALL_QUEUE: '6',
    LARGE_QUEUE: '7',
    STREAMS: '8',
    BYTES_IN_FLIGHT: '9',
    ELEMENTS_IN_FLIGHT: '10',
    REQUEST_TIMEOUT: '100',
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
    smallQueue: 6,
    largeQueue: 7,
    streams: 8,
    bytesInFlight: 9,
    elementsInFlight: 10,
    requestTimeout: 100,
    shutdownDelay: 0,
  });
});

test('a bad value is named with what it must be, in one line for all of them', () => {
  const env = {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    BODY_LIMIT: '64MB',
    MAX_ELEMENTS: '0',
    REQUEST_TIMEOUT: '99',
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
