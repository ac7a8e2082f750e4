import { setTimeout as sleep } from 'node:timers/promises';
import type { api as Api } from '@opentelemetry/sdk-node';
import type { Caller, Trace } from './trace-context.ts';

/** The facts of a request at its arrival. */
type Begun = {
  readonly method: string;
  readonly path: string;
  readonly caller: Caller | undefined;
  /** The header as it came; it counts only where the caller's `traceparent` does. */
  readonly tracestate: string | undefined;
};

/** How long each phase of a request took, in ms and in their order, and when the last was over, in ms since 1970. */
export type Phases = { readonly durations: Readonly<Record<string, number | undefined>>; readonly until: number };

/** The facts of a request at its end. */
type Ended = {
  readonly route: string | undefined;
  readonly status: number;
  readonly problem: string | undefined;
  readonly warnings: number;
  readonly phases: Phases | undefined;
};

type Span = Trace & { readonly end: (ended: Ended) => void };

/** Spans of requests, which go to a collector. */
export type Tracer = {
  /** Nothing where OpenTelemetry is told to make no spans. */
  readonly begin: (request: Begun) => Span | undefined;
  /** Sends the remaining spans, for at most 2 s. */
  readonly close: () => Promise<void>;
};

const flushTimeoutMs = 2_000;

type Version = { readonly name: string; readonly version: string };

/**
 * OpenTelemetry as the variables OTEL_* say, which its package reads itself. The package is optional: it is loaded here and nowhere else.
 * @param complain receives the messages of the exporter
 * @throws Error if the package is not installed
 */
export async function loadTracer({ name, version }: Version, complain: (message: string) => void): Promise<Tracer> {
  const { api, NodeSDK, resources } = await import('@opentelemetry/sdk-node').catch(() => {
    throw new Error('OTEL_* asks for traces, but the package @opentelemetry/sdk-node is not installed: npm ci without --omit=optional');
  });
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes({ 'service.name': name, 'service.version': version })),
    resourceDetectors: [resources.serviceInstanceIdDetector, resources.envDetector],
    // spans are made by hand, and nothing else: without these the package would send metrics and log records too
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  const ignore = () => {};
  // an error of the exporter is a JSON text with a stack in it
  const told = (message: string) => complain(message.slice(0, 300));
  api.diag.setLogger(
    { error: told, warn: told, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  sdk.start();
  return {
    begin: beginner(api, api.trace.getTracer(name, version)),
    close: () => Promise.race([sdk.shutdown().catch((error) => complain(String(error))), sleep(flushTimeoutMs, undefined, { ref: false })]),
  };
}

function beginner(api: typeof Api, tracer: Api.Tracer): Tracer['begin'] {
  return ({ method, path, caller, tracestate }) => {
    const span = tracer.startSpan(
      method,
      { kind: api.SpanKind.SERVER, attributes: { 'http.request.method': method, 'url.path': path } },
      contextOf(api, caller, tracestate),
    );
    const context = span.spanContext();
    // an exporter or sampler that is named wrongly leaves no span of ours
    if (!api.isSpanContextValid(context) || context.spanId === caller?.parentId) return undefined;
    const { traceId, spanId, traceFlags } = context;
    return {
      traceId,
      spanId,
      parentId: caller?.parentId,
      sampled: (traceFlags & api.TraceFlags.SAMPLED) !== 0,
      end: (ended) => {
        if (span.isRecording()) setAttributes(api, span, method, ended);
        span.end();
      },
    };
  };
}

function contextOf(api: typeof Api, caller: Caller | undefined, tracestate: string | undefined): Api.Context {
  if (caller === undefined) return api.ROOT_CONTEXT;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId: caller.traceId,
    spanId: caller.parentId,
    traceFlags: caller.sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: api.createTraceState(tracestate) }),
  });
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
function setAttributes(api: typeof Api, span: Api.Span, method: string, { route, status, problem, warnings, phases }: Ended): void {
  span.setAttribute('http.response.status_code', status);
  if (route !== undefined) {
    span.updateName(`${method} ${route}`);
    span.setAttribute('http.route', route);
  }
  if (problem !== undefined) span.setAttribute('kl.problem', problem);
  if (status >= 500) {
    span.setStatus({ code: api.SpanStatusCode.ERROR });
    span.setAttribute('error.type', problem ?? String(status));
  }
  if (phases === undefined) return;
  span.setAttribute('kl.warnings', warnings);
  const known = Object.entries(phases.durations).filter((phase): phase is [string, number] => phase[1] !== undefined);
  let from = phases.until - known.reduce((sum, [, duration]) => sum + duration, 0);
  // events rather than spans: most phases are shorter than a span takes to be made
  for (const [phase, duration] of known) {
    span.addEvent(phase, { 'kl.duration_ms': duration }, from);
    from += duration;
  }
}
