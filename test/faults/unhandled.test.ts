import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { closing, exitOf, started, textOf } from '../service-process.ts';

const flags = ['--import', new URL('./throws-later.ts', import.meta.url).href];
const body = JSON.stringify({ input: [1, 2], target: [2, 1] });
const head = `POST /v1/kl-divergence HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

for (const [how, message] of [
  ['exception', 'an exception that nobody catches'],
  ['rejection', 'a rejection that nobody handles'],
] as const) {
  test(`after an ${how === 'exception' ? 'uncaught exception' : 'unhandled rejection'} the process says which, answers what is in flight and exits with 1, whoever is connected`, async (t) => {
    const { child, lines, port } = await started(t, {}, flags);
    const [inFlight, silent] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    silent.on('error', () => {});
    await Promise.all([once(inFlight, 'connect'), once(silent, 'connect')]);
    inFlight.write(head + body.slice(0, 9));
    // what has been answered has been read, and so has what was sent before
    await fetch(`http://127.0.0.1:${port}/livez`);
    child.send(how);
    await closing(lines);
    inFlight.end(body.slice(9));
    assert.match(await textOf(inFlight), /^HTTP\/1\.1 200 /);
    assert.equal(await exitOf(child), 1);
    const said = lines.find(({ msg }) => msg === 'closing after an error') as { level: number; err: { message: string; stack: string } };
    assert.equal(said.level, 60);
    assert.equal(said.err.message, message);
    assert.match(said.err.stack, /throws-later/);
  });
}

test('a second fault while the process closes after the first ends it at once, with 1', async (t) => {
  const { child, lines, port } = await started(t, {}, flags);
  const inFlight = connect(port, '127.0.0.1');
  inFlight.on('error', () => {});
  await once(inFlight, 'connect');
  // it would be waited for as long as more of it comes
  inFlight.write(head);
  let at = 0;
  const drip = setInterval(() => at < body.length - 1 && inFlight.write(body[at++]), 100);
  t.after(() => clearInterval(drip));
  await fetch(`http://127.0.0.1:${port}/livez`);
  child.send('rejection');
  await closing(lines);
  child.send('exception');
  assert.equal(await exitOf(child), 1);
  assert.ok(at < body.length - 1);
  assert.ok(lines.some(({ msg }) => msg === 'an exception that nobody catches'));
});
