import { isIP } from 'node:net';
import { z } from 'zod';
import { type Machine, machineHere } from './system-resources.ts';

const mebibyte = 2 ** 20;

const digits = (lowest: number, highest: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= lowest && value <= highest);

const between = (lowest: number, highest: number) => ({ description: `an integer from ${lowest} to ${highest}` });

const integer = (lowest: number, highest: number, fallback: number) =>
  digits(lowest, highest).default(fallback).meta(between(lowest, highest));

/** Several values, separated by commas. */
const list = (isAllowed: (one: string) => boolean) =>
  z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isAllowed));

const text = (description: string) => z.string().default('').meta({ description });

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

// with a symmetric one, whoever knows the public key could sign
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/**
 * Everything that can be set from outside: `bodyLimitBytes` by the variable BODY_LIMIT_BYTES, and so on. Sizes in bytes, but of heaps in MB; times in
 * milliseconds, but for windows of quotas in seconds. What a container can do is less than what a large machine can. A `secret` is not
 * repeated when it is wrong.
 */
const settingsFor = ({ memory, heap, cores }: Machine) => ({
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'an address to listen on' }),
  port: integer(0, 65535, 3000),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .meta({ description: `one of ${logLevels.join(', ')}` }),
  // a body becomes one string, and V8's strings end there
  bodyLimitBytes: integer(1, 2 ** 29 - 24, Math.min(64 * mebibyte, Math.floor(memory / 16))),
  // the dearest request, all reductions as JSON, takes 100 bytes for each element of a tensor
  maxElements: integer(1, 2 ** 27, Math.min(8 * mebibyte, Math.floor(memory / 256))),
  inlineLimitBytes: integer(0, 2 ** 24, 2 ** 15),
  workers: integer(1, 64, Math.min(64, cores)),
  // of the heap that the process may have, or of half of a small container, a share for each thread and one for the event loop
  workerHeapMb: integer(
    32,
    2 ** 20,
    Math.floor(Math.max(Math.min(512 * mebibyte, memory / 8), Math.min(heap, memory / 2) / (cores + 1)) / mebibyte),
  ),
  smallQueue: integer(0, 2 ** 16, 64),
  largeQueue: integer(0, 2 ** 16, 16),
  streams: integer(0, 2 ** 16, 32),
  bytesInFlight: integer(0, Number.MAX_SAFE_INTEGER, Math.floor(memory / 5)),
  elementsInFlight: integer(0, Number.MAX_SAFE_INTEGER, Math.min(2 ** 27, Math.floor(memory / 256))),
  requestTimeoutMs: integer(100, 3_600_000, 20_000),
  shutdownDelayMs: integer(0, 5_000, 1_000),
  auth: z.literal('none').optional().meta({ description: 'none, or not set' }),
  apiKeysFile: z.string().min(1).optional().meta({ description: 'the path of a file' }),
  apiKeysSecret: z.string().min(32).optional().meta({ description: 'a text of 32 characters or more', secret: true }),
  jwtJwksUrl: z.string().refine(isJwksUrl).optional().meta({ description: 'an https URL, or an http one on loopback', secret: true }),
  jwtIssuer: z.string().min(1).optional().meta({ description: 'the iss of tokens' }),
  jwtAudience: z.string().min(1).optional().meta({ description: 'the aud of tokens' }),
  jwtAlgorithms: list((one) => algorithms.includes(one))
    .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .meta({ description: `some of ${algorithms.join(', ')}` }),
  quotaElements: digits(1, 1e12).optional().meta(between(1, 1e12)),
  quotaWindowSeconds: integer(1, 86_400, 60),
  redisUrl: z
    .string()
    .refine((url) => /^rediss?:\/\//.test(url) && URL.canParse(url))
    .optional()
    .meta({ description: 'a redis or rediss URL', secret: true }),
  corsOrigins: list((one) => one === '*' || isOrigin(one))
    .refine((all) => all.length === 1 || !all.includes('*'))
    .optional()
    .meta({ description: 'origins such as https://example.org, or * alone' }),
  trustedProxies: list(isNetwork).optional().meta({ description: 'addresses or networks such as 10.0.0.0/8' }),
  // OpenTelemetry's own, which its package reads too: here they only tell whether it is wanted
  otelExporterOtlpEndpoint: text('the URL of a collector'),
  otelTracesExporter: text('names of exporters'),
  otelSdkDisabled: text('true or false'),
});

