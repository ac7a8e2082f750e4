import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { access, faultOf, newSources, refusal } from './helper.ts';

const notAllowed = 'SOURCE_NOT_ALLOWED: the source does not exist, or this client may not use it';

/** An allowed folder beside one that is not, each with a file of ten bytes. */
function folders(t: TestContext) {
  const base = mkdtempSync(join(tmpdir(), 'sources-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  for (const name of ['allowed', 'secret']) mkdirSync(join(base, name));
  writeFileSync(join(base, 'allowed/q'), '0123456789');
  writeFileSync(join(base, 'secret/q'), 'abcdefghij');
  const inside = (name: string) => join(base, 'allowed', name);
  const uri = (name: string) => pathToFileURL(inside(name)).href;
  const prefix = pathToFileURL(join(base, 'allowed')).href;
  return { base, inside, uri, sources: newSources(t, { prefixes: [prefix], outputs: [prefix] }) };
}

test('a file is read from any byte on, and its pin is its size, device, inode and time of change', async (t) => {
  const { uri, sources } = folders(t);
  const source = await sources.open(uri('q'), access);
  const into = new Uint8Array(4);
  await source.read(3, into, access.signal);
  await source.close();
  assert.equal(Buffer.from(into).toString(), '3456');
  assert.equal(source.size, 10);
  assert.match(JSON.stringify(source.pin), /^\{"size":10,"file":"\d+:\d+:\d+"\}$/);
  await (await sources.open(uri('q'), { ...access, pin: JSON.parse(JSON.stringify(source.pin)) })).close();
});

test('what does not exist, what a symbolic link leads out to, and what is no file get the answer of what is not allowed', async (t) => {
  const { base, inside, uri, sources } = folders(t);
  symlinkSync(join(base, 'secret/q'), inside('link'));
  symlinkSync(join(base, 'secret'), inside('folder'));
  symlinkSync(inside('round'), inside('round'));
  mkdirSync(inside('empty'));
  assert.equal(spawnSync('mkfifo', [inside('pipe')]).status, 0);
  symlinkSync('/dev/zero', inside('device'));
  for (const name of ['missing', 'link', 'folder/q', 'round', 'empty', 'pipe', 'device', 'q/q', 'x'.repeat(300)]) {
    assert.equal(await refusal(sources.open(uri(name), access)), notAllowed, name);
  }
  assert.equal(await refusal(sources.open(pathToFileURL(join(base, 'secret/q')).href, access)), notAllowed);
  assert.equal(await refusal(sources.open(`${uri('')}/..%2fsecret/q`, access)), notAllowed);
});

test('a symbolic link to a file of the same folder is read, and so is a folder that is allowed by a link to it', async (t) => {
  const { base, inside, uri, sources } = folders(t);
  symlinkSync(inside('q'), inside('link'));
  await (await sources.open(uri('link'), access)).close();
  symlinkSync(join(base, 'allowed'), join(base, 'alias'));
  const alias = pathToFileURL(join(base, 'alias')).href;
  await (await newSources(t, { prefixes: [alias] }).open(`${alias}/q`, access)).close();
});

for (const [title, change] of Object.entries<(path: string) => void>({
  'was written to': (path) => appendFileSync(path, 'x'),
  'was overwritten with as many bytes': (path) => {
    writeFileSync(path, '9876543210');
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
  },
  'was replaced': (path) => {
    writeFileSync(`${path}.new`, '9876543210');
    renameSync(`${path}.new`, path);
  },
})) {
  test(`a file that ${title} since the job was submitted is SOURCE_CHANGED when it is opened again`, async (t) => {
    const { inside, uri, sources } = folders(t);
    const { pin, close } = await sources.open(uri('q'), access);
    await close();
    change(inside('q'));
    assert.match(await refusal(sources.open(uri('q'), { ...access, pin })), /^SOURCE_CHANGED: the source has changed: its /);
  });
}

test('a file that is written to while it is open is SOURCE_CHANGED at the next read', async (t) => {
  const { inside, uri, sources } = folders(t);
  const source = await sources.open(uri('q'), access);
  t.after(source.close);
  await source.read(0, new Uint8Array(10), access.signal);
  appendFileSync(inside('q'), 'x');
  assert.match(await refusal(source.read(0, new Uint8Array(10), access.signal)), /^SOURCE_CHANGED/);
});

test('a cancelled job reads no further', async (t) => {
  const { uri, sources } = folders(t);
  const source = await sources.open(uri('q'), access);
  t.after(source.close);
  const reason = new Error('cancelled');
  await assert.rejects(source.read(0, new Uint8Array(10), AbortSignal.abort(reason)), reason);
});

test('a file is written whole, over what was there, and nothing else is left in its folder', async (t) => {
  const { inside, uri, sources } = folders(t);
  mkdirSync(inside('out'));
  for (const text of ['first', 'second']) await sources.write(uri('out/r'), Buffer.from(text), access);
  assert.equal(readFileSync(inside('out/r'), 'utf8'), 'second');
  assert.deepEqual(readdirSync(inside('out')), ['r']);
});

test('nothing is written outside of what outputs allow, nor through a symbolic link, nor into a folder that is missing', async (t) => {
  const { base, inside, uri, sources } = folders(t);
  const onlyReading = newSources(t, { prefixes: [uri('')] });
  assert.equal((await faultOf(onlyReading.write(uri('r'), Buffer.from('x'), access))).code, 'SOURCE_NOT_ALLOWED');
  symlinkSync(join(base, 'secret'), inside('folder'));
  symlinkSync(join(base, 'secret/q'), inside('link'));
  for (const name of ['folder/r', 'missing/r'])
    assert.equal((await faultOf(sources.write(uri(name), Buffer.from('x'), access))).code, 'SOURCE_NOT_ALLOWED');
  await sources.write(uri('link'), Buffer.from('x'), access);
  assert.equal(readFileSync(join(base, 'secret/q'), 'utf8'), 'abcdefghij');
  assert.deepEqual(readdirSync(join(base, 'secret')), ['q']);
});

test('a file is not written over a folder, and what was begun is taken away', async (t) => {
  const { inside, uri, sources } = folders(t);
  mkdirSync(inside('out'));
  mkdirSync(inside('out/r'));
  assert.equal((await faultOf(sources.write(uri('out/r'), Buffer.from('x'), access))).code, 'SOURCE_NOT_ALLOWED');
  assert.deepEqual(readdirSync(inside('out')), ['r']);
});

test('a fault names no path', async (t) => {
  const { base, uri, sources } = folders(t);
  const fault = await faultOf(sources.open(uri('missing'), access));
  assert.ok(!fault.message.includes(base));
  assert.equal(fault.retryable, false);
});
