import './pool/keep-tick-shape.ts';
import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import packageJson from '../package.json' with { type: 'json' };
import { type App, buildApp } from './app.ts';
import { type Config, misspeltVariables, readConfig, wantsTraces } from './config.ts';
import { listen } from './http/connection/listen.ts';
import { withStartLock } from './http/connection/start-lock.ts';
import { collectGarbage } from './pool/collect-garbage.ts';
import { newLogger } from './telemetry/logger.ts';
import { loadTracer, type Tracer } from './telemetry/opentelemetry.ts';

const config = readConfigOrExit();

/** Longest time from the end of listening to the exit, whatever clients do: that of a request, and a second. */
const graceMs = config.requestTimeoutMs + 1_000;
const logger = newLogger(config.logLevel);
for (const misspelt of misspeltVariables()) logger.warn(misspelt, 'unknown setting ignored');
const service = await buildApp(config, logger, { tracer: await tracerOrExit() }).catch((error) => exit(messageOf(error)));

let stopListening = () => {};
let isClosing = false;

closeWithGrace(
  { delay: config.shutdownDelayMs + graceMs + 3_000, logger: { error: (message) => logger.error(message) } },
  async ({ signal, err }) => {
    isClosing = true;
    if (err !== undefined) logger.fatal({ err }, 'closing after an error');
    else logger.info({ signal }, 'closing');
    await close(service, signal === 'SIGTERM' ? config.shutdownDelayMs : 0);
  },
);

await orExit('cannot start the worker threads', service.workers.start());
// threads that start later find there what this one has compiled
flushCompileCache();
// what the start took for a moment would otherwise be kept: some 20 MB
collectGarbage({ shrinks: true });
if (!isClosing) {
  // on a terminal, `greet` takes the place of Fastify's log lines about listening
  if (process.stdout.isTTY) service.app.log.level = 'warn';
  const listening = withStartLock(config.port, () => listen(service.app, config.host, config.port));
  stopListening = (await orExit(`cannot listen on ${config.host}:${config.port}`, listening)) ?? stopListening;
  service.app.log.level = config.logLevel;
  if (process.stdout.isTTY && !isClosing) greet(service.app.listeningOrigin);
}

function greet(origin: string): void {
  process.stdout.write(`KL divergence is served at ${origin}, with its documentation at ${origin}/docs\n`);
}

/** Waits for a step of the start. A failure ends the process with a line that names the step, unless the service is closing already. */
async function orExit<T>(failure: string, step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    return isClosing ? undefined : exit(`${failure}: ${messageOf(error)}`);
  }
}

/**
 * Ends readiness at once, listens for another `delay` ms until clients have learned of it, and then answers the requests in flight. Shards
 * are given back meanwhile; a queue of jobs that hangs is left at the end of the grace.
 */
async function close({ app, drain, jobs }: App, delay: number): Promise<void> {
  drain.start();
  // other instances go on with its shards
  const stopped = jobs?.stop();
  await sleep(delay);
  const last = setTimeout(drain.endStreams, config.requestTimeoutMs);
  const deadline = sleep(graceMs, undefined, { ref: false });
  stopListening();
  await Promise.race([Promise.all([drain.idle(), stopped]), deadline]);
  clearTimeout(last);
  app.server.closeAllConnections();
  await app.close();
}

function readConfigOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    return exit(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function tracerOrExit(): Promise<Tracer | undefined> {
  if (!wantsTraces(config)) return undefined;
  try {
    return await loadTracer(packageJson, (complaint) => logger.warn({ complaint }, 'OpenTelemetry complained'));
  } catch (error) {
    return exit(messageOf(error));
  }
}

function exit(message: string): never {
  process.stderr.write(`kl-divergence-api: ${message}\n`);
  process.exit(1);
}
