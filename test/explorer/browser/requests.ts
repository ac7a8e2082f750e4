import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { keysFolder } from '../../auth/keys-folder.ts';
import { leftOut } from '../../cases.ts';
import { changing, chooseExample, equation, explored, settled, skip, violations, write } from './explored.ts';

/** What the tests of `src/explorer/editors`, `text`, `code` and `state` hold, but for the page around it. */
const skipHeld = skip || leftOut;

/** What a visitor types, and what is said of it. */
export function requestTests(): void {
  test('a fault is said at the element that its pointer names, while one types', { skip }, async (t) => {
    const { page, complaints } = await explored(t);
    await write(page, 'input', '[[1, 2],\n [3, "four"]]');
    const marked = page.locator('.operand.input .marked.error');
    assert.deepEqual(await marked.allTextContents(), ['"four"']);
    assert.match((await page.locator('.operand.input .remark').textContent()) ?? '', /expected a number, got the text/);
    assert.ok(await page.locator('.problem').first().isVisible());
    await page.locator('.operand.input .said button').click();
    await page.keyboard.insertText('4');
    await page.waitForFunction(
      () =>
        document.querySelectorAll('.operand.input .said li').length === 0 ||
        document.querySelector('.operand.input .said')?.textContent?.includes('shape'),
    );
    assert.deepEqual(
      complaints.filter((words) => !words.includes('422')),
      [],
    );
  });

  test('a text that is no JSON is marked where the service stopped reading', { skip: skipHeld }, async (t) => {
    const { page } = await explored(t);
    await write(page, 'target', '[[1, 2],\n [3,, 4]]');
    assert.deepEqual(await page.locator('.operand.target .marked.error').allTextContents(), [',']);
    assert.match((await page.locator('.operand.target .said').textContent()) ?? '', /expected a value/);
  });

  test('warnings about elements are said at them in the editor, ringed in the grid, and explained below', { skip }, async (t) => {
    const { page } = await explored(t);
    await chooseExample(page, 'notebook-5x2');
    await write(page, 'input', '[[0.5, 0, 0.5], [0.2, 0.3, 0.5]]');
    await write(page, 'target', '[[0.5, 0.25, 0.25], [0.2, 0.3, 0.5]]');
    await changing(page, () => page.locator('#option-dim').fill('1'));
    await changing(page, () => page.locator('#option-input_kind').selectOption('probs'));
    assert.deepEqual(await page.locator('.operand.input .marked.warning').allTextContents(), ['0']);
    assert.ok((await page.locator('.operand.input .note[data-code="INFINITE_DIVERGENCE"]').count()) === 1);
    assert.equal(await page.locator('#terms .marked rect').count(), 1);
    assert.equal(await equation(page, 'distribution_mean'), '∞ ÷ 2 = ∞');
  });

  test('what is wrong with an option is said beside it', { skip }, async (t) => {
    const { page } = await explored(t);
    await changing(page, () => page.locator('#option-dim').fill('7'));
    assert.match((await page.locator('[data-option="dim"] .note.error').textContent()) ?? '', /7/);
    await changing(page, () => page.locator('#option-dim').fill('1'));
    assert.equal(await page.locator('[data-option="dim"] .note').count(), 0);
  });

  test('an option says what holds where nothing is chosen or typed', { skip }, async (t) => {
    const { page } = await explored(t);
    const first = (name: string) => page.locator(`#option-${name} option`).first().textContent();
    assert.deepEqual([await first('input_kind'), await first('target_kind')], ['(logits)', '(that of input)']);
    assert.equal(await page.locator('#option-base').getAttribute('placeholder'), 'e');
  });

  test('an option of a file is among the choices of the form, whatever was there before', { skip }, async (t) => {
    const { page } = await explored(t);
    const extra = page.locator('[name="divergences"][value^="renyi:"], [name="reduction"][value="all"]');
    const open = async (options: Record<string, unknown>) => {
      const buffer = Buffer.from(JSON.stringify({ input: [1, 2], target: [2, 1], ...options }));
      const file = { name: 'request.json', mimeType: 'application/json', buffer };
      await changing(page, () => page.locator('.operand.input input[type="file"]').setInputFiles(file));
      return extra.evaluateAll((boxes) =>
        boxes.filter((box) => (box as HTMLInputElement).checked).map((box) => (box as HTMLInputElement).value),
      );
    };
    assert.deepEqual(await open({ reduction: 'all', divergences: ['renyi:3'] }), ['all', 'renyi:3']);
    assert.equal(await page.locator('[data-reduction]').count(), 4);
    assert.deepEqual(await open({ divergences: ['renyi:4'] }), ['renyi:4']);
    assert.equal(await extra.count(), 3);
  });

  test('rows of a spreadsheet are computed as they are pasted, and faults are said at their cells', { skip: skipHeld }, async (t) => {
    const { page } = await explored(t);
    await write(page, 'input', '1\t2\n3\t4');
    await write(page, 'target', 'a,b\n1,2\n3,x');
    assert.deepEqual(await page.locator('.operand.target .marked.error').allTextContents(), ['x']);
    await write(page, 'target', 'a,b\n1,2\n3,5');
    assert.match(await equation(page, 'distribution_mean'), /÷ 2 =/);
  });

  test('divergences that are no sums of terms have their equations, and no grid', { skip }, async (t) => {
    const { page } = await explored(t);
    await write(page, 'input', '{"concentration": [[1, 2, 3], [2, 2, 2]]}');
    await write(page, 'target', '{"concentration": [[1, 1, 1], [3, 2, 1]]}');
    await changing(page, () => page.locator('#option-dim').fill(''));
    await changing(page, () => page.locator('#option-input_kind').selectOption('dirichlet'));
    assert.match(await equation(page, 'distribution_mean'), /÷ 2 = 0\.95/);
    assert.equal(await page.locator('#terms').isVisible(), false);
    assert.match(await page.locator('.readout').innerText(), /no sums of terms/);
    const [both, chosen] = [await equation(page, 'sum'), page.locator('input[name="reduction"][value="sum"]')];
    await changing(page, () => chosen.check());
    assert.equal(await equation(page, 'sum'), both);
    assert.equal(await page.locator('[data-reduction]').count(), 1);
  });

  test('a link beside the request leads to it as curl, and the command that is copied there gives the same numbers', {
    skip,
  }, async (t) => {
    const { page } = await explored(t);
    await chooseExample(page, 'top-k');
    await page.locator('#request').getByRole('link', { name: 'As code' }).click();
    await page.locator('#copy-code').click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const answer = JSON.parse((await promisify(execFile)('bash', ['-c', command])).stdout);
    assert.equal((await equation(page, 'distribution_mean')).split(' = ')[1], answer.results.distribution_mean.toPrecision(4));
  });

  test('the request is written in Python, TypeScript and PyTorch too', { skip: skipHeld }, async (t) => {
    const { page } = await explored(t);
    for (const [language, pattern] of [
      ['python', /requests\.post\(/],
      ['typescript', /await fetch\('http/],
      ['pytorch', /F\.kl_div\(input\.log_softmax\(0\), target\.softmax\(0\), reduction="batchmean"\)/],
    ] as const) {
      await page.locator(`#code input[value="${language}"]`).check();
      assert.match((await page.locator('#code pre').textContent()) ?? '', pattern);
    }
  });

  test('a link has the whole state in its fragment, and nothing of it reaches the server', { skip }, async (t) => {
    const { page, origin } = await explored(t);
    await chooseExample(page, 'padded-batch');
    await page.locator('[data-reduction="mean"]').click();
    await page.locator('#copy-link').click();
    await page.waitForFunction(() => document.querySelector('#said')?.textContent?.startsWith('Link copied'));
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const mean = await equation(page, 'mean');
    const asked: string[] = [];
    const other = await page.context().newPage();
    // a page behind another one is drawn seldom, which makes all tests after this one slow
    t.after(() => other.close());
    other.on('request', (request) => asked.push(request.url()));
    await other.goto(link);
    await settled(other);
    assert.equal(await equation(other, 'mean'), mean);
    assert.equal(await other.locator('[data-reduction="mean"]').getAttribute('aria-pressed'), 'true');
    assert.equal(await other.locator('[data-example="padded-batch"]').getAttribute('aria-pressed'), 'true');
    assert.ok(asked.every((url) => (url.startsWith(origin) && !url.slice(origin.length).includes('state=')) || url === link));
  });

  test('a service that does not say what it knows at first is asked again with the next change', { skip }, async (t) => {
    const { page } = await explored(t);
    await page.route('**/v1/info', (route) => route.abort(), { times: 1 });
    await page.reload();
    await page.locator('#status .problem').getByText('The service cannot be reached').waitFor();
    await write(page, 'input', '[[1, 2], [3, 4]]');
    await write(page, 'target', '[[2, 1], [4, 3]]');
    assert.match(await equation(page, 'batchmean'), /÷ 2 =/);
    assert.match(await page.locator('#version').innerText(), /^version \d/);
  });

  test('a state that is too large for a link says so', { skip: skipHeld }, async (t) => {
    const { page } = await explored(t);
    await write(page, 'input', `[${Array.from({ length: 2500 }, (_, place) => Math.sin(place)).join(',\n')}]`);
    await page.locator('#copy-link').click();
    await page.waitForFunction(() => document.querySelector('#said')?.textContent?.startsWith('Too large for a link'));
  });

  test('where the service has keys, the page asks for one, keeps it in memory only, and sends it', { skip }, async (t) => {
    const { env, keys } = keysFolder(t, 'visitor');
    const { page } = await explored(t, { env });
    await page.locator('#key-field').waitFor({ state: 'visible' });
    assert.deepEqual(await violations(page), []);
    await page.locator('#key-field').fill(keys[0]);
    await changing(page, () => page.keyboard.press('Enter'));
    assert.equal(await equation(page, 'batchmean'), '4.3808 ÷ 5 = 0.8762');
    assert.match((await page.locator('#code pre').textContent()) ?? '', /\$API_KEY/);
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]));
    assert.ok(!kept.includes(keys[0]));
  });
}
