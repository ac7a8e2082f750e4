import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explored, skip } from './explored.ts';

/** What a first visit takes. */
export function deliveryTests(): void {
  test('a first visit transfers at most 400 KB, all of it from the service, and a second one only asks whether the page is new', {
    skip,
  }, async (t) => {
    const { page, origin } = await explored(t, { context: {} });
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    await client.send('Network.clearBrowserCache');
    const transferred: number[] = [];
    const urls: string[] = [];
    client.on('Network.loadingFinished', ({ encodedDataLength }) => transferred.push(encodedDataLength));
    client.on('Network.requestWillBeSent', ({ request }) => urls.push(request.url));
    await page.goto('about:blank');
    await page.goto(`${origin}/`);
    await page.waitForFunction(() => document.body.dataset.state === 'settled');
    const bytes = transferred.reduce((sum, one) => sum + one, 0);
    assert.ok(bytes <= 400_000, `${bytes} bytes`);
    assert.ok(
      urls.every((url) => url.startsWith(origin) || url === 'about:blank'),
      urls.join(' '),
    );
    assert.ok(!urls.some((url) => url.includes('/explorer/view.')), 'the view of jobs is loaded when it is wanted');
    t.diagnostic(`${bytes} bytes`);
    const responses: number[] = [];
    page.on('response', (response) => responses.push(response.status()));
    transferred.length = 0;
    await page.goto('about:blank');
    await page.goto(`${origin}/`);
    await page.waitForFunction(() => document.body.dataset.state === 'settled');
    const again = transferred.reduce((sum, one) => sum + one, 0);
    assert.ok(again < 60_000, `${again} bytes`);
  });
}
