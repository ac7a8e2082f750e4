import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import document from '../../../openapi/openapi.json' with { type: 'json' };
import { answerHeaders } from '../../../src/http/hooks/security-headers.ts';
import { startedApp } from '../../helper.ts';
import { realAnswers } from '../real-answers.ts';

type Operation = {
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly headers: object }>>;
};

const paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = document.paths;
const components: Readonly<Record<string, { readonly required: boolean }>> = document.components.headers;

/** Headers that belong to HTTP, or say how the answer is read and kept: any answer may have them. */
const ofHttp = [
  ...Object.keys(answerHeaders),
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
  'x-accel-buffering',
];

/** The operation of a method. Any other method has the refusals of its path. */
const operationAt = (path: string, method: string) => paths[path][method] ?? Object.values(paths[path])[0];

test('answers have the headers that the document says of them, and no others', async (t) => {
  const answers = await realAnswers(t);
  for (const [name, alike] of Map.groupBy(answers, ({ method, path, status }) => `${method} ${path} ${status}`)) {
    const [{ method, path, status }] = alike;
    const response = operationAt(path, method).responses[status] ?? assert.fail(`the document has no ${name}`);
    const documented = Object.keys(response.headers);
    const sent = alike.map(({ headers }) => headers.filter((header) => !ofHttp.includes(header)));
    assert.deepEqual([...new Set(sent.flat())].sort(), documented.map((header) => header.toLowerCase()).sort(), name);
    for (const header of documented.filter((one) => components[one].required)) {
      assert.ok(
        sent.every((headers) => headers.includes(header.toLowerCase())),
        `${name} without ${header}`,
      );
    }
  }
  const succeeded = answers.filter(({ status }) => status < 300).map(({ method, path }) => `${method} ${path}`);
  const all = Object.entries(paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method} ${path}`));
  assert.deepEqual(
    all.filter((name) => !succeeded.includes(name)),
    [],
  );
});

test('X-Request-Timeout is a parameter of the operations that read it, and of no other', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { http } = await startedApp(t, { JOB_SOURCES: 'file:///data/', JOBS_DIR: folder, JOB_WORKERS: '0' });
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { parameters = [] }] of Object.entries(operations)) {
      const request = http[method as 'get' | 'post' | 'delete'](path.replace('{model}', 'kl_div')).set('x-request-timeout', 'soon');
      const { body } = await (method === 'post' ? request.send({}) : request);
      const isDocumented = parameters.some(({ name }) => name === 'X-Request-Timeout');
      assert.equal(body.detail?.includes('X-Request-Timeout') ?? false, isDocumented, `${method} ${path}`);
    }
  }
});
