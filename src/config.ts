import { z } from 'zod';
import { type Machine, machineHere } from './machine.ts';

const mebibyte = 2 ** 20;

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
 * milliseconds. What a container can do is less than what a large machine can.
 */
const settingsFor = ({ memory, heap, cores }: Machine) => ({
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'an address to listen on' }),
  port: integer(0, 65535, 3000),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .meta({ description: `one of ${logLevels.join(', ')}` }),
  // a body becomes one string, and V8's strings end there
  bodyLimit: integer(1, 2 ** 29 - 24, Math.min(64 * mebibyte, Math.floor(memory / 16))),
  maxElements: integer(1, 2 ** 27, Math.min(8 * mebibyte, Math.floor(memory / 128))),
  inlineLimit: integer(0, 2 ** 24, 2 ** 15),
  workers: integer(1, 64, Math.min(64, cores)),
  // of the heap that the process may have, or of half of a small container, a share for each thread and one for the event loop
  workerHeap: integer(
    32,
    2 ** 20,
    Math.floor(Math.max(Math.min(512 * mebibyte, memory / 8), Math.min(heap, memory / 2) / (cores + 1)) / mebibyte),
  ),
  smallQueue: integer(0, 2 ** 16, 64),
  largeQueue: integer(0, 2 ** 16, 16),
  streams: integer(0, 2 ** 16, 32),
  bytesInFlight: integer(0, Number.MAX_SAFE_INTEGER, Math.floor(memory / 5)),
  elementsInFlight: integer(0, Number.MAX_SAFE_INTEGER, 2 ** 27),
  requestTimeout: integer(100, 3_600_000, 20_000),
  shutdownDelay: integer(0, 5_000, 1_000),
});

type Settings = ReturnType<typeof settingsFor>;

export type Config = { readonly [Name in keyof Settings]: z.output<Settings[Name]> };

/** @throws Error whose message names every variable that is wrong, in one line */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env, machine = machineHere()): Config {
  const settings = settingsFor(machine);
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