type Settings = ReturnType<typeof settingsFor>;

type Name = keyof Settings;

export type Config = { readonly [Key in Name]: z.output<Settings[Key]> };

/** What settings may not be together, and what there is to do about it. */
const contradictions: readonly { readonly when: (config: Config) => boolean; readonly say: string }[] = [
  {
    when: ({ apiKeysFile, apiKeysSecret }) => (apiKeysFile === undefined) !== (apiKeysSecret === undefined),
    say: 'API_KEYS_FILE and API_KEYS_SECRET must be set together',
  },
  {
    when: ({ jwtJwksUrl, jwtIssuer, jwtAudience }) =>
      new Set([jwtJwksUrl, jwtIssuer, jwtAudience].map((one) => one === undefined)).size > 1,
    say: 'JWT_JWKS_URL, JWT_ISSUER and JWT_AUDIENCE must be set together',
  },
  { when: (config) => config.auth === 'none' && asksWho(config), say: 'AUTH must not be none where API keys or JWT are configured' },
  {
    when: (config) => !isLoopback(config.host) && config.auth === undefined && !asksWho(config),
    say: 'HOST is reachable from other machines: set API_KEYS_FILE and API_KEYS_SECRET, or JWT_JWKS_URL, JWT_ISSUER and JWT_AUDIENCE, or AUTH=none if anybody may call',
  },
];

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error whose message names every variable that is wrong, in one line */
export function readConfig(env: Environment = process.env, machine = machineHere()): Config {
  const settings = settingsFor(machine);
  const config = read(settings, Object.keys(settings) as Name[], env) as Config;
  const wrong = contradictions.filter(({ when }) => when(config));
  if (wrong.length > 0) throw new Error(wrong.map(({ say }) => say).join('; '));
  return config;
}

/** What the program that makes keys needs to know. @throws Error as `readConfig` */
export function readKeySettings(env: Environment = process.env): Pick<Config, 'apiKeysFile' | 'apiKeysSecret'> {
  return read(settingsFor(machineHere()), ['apiKeysFile', 'apiKeysSecret'], env);
}

function read<Some extends Name>(settings: Settings, names: readonly Some[], env: Environment): Pick<Config, Some> {
  const rows = Object.fromEntries(names.map((name) => [name, settings[name]]));
  const parsed = z.object(rows).safeParse(Object.fromEntries(names.map((name) => [name, env[variableOf(name)]])));
  if (parsed.success) return parsed.data as Pick<Config, Some>;
  const wrong = new Set(parsed.error.issues.map(({ path }) => path[0] as Some));
  throw new Error([...wrong].map((name) => complaint(settings[name], variableOf(name), env)).join('; '));
}

function complaint(setting: Settings[Name], variable: string, env: Environment): string {
  const must = `${variable} must be ${setting.description}`;
  return setting.meta()?.secret === true ? must : `${must}, not ${JSON.stringify(env[variable])}`;
}

/** Whether the environment asks for traces, in the words of OpenTelemetry. */
export function wantsTraces({ otelExporterOtlpEndpoint, otelTracesExporter, otelSdkDisabled }: Config): boolean {
  if (otelSdkDisabled.toLowerCase() === 'true' || otelTracesExporter === 'none') return false;
  return otelExporterOtlpEndpoint !== '' || otelTracesExporter !== '';
}

/** `bodyLimitBytes` is set by `BODY_LIMIT_BYTES`. */
function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}

function asksWho({ apiKeysFile, jwtJwksUrl }: Config): boolean {
  return apiKeysFile !== undefined || jwtJwksUrl !== undefined;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}

function isJwksUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

// a network of every address would be a proxy that anybody can claim to be
function isNetwork(text: string): boolean {
  const [address, bits, ...more] = text.split('/');
  const length = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return length > 0 && more.length === 0 && (bits === undefined || (/^[1-9]\d*$/.test(bits) && Number(bits) <= length));
}
