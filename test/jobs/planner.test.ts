import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { RequestError } from '../../src/errors/request-error.ts';
import { parseHeader } from '../../src/formats/safetensors/header.ts';
import { parseJobRequest } from '../../src/jobs/job-request.ts';
import { createPlanner } from '../../src/jobs/planner.ts';
import { defaultLimits } from '../../src/sources/source-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'planner-'));
after(() => rmSync(folder, { recursive: true }));

const prefix = `${pathToFileURL(folder).href}/`;
const settings = { prefixes: [prefix], outputs: [], privateNetworks: [], limits: defaultLimits };
const { signal: running } = new AbortController();

/** Writes a file of so many tensors of two numbers, which all are the same bytes, and returns its header. */
function writeTensors(name: string, count: number): Buffer {
  const entries = Array.from({ length: count }, (_, index) => `"${index}":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}`);
  const header = Buffer.from(`{${entries.join(',')}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(folder, name), Buffer.concat([length, header, Buffer.alloc(8)]));
  return header;
}

const pairs = (name: string, count: number) =>
  parseJobRequest({
    items: Array.from({ length: count }, (_, index) => ({
      input: { uri: prefix + name, tensor: String(index) },
      target: { uri: prefix + name, tensor: '0' },
    })),
  });

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

test('long headers are parsed in another thread, and those of many pairs once', async (t) => {
  const header = writeTensors('long.safetensors', 100_000);
  const planner = createPlanner(settings);
  t.after(planner.close);
  await planner.plan(pairs('long.safetensors', 1), 'ann', running);
  const request = pairs('long.safetensors', 100);
  const begin = cpuMs();
  const { plan, shards } = await planner.plan(request, 'ann', running);
  const between = cpuMs();
  parseHeader(header);
  const parsing = cpuMs() - between;
  assert.deepEqual([plan.items.length, shards.length], [100, 1]);
  assert.ok(between - begin < parsing / 2, `${between - begin} ms of this thread, ${parsing} ms to parse the header`);
});

test('a refusal keeps its class and its places', async (t) => {
  writeTensors('one.safetensors', 1);
  const planner = createPlanner(settings);
  t.after(planner.close);
  await assert.rejects(planner.plan(pairs('one.safetensors', 2), 'ann', running), (error) => {
    assert.ok(error instanceof RequestError);
    assert.deepEqual([error.code, error.faults.map(({ pointer }) => pointer)], ['SOURCE_NOT_READABLE', ['#/items/1/input/tensor']]);
    return true;
  });
});

test('a client who goes away is not waited for, and others are', async (t) => {
  writeTensors('some.safetensors', 3);
  const planner = createPlanner(settings);
  t.after(planner.close);
  const leaving = new AbortController();
  const left = planner.plan(pairs('some.safetensors', 3), 'ann', leaving.signal);
  const stays = planner.plan(pairs('some.safetensors', 3), 'bob', running);
  leaving.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  assert.equal((await stays).plan.items.length, 3);
});

test('a thread that dies fails what it plans, and another takes its place', async (t) => {
  const planner = createPlanner(settings, new URL('./dying-planner.ts', import.meta.url));
  t.after(planner.close);
  const request = pairs('some.safetensors', 1);
  await assert.rejects(planner.plan(request, 'ann', running), /killed/);
  assert.deepEqual(await planner.plan(request, 'bob', running), { plan: {}, shards: [] });
});
