import type { AddressInfo } from 'node:net';
import { after, type TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type supertest from 'supertest';
import type { Parts } from '../src/app.ts';
import type { Kernel } from '../src/core/kernel.ts';
import { type Fault, RequestError } from '../src/errors/request-error.ts';
import { requestOf } from '../src/formats/json/read-request.ts';
import type { Codel } from '../src/pool/codel.ts';
import { divergencesContract } from '../src/schema/divergences.ts';
import { parseRequest } from '../src/schema/parse-request.ts';
import { answer } from '../src/tasks/json-response.ts';
import { solve } from '../src/tasks/solve/solve.ts';

/** The service in this process, closed when the test ends; `lines` holds what it logs. */
export async function startedApp(
  t: TestContext,
  env: Record<string, string> = {},
  prepare: (app: FastifyInstance) => void = () => {},
  parts: Parts = {},
) {
  const { close, ...started } = await newApp(env, prepare, parts);
  t.after(close);
  return started;
}

const shared = new Map<string, ReturnType<typeof listeningApp>>();
after(() => Promise.all([...shared.values()].map(async (app) => (await app).close())));

/** One service for all tests of a file that ask for these settings, closed after the last: for tests that look at nothing but answers. */
export function sharedApp(env: Record<string, string> = {}): ReturnType<typeof listeningApp> {
  const key = JSON.stringify({ ...oneThread, ...env });
  if (!shared.has(key)) shared.set(key, listeningApp(env));
  return shared.get(key) as ReturnType<typeof listeningApp>;
}

async function listeningApp(env: Record<string, string>) {
  const { app, http, workers, close } = await newApp(env);
  await app.listen({ port: 0, host: '127.0.0.1' });
  // the last test of a file is the last when nothing else is left to do
  app.server.unref();
  return { http, workers, port: (app.server.address() as AddressInfo).port, close };
}

/** To start a thread takes as long as some hundred requests: a test that needs several for large bodies says so. */
const oneThread = { WORKERS: '1' };

/** A test is client and service on one event loop: what keeps the client busy is no overload of the service. */
const patient: Codel = { endRead: () => {}, isLate: () => false };

async function newApp(env: Record<string, string>, prepare: (app: FastifyInstance) => void = () => {}, parts: Parts = {}) {
  // most tests of one function ask for no service, and need not wait until it is loaded
  const [{ buildApp }, { readConfig }, { pino }, { default: supertest }] = await Promise.all([
    import('../src/app.ts'),
    import('../src/config.ts'),
    import('pino'),
    import('supertest'),
  ]);
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: env.LOG_LEVEL ?? 'info', base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const { app, drain, jobs, workers } = await buildApp(readConfig({ ...oneThread, ...env }), logger, { codel: patient, ...parts });
  prepare(app);
  await app.ready();
  const close = () => {
    // a request that was left half sent would keep it open
    app.server.closeAllConnections();
    return app.close();
  };
  return { app, drain, jobs, workers, lines, http: supertest(app.server), close };
}

/** The service, but for its threads: they go wrong with requests whose id is a fault. */
export function faultyApp(t: TestContext, env?: Record<string, string>) {
  return startedApp(t, env, undefined, { script: new URL('./faults/faulty-worker.ts', import.meta.url) });
}

/** A request as a caller writes it, through envelope, tensors, core and warnings. */
export function ask(request: Record<string, unknown>, kernel?: Kernel) {
  return answer(solve(requestOf(parseRequest(request), 1_000_000), kernel && { kernel: { kernel } }));
}

/** The solution of a request for several divergences. */
export function askFamily(request: Record<string, unknown>) {
  return solve(requestOf(parseRequest(request, divergencesContract), 1_000_000));
}

/** What is wrong with a request that must be refused. */
export function faultsOf(run: () => unknown): readonly Fault[] {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return error.faults;
    throw error;
  }
  throw new Error('expected a refusal');
}

/** `CODE #/pointer` of each fault. */
export function faultPlaces(run: () => unknown): string[] {
  return faultsOf(run).map(({ code, pointer }) => `${code} ${pointer}`);
}

/** The numbers of a JSON tensor in any form, flat; the non-finite strings as numbers. */
export function numbersOf(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(numbersOf);
  if (typeof value !== 'object' || value === null) return [Number(value)];
  if ('base64' in value) return [...new Float64Array(new Uint8Array(Buffer.from(String(value.base64), 'base64')).buffer)];
  return numbersOf((value as { data: unknown }).data);
}

/** An answer with its numbers to nine digits: what two ways of computing it agree on. */
export function roughly(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value));
}

/** POSTs bytes as they are; by itself supertest writes a Buffer as JSON. */
export function postBytes(http: ReturnType<typeof supertest>, path: string, bytes: string | Buffer) {
  const asIs = ((body: unknown) => body) as (body: unknown) => string;
  return http.post(path).set('content-type', 'application/json').serialize(asIs).send(Buffer.from(bytes));
}

/** Keeps this thread busy for so many ms of CPU time. */
export function spend(ms: number): void {
  const began = process.threadCpuUsage();
  const used = () => {
    const { user, system } = process.threadCpuUsage(began);
    return (user + system) / 1000;
  };
  while (used() < ms);
}
