import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedApp } from '../helper.ts';
import { docPage, listening, printedBy, pythonWith } from './page.ts';

const readme = docPage('README.md');
const clients = docPage('docs/clients.md');
const weights = docPage('docs/weights.md');
const outcomeLists = docPage('docs/outcome-lists.md');
const batches = docPage('docs/batch-and-streaming.md');

test('the curl of the README gets the answer that the README shows', async () => {
  const { http } = await sharedApp();
  const curl = readme.blocks('sh', 'Ask it').find((block) => block.startsWith('curl'));
  const sent = /-d '(.*)'/s.exec(curl ?? '')?.[1];
  const { body } = await http.post('/v1/kl-divergence').set('content-type', 'application/json').send(sent).expect(200);
  const shown = JSON.parse(readme.blocks('json', 'Ask it')[0]);
  for (const [place, warning] of shown.warnings.entries()) {
    const { message } = body.warnings[place];
    assert.ok(isShortened(warning.message, message), `${warning.message}\n${message}`);
    warning.message = message;
  }
  assert.deepEqual(body, shown);
});

test('the stream of the page on batches gets the lines that the page shows', async () => {
  const { http } = await sharedApp();
  const [sent, shown] = batches.blocks('', 'Stream');
  const answer = await http.post('/v1/kl-divergence/batch').set('content-type', 'application/x-ndjson').send(sent).buffer(true);
  const lines = answer.text.trimEnd().split('\n');
  const shownLines = shown.trimEnd().split('\n');
  assert.equal(lines.length, shownLines.length);
  for (const [place, line] of shownLines.entries()) assert.ok(isShortened(line, lines[place]), `${line}\n${lines[place]}`);
});

test('every tensor that the page on the API shows is one that the service reads', async () => {
  const { http } = await sharedApp();
  const shown = [
    ...docPage('docs/api.md')
      .section('Tensors')
      .matchAll(/\| `([[{].*)` \|$/gm),
  ].map(([, tensor]) => JSON.parse(tensor));
  assert.equal(shown.length, 3);
  for (const tensor of shown) await http.post('/v1/kl-divergence').send({ input: tensor, target: tensor }).expect(200);
});

test('every request that the page on differences shows is one that the service answers', async () => {
  const { http } = await sharedApp();
  const shown = [
    ...docPage('docs/differences.md')
      .section('The same call here')
      .matchAll(/\| `(\{"input".*?\})`/g),
  ].map(([, request]) => request);
  assert.equal(shown.length, 6);
  const tensor = '[[0.5, 0.5], [0.25, 0.75]]';
  for (const request of shown) {
    const body = request.replace(/"input": \w+/, `"input": ${tensor}`).replace(/"target": \w+/, `"target": ${tensor}`);
    await http.post('/v1/kl-divergence').set('content-type', 'application/json').send(body).expect(200);
  }
});

/** Whether a text is another one with `…` in the place of some of its parts. */
function isShortened(short: string, whole: string): boolean {
  const parts = short.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 's').test(whole);
}

test('the TypeScript of the page on clients runs as it stands and prints a divergence', async () => {
  const service = await listening();
  const printed: unknown[][] = [];
  const code = clients.blocks('ts', 'TypeScript')[0].replace('http://127.0.0.1:3000', service);
  const run = new Function('console', `return (async () => { ${code} })()`);
  await run({ log: (...values: unknown[]) => printed.push(values) });
  assert.equal(printed.length, 1);
  assert.equal(Number(printed[0][0]).toFixed(6), '0.056015');
});

const python = pythonWith('numpy', 'requests');

test('the Python of the page on clients runs as it stands, and its bytes go there and back', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async () => {
  const service = await listening();
  const [example, , bytes] = clients.blocks('python', 'Python');
  const roundTrip = `
reply = requests.post("${service}/v1/kl-divergence", json={"input": tensor(input), "target": tensor(target), "reduction": ["per_distribution"]})
print(array(reply.json()["results"]["per_distribution"]))`;
  const code = `${example.replace('http://127.0.0.1:3000', service)}\n${bytes}\n${roundTrip}`;
  const [json, binary] = (await printedBy(python ?? '', code)).trim().split('\n');
  assert.equal(json, binary);
  assert.match(json, /^\[0\.0560\d* 0\.2662\d*\]$/);
});

const withSafetensors = pythonWith('numpy', 'requests', 'safetensors');

