import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { clientOfKey, type KeysFile, parseKeysFile, storedKeys } from '../src/auth/api-keys.ts';
import { changeKeysFile } from '../src/auth/change-keys-file.ts';
import { environment } from './service-process.ts';

const program = new URL('../src/create-api-key.ts', import.meta.url).pathname;
const secret = 's'.repeat(32);

const run = (name: string, env: Record<string, string>) =>
  spawnSync(process.execPath, [program, name], { env: { ...environment, ...env }, encoding: 'utf8' });

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

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kl-new-key-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('of keys that are made at the same time none is lost', async (t) => {
  const folder = emptyFolder(t);
  const file = join(folder, 'keys.json');
  const env = { ...environment, API_KEYS_SECRET: secret, API_KEYS_FILE: file };
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const runs = await Promise.all(names.map((name) => promisify(execFile)(process.execPath, [program, name], { env })));
  const stored = storedKeys(parseKeysFile(readFileSync(file, 'utf8')));
  assert.deepEqual(
    runs.map(({ stdout }) => clientOfKey(stored, secret, stdout.trim())),
    names,
  );
  assert.deepEqual(readdirSync(folder), ['keys.json']);
});

test('what a crash left, a lock and a file of the same process id, is not in the way', async (t) => {
  const folder = emptyFolder(t);
  const file = join(folder, 'keys.json');
  writeFileSync(`${file}.lock`, 'left');
  utimesSync(`${file}.lock`, 0, 0);
  // a process that leaves a file of its own id, as each run in a container has the same
  const leave = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(file)} + '.' + process.pid, '');`;
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(leave)}`];
  const env = { ...environment, API_KEYS_SECRET: secret, API_KEYS_FILE: file };
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, 'a'], { env });
  assert.equal(clientOfKey(storedKeys(parseKeysFile(readFileSync(file, 'utf8'))), secret, stdout.trim()), 'a');
  assert.ok(!readdirSync(folder).includes('keys.json.lock'));
});

test('a file that is a symbolic link stays one, and what it leads to keeps its mode and its owner', (t) => {
  const folder = emptyFolder(t);
  const [file, link] = [join(folder, 'real.json'), join(folder, 'keys.json')];
  writeFileSync(file, '{"clients": []}');
  chmodSync(file, 0o640);
  symlinkSync('real.json', link);
  const before = statSync(file);
  const { status } = run('a', { API_KEYS_SECRET: secret, API_KEYS_FILE: link });
  assert.equal(status, 0);
  const after = statSync(file);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
  assert.equal(parseKeysFile(readFileSync(file, 'utf8')).clients.length, 1);
});

test('a symbolic link to a file that is not there yet stays one, and the file is made where it leads to', (t) => {
  const folder = emptyFolder(t);
  const [file, link] = [join(folder, 'real.json'), join(folder, 'keys.json')];
  symlinkSync('real.json', link);
  assert.equal(run('a', { API_KEYS_SECRET: secret, API_KEYS_FILE: link }).status, 0);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(parseKeysFile(readFileSync(file, 'utf8')).clients.length, 1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file of another owner stays theirs', { skip: process.getuid?.() === 0 ? false : 'needs root, to give a file away' }, (t) => {
  const file = join(emptyFolder(t), 'keys.json');
  writeFileSync(file, '{"clients": []}');
  chmodSync(file, 0o644);
  chownSync(file, 1000, 1001);
  assert.equal(run('a', { API_KEYS_SECRET: secret, API_KEYS_FILE: file }).status, 0);
  const { mode, uid, gid } = statSync(file);
  assert.deepEqual([mode & 0o777, uid, gid], [0o644, 1000, 1001]);
});

test('a lock from before the clock was set back is not in the way', (t) => {
  const file = join(emptyFolder(t), 'keys.json');
  writeFileSync(`${file}.lock`, 'left');
  utimesSync(`${file}.lock`, 4e9, 4e9);
  assert.equal(run('a', { API_KEYS_SECRET: secret, API_KEYS_FILE: file }).status, 0);
});

test('a process that was stopped until its lock was taken from it loses no key of others', async (t) => {
  const file = join(emptyFolder(t), 'keys.json');
  const before: KeysFile[] = [];
  await changeKeysFile(file, (found) => {
    before.push(found);
    // meanwhile another has taken the lock, added a key and gone
    if (before.length === 1) {
      rmSync(`${file}.lock`);
      writeFileSync(file, JSON.stringify({ clients: [{ name: 'other', keys: [] }] }));
    }
    return { clients: [...found.clients, { name: 'a', keys: [] }] };
  });
  assert.equal(before.length, 2);
  assert.deepEqual(
    parseKeysFile(readFileSync(file, 'utf8')).clients.map(({ name }) => name),
    ['other', 'a'],
  );
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
    assert.match(stderr, /^create-api-key: .*\n$/);
    assert.doesNotMatch(stderr, /canary/);
  });
}
