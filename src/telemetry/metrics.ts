import { Gauge, Counter as PromCounter, Registry } from 'prom-client';
import { type ProblemCode, problemCodes } from '../errors/problems.ts';
import type { Load } from '../pool/executor.ts';
import { type LaneName, laneNames, type PlacedLane, placedLanes } from '../pool/lanes.ts';
import { computeMs, type TaskName, type TaskResult, taskNames } from '../tasks/task.ts';
import { type WarningCode, warningCodes } from '../warnings/warnings.ts';
import { type Counter, counter, type Histogram, histogram } from './counters.ts';
import { watchLoop } from './event-loop-delay.ts';
import { lostLogLines } from './log-destination.ts';
import { processMetrics } from './process-metrics.ts';

/** Why the service rejected a request that it could answer at another time, or for another client. */
const refusalReasons = ['slots', 'bytes', 'elements', 'event_loop', 'quota', 'unauthenticated', 'draining'] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** A finished request: `method` and `route` from closed sets; `seconds` since it arrived; sizes in bytes on the wire, with headers. */
type Exchange = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly received: number;
  readonly sent: number;
};

/** The metrics of one app. */
export type Metrics = {
  readonly entered: () => void;
  readonly left: (exchange: Exchange) => void;
  /** Counts finished work, successful or not. */
  readonly worked: (lane: LaneName, task: TaskName, result: TaskResult) => void;
  readonly problem: (code: ProblemCode) => void;
  readonly refusal: (reason: RefusalReason) => void;
  /** Counts the warning codes of one answer, each of which comes once. */
  readonly warnings: (codes: readonly WarningCode[]) => void;
  readonly workerLost: () => void;
  /** Returns the text format of Prometheus, with media type `type`. The p99 of the event loop covers the time since the last call. */
  readonly text: () => Promise<string>;
  readonly type: string;
  readonly close: () => void;
};

/** How many shards of jobs wait and run, over all instances. */
type JobLoad = { readonly waiting: number; readonly running: number };

/** @param load and `jobs` are called at each scrape; `jobs` returns undefined where there are none */
export function newMetrics(load: () => Load, jobs: () => Promise<JobLoad> | undefined = () => undefined): Metrics {
  const registry = new Registry();
  const loop = watchLoop();
  const counts = registerCounters(registry);
  let inFlight = 0;

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const laneGauge = (name: string, help: string, read: (lane: Load['lanes'][PlacedLane]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers: [registry],
      collect() {
        const now = load().lanes;
        for (const lane of placedLanes) this.set({ lane }, read(now[lane]));
      },
    });
  gauge('kl_http_requests_in_flight', 'Requests without a response yet, including the scrape itself', () => inFlight);
  laneGauge('kl_queue_depth', 'Queued work, by lane', ({ waiting }) => waiting);
  laneGauge('kl_running', 'Running work, by lane', ({ running }) => running);
  gauge('kl_bytes_in_flight', 'Bytes of bodies that wait or are in work', () => load().bytes);
  gauge('kl_elements_in_flight', 'Elements of tensors that wait or are in work', () => load().elements);
  gauge('kl_event_loop_delay_p99_seconds', 'Delay of the event loop, 99th percentile since the last scrape', loop.p99);
  registerJobShards(registry, jobs);
  const restarts = new PromCounter({
    name: 'kl_worker_restarts_total',
    help: 'Worker threads that ended and were replaced',
    registers: [registry],
  });

  new PromCounter({
    name: 'kl_log_lines_lost_total',
    help: 'Log lines that standard output did not take',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(lostLogLines());
    },
  });

  return {
    entered: () => {
      inFlight++;
    },
    left: ({ method, route, status, seconds, received, sent }) => {
      inFlight--;
      counts.duration.observe(seconds, method, route, status);
      counts.requestSize.observe(received, route);
      counts.responseSize.observe(sent, route);
    },
    worked: (lane, task, { timings, answered }) => {
      counts.queueWait.observe((timings.queue ?? 0) / 1000, lane);
      counts.compute.observe(computeMs(timings) / 1000, task);
      if (answered !== undefined) counts.elements.add(answered.elements, task);
    },
    problem: (code) => counts.problems.add(1, code),
    refusal: (reason) => counts.refusals.add(1, reason),
    warnings: (codes) => {
      for (const code of codes) counts.warnings.add(1, code);
    },
    workerLost: () => restarts.inc(),
    text: async () => `${await registry.metrics()}\n${await processMetrics().metrics()}`,
    type: registry.contentType,
    close: loop.close,
  };
}

/** A gauge of what `jobs` tells; of nothing where there are no jobs, or their queue is out of reach. */
function registerJobShards(registry: Registry, jobs: () => Promise<JobLoad> | undefined): void {
  new Gauge({
    name: 'kl_job_shards',
    help: 'Shards of jobs over all instances, by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      const now = await jobs()?.catch(() => undefined);
      for (const [state, count] of Object.entries(now ?? {})) this.set({ state }, count);
    },
  });
}

const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const workSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, ...requestSeconds];
/** 256 bytes to 256 MiB. */
const sizes = Array.from({ length: 11 }, (_, power) => 256 * 4 ** power);

/** Registers the counters of requests. Labels with few values have all of them from the start, so that rates exist. */
function registerCounters(registry: Registry) {
  const known = (values: readonly string[]) => values.map((value) => [value]);
  const tallies = {
    duration: histogram(
      {
        name: 'kl_http_request_duration_seconds',
        help: 'Time from the headers of a request to the end of its response',
        labels: ['method', 'route', 'status'],
      },
      requestSeconds,
    ),
    requestSize: histogram(
      { name: 'kl_http_request_size_bytes', help: 'Size of requests on the wire: headers, framing and body', labels: ['route'] },
      sizes,
    ),
    responseSize: histogram(
      { name: 'kl_http_response_size_bytes', help: 'Size of responses on the wire: headers, framing and body', labels: ['route'] },
      sizes,
    ),
    queueWait: histogram(
      { name: 'kl_queue_wait_seconds', help: 'Time in the queue, by lane', labels: ['lane'] },
      workSeconds,
      known(laneNames),
    ),
    compute: histogram(
      { name: 'kl_compute_seconds', help: 'Time to parse, compute and encode, by task', labels: ['task'] },
      workSeconds,
      known(taskNames),
    ),
    elements: counter(
      { name: 'kl_elements_total', help: 'Elements of the tensors that were answered, by task', labels: ['task'] },
      known(taskNames),
    ),
    problems: counter(
      { name: 'kl_problems_total', help: 'Requests answered with a problem, by code', labels: ['code'] },
      known(problemCodes),
    ),
    refusals: counter(
      { name: 'kl_refusals_total', help: 'Requests rejected for a reason outside of the request, by reason', labels: ['reason'] },
      known(refusalReasons),
    ),
    warnings: counter({ name: 'kl_warnings_total', help: 'Responses with a warning, by code', labels: ['code'] }, known(warningCodes)),
  } as const satisfies Record<string, Counter | Histogram>;
  for (const { metric } of Object.values(tallies)) registry.registerMetric(metric);
  return tallies;
}
