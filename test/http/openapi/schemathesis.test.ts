import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { modelNames } from '../../../src/formats/inference/models.ts';
import { leftOut } from '../../cases.ts';
import { run } from '../../docs/page.ts';
import { started } from '../../service-process.ts';
import { seriesOf } from '../exposition.ts';

const name = 'schemathesis';
const skip = leftOut || (spawnSync(name, ['--version']).status === 0 ? false : 'no schemathesis is here');

test('schemathesis finds no answer that the OpenAPI document does not describe, and none that is the fault of the service', {
  skip,
}, async (t) => {
  // in a copy of its folder, since it leaves files behind
  const cwd = mkdtempSync(join(tmpdir(), `${name}-`));
  t.after(() => rmSync(cwd, { recursive: true }));
  const { port, lines } = await started(t, { JOB_SOURCES: pathToFileURL(cwd).href, JOBS_DIR: cwd });
  const address = `http://127.0.0.1:${port}`;
  cpSync(new URL(name, import.meta.url), cwd, { recursive: true });
  // the text of a failure has the request as a curl command; the seed is in the file
  const { status, out, err } = await run(name, ['--no-color', '--config-file', `${name}.toml`, 'run', `${address}/openapi.json`], { cwd });
  assert.equal(status, 0, out + err);
  const series = seriesOf(await (await fetch(`${address}/metrics`)).text());
  const answered = (path: string) => series.get(`kl_http_request_duration_seconds_count{method="POST",route="${path}",status="200"}`) ?? 0;
  const paths = ['/v1/kl-divergence', '/v1/kl-divergence/batch', '/v1/kl-divergence/explain', '/v1/divergences', '/v1/divergences/batch'];
  for (const path of paths) assert.ok(answered(path) >= 10, `${path}: ${answered(path)} requests were answered`);
  const models = modelNames.map((model) => answered(`/v2/models/${model}/infer`));
  assert.ok(models.filter((count) => count > 0).length > 5, `models that answered: ${models}`);
  assert.ok(models.reduce((sum, count) => sum + count) >= 10, `models that answered: ${models}`);
  for (const gauge of ['kl_bytes_in_flight', 'kl_elements_in_flight', 'kl_running{lane="large"}', 'kl_running{lane="stream"}'])
    assert.equal(series.get(gauge), 0, gauge);
  assert.deepEqual(
    lines.filter(({ level }) => Number(level) >= 50),
    [],
  );
});
