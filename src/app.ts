import { maxHeaderSize } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import packageJson from '../package.json' with { type: 'json' };
import { type Config, sourceSettings } from './config.ts';
import { answerClientError, registerConnect } from './http/connection/client-error.ts';
import { createDrain, type Drain } from './http/connection/drain.ts';
import { registerExpect } from './http/connection/expect-continue.ts';
import { watchSlowClients } from './http/connection/slow-clients.ts';
import { withoutRoute } from './http/headers/request-path.ts';
import { registerAuth } from './http/hooks/auth.ts';
import { registerBodies } from './http/hooks/content-type.ts';
import { registerCors } from './http/hooks/cors.ts';
import { registerDecompression } from './http/hooks/decompression.ts';
import { registerErrorHandler } from './http/hooks/error-handler.ts';
import { registerShedding } from './http/hooks/load-shedding.ts';
import { registerNotFound } from './http/hooks/not-found.ts';
import { logController, registerRequestLog, requestId } from './http/hooks/request-log.ts';
import { registerSmugglingGuard } from './http/hooks/request-smuggling.ts';
import { registerSecurityHeaders } from './http/hooks/security-headers.ts';
import { registerBatch } from './http/routes/batch.ts';
import { registerDivergences } from './http/routes/divergences.ts';
import { registerDocs } from './http/routes/docs.ts';
import { registerExplorer } from './http/routes/explorer.ts';
import { registerHealth } from './http/routes/health.ts';
import { registerInference } from './http/routes/inference.ts';
import { registerInfo } from './http/routes/info.ts';
import { registerJobs } from './http/routes/jobs.ts';
import { registerKlDivergence } from './http/routes/kl-divergence.ts';
import { registerMetrics } from './http/routes/metrics.ts';
import { registerOpenApi } from './http/routes/openapi.ts';
import { registerProblemPages } from './http/routes/problem-pages.ts';
import { createJobs } from './jobs/instance/create-jobs.ts';
import type { Jobs } from './jobs/instance/instance.ts';
import type { Codel } from './pool/codel.ts';
import { createExecutor, type Executor } from './pool/executor.ts';
import type { Budgets } from './pool/ledger.ts';
import { instrumentExecutor } from './telemetry/instrument-executor.ts';
import { newMetrics } from './telemetry/metrics.ts';
import type { Tracer } from './telemetry/opentelemetry.ts';

export type App = { readonly app: FastifyInstance; readonly drain: Drain; readonly workers: Executor; readonly jobs: Jobs | undefined };

/** Optional parts of a service. */
export type Parts = {
  readonly tracer?: Tracer | undefined;
  /** Another script for its threads. */
  readonly script?: URL | undefined;
  /** Another judge of whether its event loop is late. */
  readonly codel?: Codel;
  /** Another plugin behind `app.swagger()`. */
  readonly describe?: typeof registerOpenApi;
};

/** The service, ready to listen: every registration, in order. */
export async function buildApp(
  config: Config,
  logger: FastifyBaseLogger,
  { tracer, script, codel, describe = registerOpenApi }: Parts = {},
): Promise<App> {
  const drain = createDrain();
  const metrics = newMetrics(
    () => workers.load(),
    () => jobs?.load(),
  );
  const watch = { drain, metrics, tracer };
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController,
    schemaController,
    genReqId: requestId,
    // lines about a request name it themselves: a logger for each would cost as much as the line
    childLoggerFactory: (parent) => parent,
    bodyLimit: config.bodyLimitBytes,
    trustProxy: config.trustedProxies ?? false,
    // a client may not hold a connection by sending slowly
    requestTimeout: config.requestTimeoutMs,
    // longer than the 60 s for which most proxies keep idle connections: a proxy must not send a request to a connection that closes here
    keepAliveTimeout: 72_000,
    // a request without Host is refused by registerSmugglingGuard, with a problem
    http: { headersTimeout: Math.min(10_000, config.requestTimeoutMs), connectionsCheckingInterval: 1_000, requireHostHeader: false },
    clientErrorHandler: (error, socket) => answerClientError({ log: logger, metrics }, error, socket),
    // the router refuses no parameter for its length, which the limit on headers bounds: a route says that it does not find it
    routerOptions: { maxParamLength: maxHeaderSize },
    // what the router refuses passes the same hooks as everything else
    frameworkErrors: (_error, { raw: request }, { raw: response }) => app.routing(withoutRoute(request), response),
  });

  const pool = { threads: config.workers, heapMb: config.workerHeapMb, script };
  const onLoss = (error: Error) => {
    metrics.workerLost();
    logger.warn({ err: error }, 'worker lost and replaced');
  };
  const workers = createExecutor(pool, budgetsOf(config), onLoss, codel);
  app.addHook('onClose', () => workers.close());
  const version = packageJson.version;
  const jobs = await createJobs({ ...config, sources: sourceSettings(config), version }, (error) =>
    logger.warn({ err: error }, 'error in jobs'),
  );
  app.addHook('onClose', async () => jobs?.close());
  if (tracer !== undefined) app.addHook('onClose', () => tracer.close());

  registerConnect(app, metrics);
  registerExpect(app);
  const endWatch = watchSlowClients(drain.answers);
  app.addHook('onClose', async () => endWatch());

  registerShedding(app, workers.isOverloaded, watch, config.corsOrigins);
  registerSecurityHeaders(app);
  registerRequestLog(app, watch);
  registerSmugglingGuard(app);
  await registerCors(app, config.corsOrigins);
  registerErrorHandler(app);
  await registerAuth(app, config);
  registerNotFound(app);
  registerDecompression(app);
  registerBodies(app);

  await describe(app);
  await registerDocs(app);
  await registerExplorer(app, config);
  const service = { limits: config, executor: instrumentExecutor(workers, metrics), drain };
  registerKlDivergence(app, service);
  registerBatch(app, service);
  registerDivergences(app, service);
  await registerInference(app, service);
  registerJobs(app, jobs?.service, drain);
  registerInfo(app, config);
  registerHealth(app, drain);
  registerMetrics(app, metrics);
  await registerProblemPages(app);
  return { app, drain, workers, jobs };
}

/** Bodies are checked by schema/parse-request.ts, which knows pointers. Given here, Fastify loads no compilers of its own. */
const schemaController = {
  compilersFactory: { buildValidator: () => () => () => true, buildSerializer: () => () => JSON.stringify },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/** Returns the budgets of admission. A lane holds the requests that threads compute, and the queue behind them. */
function budgetsOf({ workers, smallQueue, largeQueue, streams, bytesInFlight, elementsInFlight }: Config): Budgets {
  const slots = { small: 1 + smallQueue, large: workers + largeQueue, stream: streams };
  return { slots, bytes: bytesInFlight, elements: elementsInFlight };
}
