import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { environment } from '../service-process.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const path = '/v1/kl-divergence';

type Attribute = { key: string; value: { stringValue?: string; intValue?: number; doubleValue?: number } };
type Span = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  events: { name: string; attributes: Attribute[] }[];
  status: { code?: number };
};
type Sent = { resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[] };

const valuesOf = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue ?? value.doubleValue)]));

/** A collector that keeps what it is sent. */
async function collector(t: TestContext) {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    sent.push((await json(request)) as Sent);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const spans = () =>
    sent.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  return { sent, spans, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function run(t: TestContext, env: Record<string, string>, flags: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...flags, new URL('../../src/server.ts', import.meta.url).pathname], {
    env: { ...environment, PORT: '0', SHUTDOWN_DELAY_MS: '0', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** The service as a process, because OpenTelemetry is one to a process: its address, its log, and its end, which flushes. */
async function started(t: TestContext, env: Record<string, string>, flags: readonly string[] = []) {
  const child = run(t, env, flags);
  const lines: Record<string, unknown>[] = [];
  const log = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`exited with ${code}`)));
    log.on('line', (line) => {
      lines.push(JSON.parse(line));
      const [, address] = /listening at (\S+)"/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
  const end = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    return (await ended)[0];
  };
  return { origin, lines, end };
}

const post = (origin: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(origin + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

test("a request is one span in its caller's trace: its attributes, its phases, its id on the answer and in the log; what a caller does not sample is not sent, and goes on in the caller's trace", async (t) => {
  const { spans, sent, url } = await collector(t);
  const { origin, lines, end } = await started(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const unsampled = await post(origin, { input: [1], target: [1] }, { traceparent: `00-${traceId}-${parentId}-00` });
  assert.match(unsampled.headers.get('traceparent') ?? '', new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
  const traced = { traceparent: `00-${traceId}-${parentId}-01`, tracestate: 'vendor=value' };
  const { headers } = await post(origin, { input: [1, 2], target: [2, 1] }, traced);
  assert.equal(await end(), 0);
  assert.equal(spans().length, 1);
  const [span] = spans();
  assert.deepEqual([span.traceId, span.parentSpanId, span.traceState], [traceId, parentId, 'vendor=value']);
  assert.equal(headers.get('traceparent'), `00-${traceId}-${span.spanId}-01`);
  assert.ok(lines.some(({ trace_id, span_id, parent_id }) => trace_id === traceId && span_id === span.spanId && parent_id === parentId));
  // kind 2 is a server's
  assert.deepEqual([span.name, span.kind], [`POST ${path}`, 2]);
  assert.deepEqual(valuesOf(span.attributes), {
    'http.request.method': 'POST',
    'url.path': path,
    'http.response.status_code': 200,
    'http.route': path,
    'kl.warnings': 2,
  });
  assert.deepEqual(
    span.events.map(({ name }) => name),
    ['receive', 'queue', 'parse', 'compute', 'encode'],
  );
  assert.equal(valuesOf(sent[0].resourceSpans[0].resource.attributes)['service.name'], 'kl-divergence-api');
});

test('a request without a traceparent begins a trace, a refused one names its problem, and OTEL_SERVICE_NAME names the service', async (t) => {
  const { spans, sent, url } = await collector(t);
  const { origin, end } = await started(t, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: 'ours' });
  const { headers } = await post(origin, { input: [1, 2], target: [2, 'x'] });
  await (await fetch(`${origin}/nowhere`)).text();
  assert.equal(await end(), 0);
  const [refused, unknown] = spans();
  assert.equal(refused.parentSpanId || undefined, undefined);
  assert.equal(headers.get('traceparent'), `00-${refused.traceId}-${refused.spanId}-01`);
  assert.equal(valuesOf(refused.attributes)['kl.problem'], 'NOT_A_NUMBER');
  assert.equal(unknown.name, 'GET');
  assert.ok(!('http.route' in valuesOf(unknown.attributes)));
  assert.equal(valuesOf(sent[0].resourceSpans[0].resource.attributes)['service.name'], 'ours');
});

test('a collector that cannot be reached disturbs no request, is told of in the log, and does not keep the process', async (t) => {
  const { origin, lines, end } = await started(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    OTEL_BSP_SCHEDULE_DELAY: '10',
  });
  for (let request = 0; request < 20; request++) assert.equal((await post(origin, { input: [1, 2], target: [2, 1] })).status, 200);
  while (!lines.some(({ msg, level }) => msg === 'OpenTelemetry complained' && level === 40)) await new Promise(setImmediate);
  assert.equal(await end(), 0);
});

/** Makes the package look as if it were not installed. */
const missing = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (name, context, next) => {
    if (name !== '@opentelemetry/sdk-node') return next(name, context);
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  } });`)}`;

test('where the package is missing and traces are asked for, the process says so in one line and exits with 1', async (t) => {
  const child = run(t, { OTEL_TRACES_EXPORTER: 'otlp' }, ['--import', missing]);
  const [complaint, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')]);
  assert.match(complaint, /^kl-divergence-api: .*@opentelemetry\/sdk-node.*\n$/);
  assert.equal(code, 1);
});

for (const [name, env] of Object.entries({
  'nothing asks for traces': {},
  'OTEL_SDK_DISABLED is true': { OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'true' },
} as Record<string, Record<string, string>>)) {
  test(`where ${name}, the package is not even looked for`, async (t) => {
    const { end } = await started(t, env, ['--import', missing]);
    assert.equal(await end(), 0);
  });
}
