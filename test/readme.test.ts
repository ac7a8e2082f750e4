import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { startedApp } from './helper.ts';
import { blocks, listening, run } from './readme.ts';

test('the curl of the README gets the answer that the README shows', async (t) => {
  const { http } = await startedApp(t);
  const curl = blocks('sh', 'Ask it').find((block) => block.startsWith('curl'));
  const sent = /-d '(.*)'/s.exec(curl ?? '')?.[1];
  const { body } = await http.post('/v1/kl-divergence').set('content-type', 'application/json').send(sent).expect(200);
  assert.deepEqual(body, JSON.parse(blocks('json', 'Ask it')[0]));
});

test('the TypeScript of the README runs as it stands and prints a divergence', async (t) => {
  const service = await listening(t);
  const printed: unknown[][] = [];
  const code = blocks('ts', 'Ask it')[0].replace('http://127.0.0.1:3000', service);
  const run = new Function('console', `return (async () => { ${code} })()`);
  await run({ log: (...values: unknown[]) => printed.push(values) });
  assert.equal(printed.length, 1);
  assert.equal(Number(printed[0][0]).toFixed(6), '0.056015');
});

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import numpy, requests']).status === 0);

test('the Python of the README runs as it stands, and its bytes go there and back', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async (t) => {
  const service = await listening(t);
  const [example, , bytes] = blocks('python', 'Ask it');
  const roundTrip = `
reply = requests.post("${service}/v1/kl-divergence", json={"input": tensor(input), "target": tensor(target), "reduction": ["per_distribution"]})
print(array(reply.json()["results"]["per_distribution"]))`;
  const code = `${example.replace('http://127.0.0.1:3000', service)}\n${bytes}\n${roundTrip}`;
  const [json, binary] = (await printedBy(python ?? '', code)).trim().split('\n');
  assert.equal(json, binary);
  assert.match(json, /^\[0\.0560\d* 0\.2662\d*\]$/);
});

const withSafetensors = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import numpy, requests, safetensors']).status === 0);

test('the safetensors of the README run as they stand, and their answer can be loaded', {
  skip: withSafetensors === undefined ? 'no Python with numpy, requests and safetensors is here' : false,
}, async (t) => {
  const service = await listening(t);
  const [example, safetensors] = blocks('python', 'Ask it');
  const code = `${example}\n${safetensors}`.replaceAll('http://127.0.0.1:3000', service);
  const [, mean, loaded] = (await printedBy(withSafetensors ?? '', code)).trim().split('\n');
  assert.match(mean, /^{'distribution_mean': 0\.1611\d*}$/);
  assert.match(loaded, /^{'per_distribution': array\(\[0\.0560\d*, 0\.2662\d*\]\)}$/);
});

test('the Python of the README sends a batch and a stream, and reads their answers', {
  skip: python === undefined ? 'no Python with numpy and requests is here' : false,
}, async (t) => {
  const service = await listening(t);
  const [batch, stream] = blocks('python', 'Many problems in one request');
  const code = `import requests\n${batch}\n${stream}`.replaceAll('http://127.0.0.1:3000', service);
  assert.equal((await printedBy(python ?? '', code)).trim(), "{'lines': 100, 'answered': 100, 'refused': 0}");
});

/** What a Python program writes. */
async function printedBy(name: string, code: string): Promise<string> {
  const { status, out, err } = await run(name, ['-c', code]);
  assert.equal(status, 0, err);
  return out;
}
