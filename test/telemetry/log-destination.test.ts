import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const log = new URL('../../src/telemetry/logger.ts', import.meta.url).href;
const destination = new URL('../../src/telemetry/log-destination.ts', import.meta.url).href;

/** A program that has a logger, its count of lost lines, and `turn`, which lets lines be written. */
const programOf = (body: string) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
  const { newLogger } = await import(${JSON.stringify(log)});
  const { lostLogLines } = await import(${JSON.stringify(destination)});
  const logger = newLogger('info');
  ${body}`;

const flagsFor = (body: string) => ['--input-type=module', '-e', programOf(body)];

/** Runs a program in a shell, as `"$@"`: what is behind a pipe or a redirection is up to `shell`. */
function inShell(shell: string, body: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', shell, 'sh', process.execPath, ...flagsFor(body)], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const lostIn = (stderr: string) =>
  [...stderr.matchAll(/^kl-divergence-api: log lines lost: (\d+);/gm)].reduce((sum, [, count]) => sum + Number(count), 0);

const linesOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

const logsAndGoesOn = `
  for (let n = 0; n < 100; n++) { logger.info({ n }); if (n % 10 === 9) await turn(); }
  await sleep(20);
  logger.fatal('the last word');
  process.exitCode = 7;`;

test('a full device costs log lines, which standard error counts in one line; the fatal line is told there, and the exit code stays', {
  skip: process.platform === 'linux' ? false : 'no /dev/full here',
}, () => {
  const { status, stderr } = inShell('"$@" > /dev/full', logsAndGoesOn);
  assert.equal(status, 7);
  assert.match(stderr, /^kl-divergence-api: log lines lost: \d+; standard output takes no more: it fails with ENOSPC$/m);
  assert.equal(lostIn(stderr), 101);
  assert.match(stderr, /^\{.*"msg":"the last word"\}$/m);
  // the first loss, and the rest at the end
  assert.equal(stderr.match(/log lines lost/g)?.length, 2);
});

for (const code of ['EIO', 'EDQUOT', 'EPIPE', 'EBADF']) {
  test(`a write that fails with ${code} costs the lines that it would have written, and no others`, () => {
    const { status, stdout, stderr } = inShell(
      '"$@"',
      `
      const { writeSync } = fs;
      let fails = false;
      fs.writeSync = (fd, ...more) => {
        if (fd === 1 && fails) throw Object.assign(new Error('faked'), { code: '${code}' });
        return writeSync(fd, ...more);
      };
      syncBuiltinESMExports();
      logger.info({ n: 1 }); await turn();
      fails = true;
      logger.info({ n: 2 }); logger.info({ n: 3 }); await turn();
      fails = false;
      logger.info({ n: 4 }); await turn();
      process.exitCode = lostLogLines();`,
    );
    assert.equal(status, 2);
    assert.deepEqual(
      linesOf(stdout).map(({ n }) => n),
      [1, 4],
    );
    assert.match(stderr, new RegExp(`log lines lost: 2; .*: it fails with ${code}\n`));
  });
}

test('a file that may grow no longer costs lines, not the process', (t) => {
  const file = join(emptyFolder(t), 'log');
  // blocks of 512 bytes or of 1 KiB; the limit would cut the file of its coverage too, which the runner then cannot read
  const { status, stderr } = inShell(`unset NODE_V8_COVERAGE; ulimit -f 4; "$@" > ${file}`, logsAndGoesOn);
  assert.equal(status, 7);
  assert.match(stderr, /it fails with EFBIG/);
  const kept = readFileSync(file, 'utf8');
  assert.ok(lostIn(stderr) > 0 && kept.split('\n').length - 1 + lostIn(stderr) >= 100);
});

test('a pipe whose reader has gone costs lines; a fatal one is told on standard error', async (t) => {
  const child = spawned(t, `await sleep(300); ${logsAndGoesOn}`);
  child.stdout?.destroy();
  const stderr = await textOf(child.stderr);
  assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 7);
  assert.equal(lostIn(stderr), 101);
  assert.match(stderr, /it fails with EPIPE/);
  assert.match(stderr, /"msg":"the last word"/);
});

const isRoot = process.getuid?.() === 0;

test('a full disk: lines are lost, and once there is space the log goes on with whole lines', {
  skip: isRoot && process.platform === 'linux' ? false : 'needs root, to mount a file system of 16 KiB',
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kl-log-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]);
  t.after(() => {
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  if (mounted.status !== 0) return t.skip('mount is not permitted here');
  const { status, stderr } = inShell(
    `"$@" > ${folder}/log`,
    `
    fs.writeFileSync('${folder}/other', Buffer.alloc(4096));
    for (let n = 0; n < 1000; n++) { logger.info({ n, text: 'x'.repeat(n % 7) }); if (n % 10 === 9) await turn(); }
    const lost = lostLogLines();
    fs.rmSync('${folder}/other');
    logger.info('there is space'); await turn();
    logger.info('and more'); await turn();
    process.exitCode = lost > 500 && lostLogLines() === lost ? 0 : 1;`,
  );
  assert.equal(status, 0, stderr);
  const lines = linesOf(readFileSync(join(folder, 'log'), 'utf8'));
  assert.equal(lines.length + lostIn(stderr), 1002);
  assert.deepEqual(
    lines.slice(-2).map(({ msg }) => msg),
    ['there is space', 'and more'],
  );
});

const floods = `
  const before = process.memoryUsage.rss();
  let longest = 0;
  for (let n = 0; n < 40_000; n++) {
    logger.info({ n, text: 'x'.repeat(400) });
    if (n % 100 !== 99) continue;
    const begin = performance.now();
    await turn();
    longest = Math.max(longest, performance.now() - begin);
  }
  const grown = process.memoryUsage.rss() - before;
  // the reader goes on now; lines are lost until it has made room
  process.on('SIGUSR1', async () => {
    let logged = 40_000;
    for (let kept = 0; kept < 5; logged++) {
      const lost = lostLogLines();
      logger.info('again');
      if (lostLogLines() === lost) kept++;
      await sleep(20);
    }
    fs.writeSync(2, JSON.stringify({ logged, lost: lostLogLines() }) + '\\n');
    process.exit(0);
  });
  fs.writeSync(2, JSON.stringify({ grown, longest }) + '\\n');
  setInterval(() => {}, 1000);`;

/** What a process writes that logs 18 MB while nobody reads, and then 5 lines for a reader. */
async function stalled(child: ChildProcess, reader: () => Readable) {
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  while (!said.includes('"grown"')) await sleep(10);
  const text = textOf(reader());
  child.kill('SIGUSR1');
  const lines = linesOf(await text);
  while (!said.includes('"logged"')) await sleep(10);
  const facts = said.split('\n').filter((line) => line.startsWith('{'));
  return { said, lines, facts: Object.assign({}, ...facts.map((line) => JSON.parse(line))) };
}

function checkStalled({ said, lines, facts }: { said: string; lines: Record<string, unknown>[]; facts: Record<string, number> }) {
  assert.match(said, /log lines lost: \d+; .*: its reader is too slow/);
  assert.equal(lines.length + facts.lost, facts.logged);
  const kept = lines.slice(0, -5).map(({ n }) => Number(n));
  // 1 MiB of those that came first waited; a busy reader may take what its socket holds only later, which makes room for others
  assert.deepEqual(kept.slice(0, 2000), [...Array(2000).keys()]);
  assert.ok(kept.every((n, position) => position === 0 || n > kept[position - 1]));
  assert.deepEqual(
    lines.slice(-5).map(({ msg }) => msg),
    Array(5).fill('again'),
  );
  assert.ok(facts.grown < 100 * 2 ** 20, `${facts.grown} bytes more`);
  assert.ok(facts.longest < 1000, `one iteration of the event loop took ${facts.longest} ms`);
}

test('a socket whose reader stalls blocks nothing; what waits is bounded, and is written once the reader goes on', async (t) => {
  const child = spawned(t, floods);
  checkStalled(await stalled(child, () => child.stdout as Readable));
});

test('a pipe whose reader stalls blocks nothing either, and what waits is written once the reader goes on', {
  skip: process.platform === 'linux' ? false : 'opens a pipe for both ends',
}, async (t) => {
  const path = join(emptyFolder(t), 'pipe');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const [both, writer] = [openSync(path, 'r+'), openSync(path, 'w')];
  const child = spawned(t, floods, writer);
  closeSync(writer);
  const reader = () => {
    const stream = createReadStream('', { fd: openSync(path, 'r') });
    closeSync(both);
    return stream;
  };
  checkStalled(await stalled(child, reader));
});

test('lines that nobody reads before the process ends do not keep it', async (t) => {
  const child = spawned(t, `logger.info('x'.repeat(900_000)); logger.info('y'); await turn(); process.exit(3);`);
  const stderr = textOf(child.stderr);
  assert.equal((await once(child, 'exit'))[0], 3);
  assert.match(await stderr, /log lines lost: 2; .*: nothing read it before the process ended/);
});

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kl-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function spawned(t: TestContext, body: string, output: number | 'pipe' = 'pipe'): ChildProcess {
  const child = spawn(process.execPath, flagsFor(body), { stdio: ['ignore', output, 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function textOf(stream: Readable | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}
