import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Budgets } from './compute/admission.ts';
import { type Workforce, workforce } from './compute/workforce.ts';
import type { Config } from './config.ts';
import { registerAccess } from './http/access.ts';
import { registerBatch } from './http/batch.ts';
import { registerBodies } from './http/body.ts';
import { answerClientError, registerConnect } from './http/client-error.ts';
import { registerCompression } from './http/compression.ts';
import { registerCors } from './http/cors.ts';
import { registerDocs } from './http/docs.ts';
import { type Drain, newDrain } from './http/drain.ts';
import { registerErrorHandler, sendError } from './http/errors.ts';
import { registerExpect } from './http/expect.ts';
import { registerHealth } from './http/health.ts';
import { registerInference } from './http/inference.ts';
import { isInference, sendInferenceError } from './http/inference-error.ts';
import { registerInfo } from './http/info.ts';
import { registerKlDivergence } from './http/kl-divergence.ts';
import { registerNotFound } from './http/not-found.ts';
import { registerOpenApi } from './http/openapi.ts';
import { registerProblemPages } from './http/problem-pages.ts';
import { followRequest, logController, registerRequestLog, requestId } from './http/request-log.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { watchReaders } from './http/slow-readers.ts';
import { registerUnambiguous } from './http/unambiguous.ts';

/** Small bodies that may be arriving at a time. */
const inlineSlots = 1024;

export type App = { readonly app: FastifyInstance; readonly drain: Drain; readonly workers: Workforce };

/** The service, ready to listen: every registration, in order. */
export async function buildApp(config: Config, logger: FastifyBaseLogger): Promise<App> {
  const drain = newDrain();
  const app = Fastify({
    loggerInstance: logger,
    logController,
    genReqId: requestId,
    // lines about a request name it themselves: a logger for each would cost as much as the line
    childLoggerFactory: (parent) => parent,
    bodyLimit: config.bodyLimit,
    trustProxy: config.trustedProxies ?? false,
    // nobody may hold a connection by sending slowly
    requestTimeout: config.requestTimeout,
    // longer than proxies keep idle connections, mostly 60 s: who closes first must not be the one who is sent the next request
    keepAliveTimeout: 72_000,
    // a request without Host is refused by registerUnambiguous, with a problem
    http: { headersTimeout: Math.min(10_000, config.requestTimeout), connectionsCheckingInterval: 1_000, requireHostHeader: false },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      followRequest(request, reply, drain);
      (isInference(request) ? sendInferenceError : sendError)(error, request, reply);
    },
  });

  // bodies are checked by schema/parse-request.ts, which knows pointers
  app.setValidatorCompiler(() => (value) => ({ value }));
  app.setSerializerCompiler(() => JSON.stringify);

  const workers = workforce({ threads: config.workers, heap: config.workerHeap }, budgetsOf(config), (error) =>
    logger.error({ err: error }, 'a worker was lost'),
  );
  app.addHook('onClose', () => workers.close());

  registerConnect(app);
  registerExpect(app);
  const endWatch = watchReaders(drain.answers);
  app.addHook('onClose', async () => endWatch());

  registerSecurityHeaders(app);
  registerRequestLog(app, drain);
  registerUnambiguous(app);
  await registerCors(app, config.corsOrigins);
  registerErrorHandler(app);
  await registerAccess(app, config);
  registerNotFound(app);
  await registerCompression(app);
  registerBodies(app);

  await registerOpenApi(app);
  await registerDocs(app);
  const service = { limits: config, workforce: workers, drain };
  registerKlDivergence(app, service);
  registerBatch(app, service);
  await registerInference(app, service);
  registerInfo(app, config);
  registerHealth(app, drain);
  await registerProblemPages(app);
  return { app, drain, workers };
}

/** Who waits for a thread is beside those whom the threads compute for. */
function budgetsOf({ workers, smallQueue, largeQueue, streams, bytesInFlight, elementsInFlight }: Config): Budgets {
  const slots = { inline: inlineSlots, small: 1 + smallQueue, large: workers + largeQueue, stream: streams };
  return { slots, bytes: bytesInFlight, elements: elementsInFlight };
}
