import { availableParallelism } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { z } from 'zod';

const integer = (lowest: number, highest: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= lowest && value <= highest)
    .default(fallback)
    .meta({ description: `an integer from ${lowest} to ${highest}` });

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1').meta({ description: 'an address to listen on' }),
  PORT: integer(0, 65535, 3000),
  LOG_LEVEL: z
    .enum(logLevels)
    .default('info')
    .meta({ description: `one of ${logLevels.join(', ')}` }),
  // a body becomes one string, and V8's strings end there
  BODY_LIMIT: integer(1, 2 ** 29 - 24, 64 * 2 ** 20),
  MAX_ELEMENTS: integer(1, 2 ** 27, 8 * 2 ** 20),
  INLINE_LIMIT: integer(0, 2 ** 24, 2 ** 15),
  WORKERS: integer(1, 64, availableParallelism()),
  WORKER_HEAP: integer(32, 2 ** 20, Math.max(512, Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20 / availableParallelism()))),
  SHUTDOWN_DELAY: integer(0, 5_000, 1_000),
});

/** Everything that can be set from outside. Sizes in bytes, but of heaps in MB; times in milliseconds. */
export type Config = {
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly bodyLimit: number;
  readonly maxElements: number;
  readonly inlineLimit: number;
  readonly workers: number;
  readonly workerHeap: number;
  readonly shutdownDelay: number;
};

/** @throws Error whose message names every variable that is wrong, in one line */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map(({ path }) => path[0] as keyof typeof environment.shape));
    throw new Error(
      [...names].map((name) => `${name} must be ${environment.shape[name].description}, not ${JSON.stringify(env[name])}`).join('; '),
    );
  }
  const { HOST, PORT, LOG_LEVEL, BODY_LIMIT, MAX_ELEMENTS, INLINE_LIMIT, WORKERS, WORKER_HEAP, SHUTDOWN_DELAY } = parsed.data;
  return {
    host: HOST,
    port: PORT,
    logLevel: LOG_LEVEL,
    bodyLimit: BODY_LIMIT,
    maxElements: MAX_ELEMENTS,
    inlineLimit: INLINE_LIMIT,
    workers: WORKERS,
    workerHeap: WORKER_HEAP,
    shutdownDelay: SHUTDOWN_DELAY,
  };
}
