import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { writeSafetensors } from '../../../src/explorer/files/safetensors.ts';
import { keysFolder } from '../../auth/keys-folder.ts';
import { leftOut } from '../../cases.ts';
import { ask } from '../../helper.ts';
import { explored, skip, violations } from './explored.ts';
import { jobsAtHand, prepare } from './jobs-at-hand.ts';

/** A request for a job whose input does what its name says. */
const requestFor = (name: string) =>
  `{\n  "input": { "uri": "file:///data/${name}.safetensors" },\n  "target": { "uri": "file:///data/p.safetensors" }\n}`;

async function openJobs(page: Page): Promise<void> {
  await page.locator('#to-jobs').click();
  await page.locator('#new-job').waitFor();
}

async function submit(page: Page, request: string): Promise<void> {
  await page.locator('#new-job .cm-content').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(request);
  await page.getByRole('button', { name: 'Submit the job' }).click();
}

/** Submits a job and waits until the page shows it with a status. */
async function submitted(page: Page, name: string, status: string): Promise<string> {
  const before = new URL(page.url()).hash;
  await submit(page, requestFor(name));
  await page.waitForFunction((hash) => location.hash !== hash, before);
  await reaches(page, status);
  return new URL(page.url()).hash.slice('#jobs/'.length);
}

async function reaches(page: Page, status: string): Promise<void> {
  const id = new URL(page.url()).hash.slice('#jobs/'.length);
  await page.locator(`[data-shown="${id}"] .badge[data-status="${status}"]`).waitFor();
}

/** What browsers report of an answer that refuses is no fault of the page. */
const unexpected = (complaints: readonly string[]) => complaints.filter((words) => !/status of 4\d\d/.test(words));

const barTexts = (page: Page) => page.locator('#job .progress').allInnerTexts();

