import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKey } from '../../src/auth/api-keys.ts';
import { watchedKeys } from '../../src/auth/api-keys-file.ts';
import { keysFolder } from './keys-folder.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

test('a change of the keys file between the first reading and the first look at its state is seen', async (t) => {
  const { file, write, keys } = keysFolder(t, 'one');
  const { readFileSync } = fs;
  const reading = t.mock.method(fs, 'readFileSync', (...args: Parameters<typeof readFileSync>) => {
    const text = readFileSync(...args);
    if (reading.mock.callCount() === 0) write(['one', 'two'], [...keys, newKey()]);
    return text;
  });
  syncBuiltinESMExports();
  const watched = watchedKeys(file, log);
  reading.mock.restore();
  syncBuiltinESMExports();
  t.after(() => watched.close());
  assert.equal(watched.current().length, 1);
  const deadline = performance.now() + 20_000;
  while (watched.current().length === 1 && performance.now() < deadline) await sleep(20);
  assert.deepEqual(
    watched.current().map(({ client }) => client),
    ['one', 'two'],
  );
});
