import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientOfKey, parseKeysFile, storedKeys } from '../src/auth/api-keys.ts';

const program = new URL('../src/create-api-key.ts', import.meta.url).pathname;
const secret = 's'.repeat(32);

const run = (name: string, env: Record<string, string>) =>
  spawnSync(process.execPath, [program, name], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });

test('a new key is printed once, and works with the file that it was added to; the file is for its owner only', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kl-new-key-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  const env = { API_KEYS_SECRET: secret, API_KEYS_FILE: file };
  const keys = ['trainer', 'trainer', 'other'].map((name) => run(name, env).stdout.trim());
  for (const key of keys) assert.match(key, /^kl_[\w-]{43}$/);
  const text = readFileSync(file, 'utf8');
  const stored = storedKeys(parseKeysFile(text));
  assert.deepEqual(
    keys.map((key) => clientOfKey(stored, secret, key)),
    ['trainer', 'trainer', 'other'],
  );
  assert.ok(keys.every((key) => !text.includes(key)));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['keys.json']);
});

test('without a file it prints the key and what belongs into one', () => {
  const { stdout } = run('trainer', { API_KEYS_SECRET: secret });
  const [key, ...text] = stdout.split('\n');
  assert.equal(clientOfKey(storedKeys(parseKeysFile(text.join('\n'))), secret, key), 'trainer');
});

for (const [what, name, env] of [
  ['a secret', 'trainer', {}],
  ['a secret that is long enough', 'trainer', { API_KEYS_SECRET: 'canary' }],
  ['a name that is fit for a log', 'a b', { API_KEYS_SECRET: secret }],
] as const) {
  test(`without ${what} there is no key, but one line that says so`, () => {
    const { status, stdout, stderr } = run(name, env);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^new-key: .*\n$/);
    assert.doesNotMatch(stderr, /canary/);
  });
}