test('the safetensors of the page on clients run as they stand, and their answer can be loaded', {
  skip: withSafetensors === undefined ? 'no Python with numpy, requests and safetensors is here' : false,
}, async () => {
  const service = await listening();
  const [example, safetensors] = clients.blocks('python', 'Python');
  const code = `${example}\n${safetensors}`.replaceAll('http://127.0.0.1:3000', service);
  const [, mean, loaded] = (await printedBy(withSafetensors ?? '', code)).trim().split('\n');
  assert.match(mean, /^{'distribution_mean': 0\.1611\d*}$/);
  assert.match(loaded, /^{'per_distribution': array\(\[0\.0560\d*, 0\.2662\d*\]\)}$/);
});

const withTorch = pythonWith('numpy', 'requests', 'safetensors', 'torch');

test('the Python of the page on weights runs as it stands, and each of its numbers is that of its mask', {
  skip: withSafetensors === undefined ? 'no Python with numpy, requests and safetensors is here' : false,
}, async () => {
  const service = await listening();
  const [example] = weights.blocks('python', 'Padding and token weights');
  const lines = (await printedBy(withSafetensors ?? '', example.replace('http://127.0.0.1:3000', service))).trim().split('\n');
  // what PyTorch 2.15 prints
  assert.deepEqual(lines, [
    'mean over labels 0.754545',
    'weighted mean 0.663696',
    'mean of sequence means 0.647974',
    'mean of sequence sums 1.760604',
  ]);
});

test('the PyTorch of the page on weights prints the numbers of the request beside it', {
  skip: withTorch === undefined ? 'no Python with torch is here' : false,
}, async () => {
  const service = await listening();
  const [example, pytorch] = weights.blocks('python', 'Padding and token weights');
  const lines = (await printedBy(withTorch ?? '', `${example.replace('http://127.0.0.1:3000', service)}\n${pytorch}`)).trim().split('\n');
  assert.deepEqual(lines.slice(4), lines.slice(0, 4));
});

test('the Python of the page on lists of outcomes runs as it stands', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async () => {
  const service = await listening();
  const examples = ['Two answers with top_logprobs', "vLLM's prompt_logprobs"].flatMap((heading) => outcomeLists.blocks('python', heading));
  const code = examples.join('\n').replaceAll('http://127.0.0.1:3000', service);
  assert.deepEqual((await printedBy(python ?? '', code)).trim().split('\n'), [
    "[0.082986, 0.090156] {'mean': 0.8899355410188468, 'least': 0.8737539731343891}",
    '0.015452',
  ]);
});

const withPandas = pythonWith('pandas', 'requests');

test('the pandas of the page on lists of outcomes runs as it stands', {
  skip: withPandas === undefined ? 'no Python with pandas and requests is here' : false,
}, async () => {
  const service = await listening();
  const [example] = outcomeLists.blocks('python', 'Two value_counts\\(\\) of pandas');
  const lines = (await printedBy(withPandas ?? '', example.replace('http://127.0.0.1:3000', service))).trim().split('\n');
  assert.match(lines[0], /^{'kl': 'Infinity', 'jensen_shannon': 0\.0215\d*}$/);
  assert.equal(lines[1], "['crypto']");
});

test('the Python of the page on batches sends a batch and a stream, and reads their answers', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async () => {
  const service = await listening();
  const [batch] = batches.blocks('python', 'Batch');
  const [stream] = batches.blocks('python', 'Stream');
  const code = `${batch}\n${stream}`.replaceAll('http://127.0.0.1:3000', service);
  assert.equal((await printedBy(python ?? '', code)).trim(), "{'lines': 100, 'answered': 100, 'refused': 0}");
});

test('the requests of the pages on distributions by their parameters are answered without a warning', async () => {
  const { http } = await sharedApp();
  for (const path of ['docs/closed-forms.md', 'docs/vae.md']) {
    const request = JSON.parse(/^```json\n(.*?)^```/ms.exec(docPage(path).text)?.[1] ?? '');
    const { body } = await http.post('/v1/kl-divergence').send(request).expect(200);
    assert.deepEqual(body.warnings, [], path);
  }
});

test('the PyTorch of the page on VAEs prints what the service answers', {
  skip: withTorch === undefined ? 'no Python with torch is here' : false,
}, async () => {
  const service = await listening();
  const [example] = docPage('docs/vae.md').blocks('python', 'Beside PyTorch');
  const lines = (await printedBy(withTorch ?? '', example.replace('http://127.0.0.1:3000', service))).trim().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines) {
    const [theirs, ours] = line.split(' ').map(Number);
    assert.ok(Math.abs(theirs - ours) <= 1e-12 * ours, line);
  }
});

test('the request of the page on divergences gets the answer that the page shows', async () => {
  const { http } = await sharedApp();
  const [sent, shown] = docPage('docs/divergences.md').blocks('json', 'A request and its answer');
  const { body } = await http.post('/v1/divergences').send(JSON.parse(sent)).expect(200);
  assert.deepEqual(body, JSON.parse(shown));
});
