import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startedApp } from '../helper.ts';
import { firefoxAt, skip } from './browser/firefox.ts';

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
  const { evaluate, complaints } = await firefoxAt(t, `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`);
  assert.equal(await evaluate(equations(1)), '4.3808 ÷ 1 = 4.3808, 4.3808 ÷ 10 = 0.4381, 4.3808 ÷ 5 = 0.8762, 4.3808 ÷ 2 = 2.1904');
  await evaluate(`document.querySelector('[data-example="notebook-10x6x4"]').click(), ''`);
  assert.match(await evaluate(equations(2)), /90\.7882 ÷ 24 = 3\.7828$/);
  const lines = `String(document.querySelector('.operand.input .editor').shadowRoot.querySelectorAll('.cm-line').length > 5)`;
  assert.equal(await evaluate(lines), 'true');
  assert.deepEqual(complaints, []);
});