export function jobTests(): void {
  test('where what shows jobs cannot be loaded, the page says so, and loads it when it is wanted again', { skip }, async (t) => {
    const { page } = await explored(t);
    await page.route('**/explorer/view.*.js', (route) => route.fulfill({ status: 404 }), { times: 1 });
    await page.locator('#to-jobs').click();
    await page.locator('#jobs-view .problem').waitFor();
    assert.match(await page.locator('#jobs-view').innerText(), /could not be loaded\. Reload the page/);
    await page.locator('#to-explorer').click();
    await page.locator('#to-jobs').click();
    await page.locator('#jobs-disabled').waitFor();
  });

  test('where the service runs no jobs, their view says so and how to turn them on, and the explorer is as before', { skip }, async (t) => {
    const { page, complaints } = await explored(t);
    const [equations, asked] = [await page.locator('.equations').textContent(), [] as string[]];
    page.on('request', (request) => asked.push(request.url()));
    await page.locator('#to-jobs').click();
    await page.locator('#jobs-disabled').waitFor();
    assert.match(await page.locator('#jobs-disabled').innerText(), /runs no jobs.*JOB_SOURCES/);
    assert.equal(await page.locator('#new-job').count(), 0);
    assert.equal(await page.locator('#to-jobs').getAttribute('aria-current'), 'page');
    assert.ok(asked.some((url) => /\/explorer\/view\.\w+\.js$/.test(url)));
    assert.deepEqual(await violations(page), []);
    await page.locator('#to-explorer').click();
    await page.locator('#jobs-view').waitFor({ state: 'hidden' });
    assert.ok(await page.locator('.equations').isVisible());
    assert.equal(await page.locator('.equations').textContent(), equations);
    assert.deepEqual(unexpected(complaints), []);
  });

  test('a job is computed from files, and its result has the equations that the tensors in a request have', { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'explorer-sources-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const tensor = (numbers: readonly number[]) => ({
      dtype: 'F64' as const,
      shape: [numbers.length / 2, 2],
      bytes: new Uint8Array(new Float64Array(numbers).buffer),
    });
    const [q, p] = [
      [1, 2, 3, 4, 0, 1],
      [2, 1, 3, 3, 1, 0],
    ];
    for (const [name, numbers] of Object.entries({ q, p }))
      writeFileSync(join(folder, `${name}.safetensors`), Buffer.concat(writeSafetensors({ logits: tensor(numbers) })));
    const env = { JOB_SOURCES: pathToFileURL(folder).href, JOBS_DIR: join(folder, 'jobs'), JOB_WORKERS: '1' };
    const { page, complaints } = await explored(t, { env });
    await openJobs(page);
    const uri = (name: string) => `{ "uri": "${pathToFileURL(join(folder, `${name}.safetensors`))}" }`;
    await submit(page, `{ "input": ${uri('q')}, "target": ${uri('p')}, "dim": 1, "reduction": ["sum", "batchmean"], "statistics": true }`);
    await page.locator('#job .badge[data-status="succeeded"]').waitFor();
    const rows = (numbers: readonly number[]) => [numbers.slice(0, 2), numbers.slice(2, 4), numbers.slice(4)];
    const { batchmean } = ask({ input: rows(q), target: rows(p), dim: 1, reduction: 'batchmean' }).results;
    const equation = await page.locator('#job [data-reduction="batchmean"] .equation').innerText();
    assert.match(equation, new RegExp(`÷\\s*3\\s*=\\s*${Number(batchmean).toPrecision(4)}$`));
    assert.equal(await page.locator('#job .largest tbody tr').count(), 3);
    assert.deepEqual(await page.locator('#job .sources code').allInnerTexts(), [
      pathToFileURL(join(folder, 'q.safetensors')).href,
      pathToFileURL(join(folder, 'p.safetensors')).href,
    ]);
    assert.deepEqual(unexpected(complaints), []);
  });

  test('a job is followed from its first shard to its result, in shards, distributions and bytes', { skip }, async (t) => {
    const { release } = await jobsAtHand(t);
    const { page, complaints } = await explored(t, { prepare });
    await openJobs(page);
    assert.equal(await page.getByText('There are no jobs yet.').isVisible(), true);
    const id = await submitted(page, 'held', 'running');
    await page.getByText('2 of 4 shards').first().waitFor();
    assert.deepEqual(await barTexts(page), ['2 of 4 shards', '3000 of 10 000 distributions', '6 GB of 20 GB']);
    const bar = page.getByRole('progressbar', { name: 'shards' }).last();
    assert.equal(await bar.getAttribute('value'), '0.5');
    await page.locator('#job').getByText('1 retry').waitFor();
    assert.equal(await page.locator(`[data-job="${id}"] a`).getAttribute('aria-current'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'job-heading');
    release();
    await reaches(page, 'succeeded');
    assert.deepEqual(await barTexts(page), ['4 of 4 shards', '10 000 of 10 000 distributions', '20 GB of 20 GB']);
    await page.locator(`[data-job="${id}"] .badge[data-status="succeeded"]`).waitFor();
    assert.deepEqual(complaints, []);
  });

  test('results are shown as answers are: equations, quantiles, the largest, warnings, families, and pairs one by one', {
    skip,
  }, async (t) => {
    await jobsAtHand(t);
    const { page } = await explored(t, { prepare });
    await openJobs(page);
    await submitted(page, 'kl', 'succeeded');
    assert.match(await page.locator('#job [data-reduction="distribution_mean"] .equation').innerText(), /0\.8386\s*÷\s*3\s*=\s*0\.2795/);
    assert.equal(await page.locator('#job .quantiles tbody tr').count(), 11);
    assert.equal(await page.locator('#job .largest tbody th').first().innerText(), '[2]');
    assert.ok((await page.locator('#job .note').count()) > 0);
    await submitted(page, 'family', 'succeeded');
    assert.deepEqual(await page.locator('#job [data-divergence] th').allInnerTexts(), ['kl', 'reverse_kl', 'hellinger']);
    await page.locator('#job svg[aria-label^="All divergences"]').waitFor();
    await page.locator('#job select').selectOption('hellinger');
    await page.locator('#job svg[aria-label="Quantiles of the hellinger divergences of all distributions"]').waitFor();
    await submitted(page, 'items', 'succeeded');
    await page.locator('#job select').selectOption('layer 1');
    assert.ok(await page.locator('#job [data-reduction="sum"]').isVisible());
  });

  test('a job that failed says why, and at which element of the request', { skip }, async (t) => {
    await jobsAtHand(t);
    const { page } = await explored(t, { prepare });
    await openJobs(page);
    await submitted(page, 'wrong', 'failed');
    const said = await page.locator('#job .problem').innerText();
    assert.match(said, /INVALID_VALUE/);
    assert.match(said, /#\/input\/73204\/5/);
  });

  test('a job is cancelled and deleted, and is in the list no more', { skip }, async (t) => {
    await jobsAtHand(t);
    const { page, complaints } = await explored(t, { prepare });
    await openJobs(page);
    const id = await submitted(page, 'queued', 'queued');
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await reaches(page, 'cancelled');
    await page.getByRole('button', { name: 'Delete the job' }).click();
    await page.getByText('There are no jobs yet.').waitFor();
    assert.equal(await page.locator(`[data-job="${id}"]`).count(), 0);
    assert.equal(await page.locator('#job').isVisible(), false);
    assert.deepEqual(complaints, []);
  });

  test('the list has the newest job first, one status on demand, and pages', { skip }, async (t) => {
    await jobsAtHand(t);
    const { page, origin } = await explored(t, { prepare });
    const ids: string[] = [];
    for (let job = 0; job < 22; job++) {
      const body = requestFor(job === 0 ? 'wrong' : 'queued');
      const answer = await fetch(`${origin}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      ids.unshift(((await answer.json()) as { id: string }).id);
    }
    await openJobs(page);
    const listed = () => page.locator('#jobs-list a').allInnerTexts();
    assert.deepEqual(await listed(), ids.slice(0, 20));
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.locator(`[data-job="${ids[21]}"]`).waitFor();
    assert.deepEqual(await listed(), ids.slice(20));
    await page.getByRole('button', { name: 'First page' }).click();
    await page.locator(`[data-job="${ids[0]}"]`).waitFor();
    await page.locator('#jobs-status').selectOption('failed');
    await page.locator(`[data-job="${ids[21]}"]`).waitFor();
    assert.deepEqual(await listed(), [ids[21]]);
  });

  test('what is wrong with a job is said at its element, and the same key with another request is refused', { skip }, async (t) => {
    await jobsAtHand(t);
    const { page, complaints } = await explored(t, { prepare });
    await openJobs(page);
    await submit(page, '{\n  "input": { "uri": 5 },\n  "target": { "uri": "file:///data/p.npy" }\n}');
    await page.locator('#new-job .problem').waitFor();
    assert.deepEqual(await page.locator('#new-job .marked.error').allTextContents(), ['5']);
    await page.locator('#new-job .said button').click();
    await page.keyboard.insertText('"file:///data/queued.safetensors"');
    await page.getByLabel('Idempotency-Key').fill('nightly');
    await page.keyboard.press('Enter');
    await page.locator('#job .badge[data-status="queued"]').waitFor();
    await submit(page, requestFor('kl'));
    await page.locator('#new-job .problem').getByText('IDEMPOTENCY_KEY_REUSED').waitFor();
    assert.deepEqual(unexpected(complaints), []);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    // where this is left out, axe-core looks at a job on a phone
    test(`axe-core finds nothing in any state of a job, in ${colorScheme} colours`, { skip: skip || leftOut }, async (t) => {
      await jobsAtHand(t);
      const { page } = await explored(t, { prepare, context: { colorScheme } });
      await openJobs(page);
      assert.deepEqual(await violations(page), [], 'no jobs');
      const states = { queued: 'queued', held: 'running', wrong: 'failed', kl: 'succeeded', family: 'succeeded', items: 'succeeded' };
      for (const [name, status] of Object.entries(states)) {
        await submitted(page, name, status);
        assert.deepEqual(await violations(page), [], name);
      }
      await submit(page, '{ "input": 5 }');
      await page.locator('#new-job .problem').waitFor();
      assert.deepEqual(await violations(page), [], 'a fault');
    });
  }

  test('on a phone no job is wider than the screen, and nothing moves for those who want no motion', { skip }, async (t) => {
    await jobsAtHand(t);
    const context = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' } as const;
    const { page } = await explored(t, { prepare, context });
    await openJobs(page);
    for (const name of ['kl', 'family', 'wrong']) {
      await submitted(page, name, name === 'wrong' ? 'failed' : 'succeeded');
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, name);
    }
    const moving = () =>
      [...document.querySelectorAll('*')].filter((one) => Number.parseFloat(getComputedStyle(one).transitionDuration) > 0).length;
    assert.equal(await page.evaluate(moving), 0);
    assert.deepEqual(await violations(page), []);
  });

  test('the keyboard alone submits a job, chooses one and cancels it', { skip }, async (t) => {
    await jobsAtHand(t);
    const { page } = await explored(t, { prepare });
    const press = async (what: string, key = 'Enter') => {
      for (let presses = 0; presses < 60; presses++) {
        const focused = await page.evaluate(() => document.activeElement?.textContent);
        if (focused === what) return page.keyboard.press(key);
        await page.keyboard.press('Tab');
      }
      assert.fail(`Tab does not reach ${what}`);
    };
    await press('Jobs');
    await page.locator('#new-job').waitFor();
    await press('Submit the job');
    const id = await page.locator('[data-shown]').getAttribute('data-shown');
    await page.goBack();
    await page.locator('#job').waitFor({ state: 'hidden' });
    await press(String(id));
    await page.locator('#job').waitFor();
    await press('Delete the job');
    await page.getByText('There are no jobs yet.').waitFor();
  });

  // requests with a key are those of test/explorer/service
  const skipKeys = skip || leftOut;
  test('where the service has keys, jobs are asked for with the one that is entered, and anew when it is', {
    skip: skipKeys,
  }, async (t) => {
    const { env, keys } = keysFolder(t, 'visitor');
    await jobsAtHand(t);
    const { page, origin } = await explored(t, { env, prepare });
    await page.goto(`${origin}/#jobs`);
    await page.locator('#jobs-view .problem:visible').waitFor();
    await page.locator('#key-field').fill(keys[0]);
    await page.keyboard.press('Enter');
    await page.getByText('There are no jobs yet.').waitFor();
    await submitted(page, 'held', 'running');
    await page.getByText('2 of 4 shards').first().waitFor();
  });
}
