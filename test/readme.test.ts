import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readConfig } from '../src/config.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the README lists every variable of the configuration with its default', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| `([^`]+)`/gm)].map(([, name, value]) => [name, value]);
  const config = readConfig({}, { memory: 2 ** 35, heap: 2 ** 32, cores: 2 });
  const { host, port, logLevel, bodyLimit, maxElements, inlineLimit } = config;
  assert.deepEqual(Object.fromEntries(rows), {
    HOST: host,
    PORT: String(port),
    LOG_LEVEL: logLevel,
    BODY_LIMIT: String(bodyLimit),
    MAX_ELEMENTS: String(maxElements),
    INLINE_LIMIT: String(inlineLimit),
    SMALL_QUEUE: String(config.smallQueue),
    LARGE_QUEUE: String(config.largeQueue),
    STREAMS: String(config.streams),
    ELEMENTS_IN_FLIGHT: String(config.elementsInFlight),
    REQUEST_TIMEOUT: String(config.requestTimeout),
    SHUTDOWN_DELAY: String(config.shutdownDelay),
    JWT_ALGORITHMS: config.jwtAlgorithms.join(','),
    QUOTA_WINDOW: String(config.quotaWindow),
  });
});
