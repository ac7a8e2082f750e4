import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { leftOut } from '../cases.ts';
import { startedApp } from '../helper.ts';
import { firefoxAt, skip as missing } from './browser/firefox.ts';
import { jobsAtHand, prepare } from './browser/jobs-at-hand.ts';

// Chromium sees the same pages in every run
const skip = missing || leftOut;

/** Resolves when an expression has a text in the page, to that. */
const until = (expression: string) => `new Promise((resolve) => {
  const look = () => {
    const found = ${expression};
    if (found) resolve(found);
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Resolves when the page has answered so often, to the equations that it shows. */
const equations = (answers: number) => `new Promise((resolve) => {
  const look = () => document.body.dataset.state === 'settled' && Number(document.body.dataset.settled) >= ${answers}
    ? resolve([...document.querySelectorAll('.equation')].map((one) => one.textContent).join(', '))
    : requestAnimationFrame(look);
  look();
})`;

test('Firefox shows the same, and breaks no rule of the policy', { skip }, async (t) => {
  const { app } = await startedApp(t, { LOG_LEVEL: 'fatal' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { evaluate, complaints } = await firefoxAt(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`);
  assert.equal(await evaluate(equations(1)), '4.3808 ÷ 5 = 0.8762, 4.3808 ÷ 1 = 4.3808, 4.3808 ÷ 10 = 0.4381, 4.3808 ÷ 2 = 2.1904');
  await evaluate(`document.querySelector('[data-example="notebook-10x6x4"]').click(), ''`);
  assert.match(await evaluate(equations(2)), /90\.7882 ÷ 24 = 3\.7828$/);
  const lines = `String(document.querySelector('.operand.input .editor').shadowRoot.querySelectorAll('.cm-line').length > 5)`;
  assert.equal(await evaluate(lines), 'true');
  assert.deepEqual(complaints, []);
});

test('Firefox follows a job from its first shard to its result', { skip }, async (t) => {
  const { release } = await jobsAtHand(t);
  const { app } = await startedApp(t, { LOG_LEVEL: 'fatal' }, prepare);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const { evaluate, complaints } = await firefoxAt(`${origin}/#jobs`);
  assert.match(await evaluate(until(`document.querySelector('#new-job-heading')?.textContent`)), /job/i);
  const [input, target] = ['held', 'p'].map((name) => ({ uri: `file:///data/${name}.safetensors` }));
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${origin}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify({ input, target }) });
  const { id } = (await answer.json()) as { id: string };
  await evaluate(`location.hash = '#jobs/${id}'`);
  const progress = `[...document.querySelectorAll('#job .progress')].map((one) => one.textContent).join(', ')`;
  assert.match(await evaluate(until(`/2 of 4 shards/.test(${progress}) && ${progress}`)), /3000 of 10 000 distributions/);
  release();
  const badge = `#job .badge[data-status="succeeded"]`;
  await evaluate(until(`document.querySelector('${badge}')?.textContent`));
  const shown = `document.querySelector('#job [data-reduction="distribution_mean"] .equation')?.textContent`;
  assert.match(await evaluate(until(shown)), /÷ 3 = /);
  assert.deepEqual(complaints, []);
});
