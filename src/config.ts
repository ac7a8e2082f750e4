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

/**
 * Everything that can be set from outside: `bodyLimit` by the variable BODY_LIMIT, and so on. Sizes in bytes, but of heaps in MB; times in
 * milliseconds.
 */
const settings = {
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'an address to listen on' }),
  port: integer(0, 65535, 3000),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .meta({ description: `one of ${logLevels.join(', ')}` }),
  // a body becomes one string, and V8's strings end there
  bodyLimit: integer(1, 2 ** 29 - 24, 64 * 2 ** 20),
  maxElements: integer(1, 2 ** 27, 8 * 2 ** 20),
  inlineLimit: integer(0, 2 ** 24, 2 ** 15),
  workers: integer(1, 64, availableParallelism()),
  workerHeap: integer(32, 2 ** 20, Math.max(512, Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20 / availableParallelism()))),
  shutdownDelay: integer(0, 5_000, 1_000),
};

type Settings = typeof settings;

export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]> };

/** @throws Error whose message names every variable that is wrong, in one line */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const names = Object.keys(settings) as (keyof Settings)[];
  const parsed = z.object(settings).safeParse(Object.fromEntries(names.map((name) => [name, env[variableOf(name)]])));
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0] as keyof Settings));
  throw new Error(
    [...wrong]
      .map((name) => `${variableOf(name)} must be ${settings[name].description}, not ${JSON.stringify(env[variableOf(name)])}`)
      .join('; '),
  );
}

/** `bodyLimit` is set by `BODY_LIMIT`. */
function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}
