import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { ProblemCode } from '../../errors/problems.ts';
import type { ItemCounts } from '../../tasks/task.ts';
import type { Metrics, RefusalReason } from '../../telemetry/metrics.ts';
import type { Phases, Tracer } from '../../telemetry/opentelemetry.ts';
import { readTraceparent, traceparentOf, unrecorded } from '../../telemetry/trace-context.ts';
import type { WarningCode } from '../../warnings/warnings.ts';
import type { Drain } from '../connection/drain.ts';
import { wasUnread } from '../connection/slow-clients.ts';
import { socketBytes } from '../connection/socket-bytes.ts';
import { pathOf } from '../headers/request-path.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyRequest {
    /** Facts of an answer for the log: elements, warnings and the counts of its items. Never a number of a tensor. */
    computed: ({ readonly elements: number; readonly warnings: readonly WarningCode[] } & Partial<ItemCounts>) | undefined;
    problem: ProblemCode | undefined;
    /** The reason to reject a request that could be answered at another time, or for another client. */
    refusal: RefusalReason | undefined;
    /** The times of its phases. */
    phases: Phases | undefined;
  }
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** Whether machines poll the route every few seconds. Its successes are logged at level `debug`. */
    readonly quiet?: boolean;
  }
}

/** The observers of every request. */
export type Watch = { readonly drain: Drain; readonly metrics: Metrics; readonly tracer: Tracer | undefined };

/** Turns off the two lines that Fastify logs per request; `registerRequestLog` writes one. */
export const logController = new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' });

/** Logs one line per request when it ends, and sends its id. Reports its start and end to the drain, the metrics and the tracer. */
export function registerRequestLog(app: FastifyInstance, watch: Watch): void {
  app.decorateRequest('computed', undefined);
  app.decorateRequest('problem', undefined);
  app.decorateRequest('refusal', undefined);
  app.decorateRequest('phases', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    followRequest(request, reply, watch);
    done();
  });
}

/** Follows a request until `close`, which also comes if the client disconnects. */
function followRequest(request: FastifyRequest, reply: FastifyReply, { drain, metrics, tracer }: Watch): void {
  reply.header('x-request-id', request.id);
  const caller = readTraceparent(request.headers.traceparent);
  const span = tracer?.begin({ method: methodOf(request), path: pathOf(request), caller, tracestate: tracestateOf(request) });
  const trace = span ?? unrecorded(caller);
  if (trace !== undefined) reply.header('traceparent', traceparentOf(trace));
  const leave = drain.enter(reply.raw);
  metrics.entered();
  reply.raw.once('close', () => {
    leave();
    // 499 as in nginx: the client disconnected before it got a status
    const status = reply.raw.headersSent ? reply.statusCode : 499;
    // `url` is undefined if no route matches
    const { url: route, config } = request.routeOptions;
    count(request, reply, metrics, { route, status });
    span?.end({ route, status, problem: request.problem, warnings: request.computed?.warnings.length ?? 0, phases: request.phases });
    // members that are undefined do not stand in the line
    const line = {
      request_id: request.id,
      method: request.method,
      path: pathOf(request),
      client: request.client,
      status,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      ...request.computed,
      problem: request.problem,
      trace_id: trace?.traceId,
      span_id: trace?.spanId,
      parent_id: trace?.parentId,
    };
    const level = config.quiet === true && status < 400 ? 'debug' : 'info';
    request.log[level](line, endOf(reply.raw));
  });
}

function count(
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics,
  { route = 'unmatched', status }: { route: string | undefined; status: number },
) {
  metrics.left({ method: methodOf(request), route, status, seconds: reply.elapsedTime / 1000, ...socketBytes(request.raw.socket) });
  if (request.problem !== undefined) metrics.problem(request.problem);
  if (request.refusal !== undefined) metrics.refusal(request.refusal);
  if (request.computed !== undefined) metrics.warnings(request.computed.warnings);
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Returns `other` for unknown methods: clients can invent any number of them, and each would be a label. */
function methodOf({ method }: FastifyRequest): string {
  return methods.has(method) ? method : 'other';
}

function endOf(response: ServerResponse): string {
  if (response.writableFinished) return 'request answered';
  return wasUnread(response) ? 'client did not read its answer' : 'client disconnected';
}

function tracestateOf({ headers: { tracestate } }: FastifyRequest): string | undefined {
  return typeof tracestate === 'string' ? tracestate : undefined;
}

/** Returns the caller's X-Request-Id if it is safe to log, else a new UUID. */
export function requestId({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
