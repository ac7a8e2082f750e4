import { endChild } from '../child.ts';
import { cpuSeconds } from '../proc.ts';
import { median, medians } from '../rounds.ts';
import { atLeast, type Row, ratioRows } from '../row.ts';
import { type Server, startOurs, withServers } from '../servers.ts';
import { compilePath, sendSmall } from '../small-requests.ts';

const withoutMetrics = ['--import', new URL('../servers/unmeasured.ts', import.meta.url).href];
const withoutLog = { LOG_LEVEL: 'silent' };

const neither = 'without metrics and log';
const both = 'with metrics and log';
const traced = 'with traces too';

/** The service with more or less of what it tells its operators, which sends its spans to `collector`. */
const ways: Record<string, (collector: string) => Promise<Server>> = {
  [neither]: () => startOurs(withoutMetrics, withoutLog),
  [both]: () => startOurs(),
  [traced]: (collector) => startOurs([], { OTEL_EXPORTER_OTLP_ENDPOINT: collector }),
};

/** What small requests pay for the log, the metrics and, where they are wanted, traces. */
export async function operating(say: (line: string) => void): Promise<Row[]> {
  return withServers(['receive'], {}, async ({ servers: [collector] }) => {
    const servers: Server[] = [];
    try {
      for (const [name, start] of Object.entries(ways)) servers.push({ ...(await start(collector.origin)), name });
      for (const server of servers) await compilePath(server);
      const microseconds: Record<string, number[]> = Object.fromEntries(servers.map(({ name }) => [name, []]));
      const measure = (server: Server) => requestsPerSecond(server, microseconds[server.name]);
      return rowsOf(await medians({ competitors: servers, warmUps: 1, rounds: 4, measure, say }), microseconds);
    } finally {
      await Promise.all(servers.map(({ child }) => endChild(child)));
    }
  });
}

function rowsOf(rates: Record<string, number>, microseconds: Record<string, number[]>): Row[] {
  const place = { group: 'operating', work: '5 × 2 as JSON, 32 at a time' };
  // the first of each is the warm-up
  const cpu = Object.fromEntries(Object.entries(microseconds).map(([name, of]) => [name, median(of.slice(1))]));
  const tracing = { over: traced, under: both };
  return [
    ...ratioRows({ ...place, unit: 'req/s', medians: rates }, [{ over: both, under: neither, required: atLeast(0.9) }, tracing]),
    ...ratioRows({ ...place, unit: 'us CPU', medians: cpu }, [{ over: both, under: neither }, tracing]),
  ];
}

async function requestsPerSecond({ name, origin, pid }: Server, microseconds: number[]): Promise<number> {
  const before = cpuSeconds(pid);
  const result = await sendSmall(origin, { duration: 0.5 });
  // beside other work on the machine, the exporter of traces may keep the event loop so long that some requests are refused
  if (result.errors + result['4xx'] > 0) throw new Error(`${name} failed ${result.errors + result['4xx']} requests`);
  microseconds.push((1e6 * (cpuSeconds(pid) - before)) / result['2xx']);
  return result['2xx'] / result.duration;
}
