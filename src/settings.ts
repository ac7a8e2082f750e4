import { z } from 'zod';
import { jobSettingRows } from './job-settings.ts';
import { between, digits, integer, isNetwork, isOrigin, isRedisUrl, list } from './setting-kinds.ts';
import type { Machine } from './system-resources.ts';

const mebibyte = 2 ** 20;

/** What the process takes with all of its threads, on two cores, before its first large body. */
const ownBytes = 208 * mebibyte;

const text = (description: string) => z.string().default('').meta({ description });

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

// a symmetric one would let everyone sign who knows the public key
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/**
 * Everything that can be set from outside: `bodyLimitBytes` by the variable BODY_LIMIT_BYTES, and so on. Sizes in bytes, but of heaps in
 * MB; times in milliseconds, but for windows of quotas and the retention of jobs in seconds. What a container can do is less than what a
 * large machine can. A `secret` is not repeated when it is wrong. `effect` and `defaultInWords` are for docs/configuration.md (npm run
 * docs).
 */
export const settingsFor = ({ memory, heap, cores }: Machine) => ({
  host: z.string().min(1).default('127.0.0.1').meta({
    description: 'an address to listen on, or a name',
    effect:
      'Sets the address to listen on, or a name, on all of whose addresses the service listens; other than loopback needs authentication or `AUTH=none`.',
  }),
  port: integer(0, 65535, 3000).meta({ effect: 'Sets the port to listen on; 0 takes a free one.' }),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .meta({ description: `one of ${logLevels.join(', ')}`, effect: 'Leaves out log lines below this level.' }),
  // a body becomes one string, and V8's strings end there
  bodyLimitBytes: integer(1, 2 ** 29 - 24, Math.min(64 * mebibyte, Math.floor(memory / 16))).meta({
    effect: 'Limits a body, or a line of a stream, in bytes.',
    defaultInWords: '67108864 (64 MiB), or a sixteenth of the memory if that is less',
  }),
  // the most expensive request, all reductions as JSON, takes up to 90 bytes for each element of a tensor
  maxElements: integer(1, 2 ** 27, Math.min(8 * mebibyte, Math.floor(memory / 256))).meta({
    effect: 'Limits the elements of a tensor.',
    defaultInWords: '8388608 (8 Mi), or one for every 256 bytes of memory if that is less',
  }),
  inlineLimitBytes: integer(0, 2 ** 24, 2 ** 15).meta({
    effect: 'Bodies of up to this many bytes that need little work are computed on the event loop, others in a worker thread.',
  }),
  // each takes some 25 MB before its first body
  workers: integer(1, 64, Math.max(1, Math.min(64, cores, Math.floor(memory / (128 * mebibyte)) - 1))).meta({
    effect:
      'Sets how many bodies of 1 MiB and more are computed at a time, each in a thread; there is one thread more, for smaller ones. Threads start when they are needed.',
    defaultInWords:
      'the cores, or the processor share of the container rounded up; 64 at most, and one less than there are 128 MiB of memory',
  }),
  // of the heap that the process may have, or of half of a small container, a share for each thread and one for the event loop
  workerHeapMb: integer(
    32,
    2 ** 20,
    Math.floor(Math.max(Math.min(512 * mebibyte, memory / 8), Math.min(heap, memory / 2) / (cores + 1)) / mebibyte),
  ).meta({
    effect: 'Limits the heap of a thread in MiB; a body whose JSON would need more is rejected.',
    defaultInWords:
      'the heap of the process (at most half of the memory) divided by the cores and one; at least 512, or an eighth of the memory if that is less',
  }),
  smallQueue: integer(0, 2 ** 16, 64).meta({ effect: 'Limits the bodies of less than 1 MiB that wait for a thread.' }),
  largeQueue: integer(0, 2 ** 16, 16).meta({ effect: 'Limits the bodies of 1 MiB and more that wait for a thread.' }),
  // what has come of each and waits for its turn takes up to 320 KiB beside what is counted
  streams: integer(0, 2 ** 16, Math.min(32, Math.floor(memory / (32 * mebibyte)))).meta({
    effect: 'Limits the streams that are open at the same time.',
    defaultInWords: '32, or one for every 32 MiB of memory if that is less',
  }),
  // half of what the process leaves that has answered nothing yet; the heaps and what a client takes slowly need the rest
  bytesInFlight: integer(0, Number.MAX_SAFE_INTEGER, Math.floor(Math.max(memory / 8, (memory - ownBytes) / 2))).meta({
    effect: 'Limits the memory in bytes that bodies for threads, their computation and longer answers take together.',
    defaultInWords: 'half of the memory beyond 208 MiB; at least an eighth of the memory',
  }),
  elementsInFlight: integer(0, Number.MAX_SAFE_INTEGER, Math.min(2 ** 27, Math.floor(memory / 256))).meta({
    effect: 'Limits the numbers that bodies for threads hold together; two bytes count as one number.',
    defaultInWords: '134217728 (128 Mi), or one for every 256 bytes of memory if that is less',
  }),
  requestTimeoutMs: integer(100, 3_600_000, 20_000).meta({
    effect: 'Limits the time in milliseconds from the arrival of a request to its answer; streams are exempt.',
  }),
  shutdownDelayMs: integer(0, 5_000, 1_000).meta({
    effect: 'Sets the time in milliseconds between SIGTERM, when readiness ends, and the end of listening.',
  }),
  auth: z
    .literal('none')
    .optional()
    .meta({ description: 'none, or not set', effect: 'The value `none` lets every client call, at any address.' }),
  apiKeysFile: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'the path of a file', effect: 'Names the file with the digests of API keys.' }),
  apiKeysSecret: z
    .string()
    .min(32)
    .optional()
    .meta({ description: 'a text of 32 characters or more', secret: true, effect: 'Sets the secret of the digests of API keys.' }),
  jwtJwksUrl: z
    .string()
    .refine(isJwksUrl)
    .optional()
    .meta({ description: 'an https URL, or an http one on loopback', secret: true, effect: 'Names the key set that verifies tokens.' }),
  jwtIssuer: z.string().min(1).optional().meta({ description: 'the iss of tokens', effect: 'Sets the `iss` that a token must have.' }),
  jwtAudience: z.string().min(1).optional().meta({ description: 'the aud of tokens', effect: 'Sets the `aud` that a token must have.' }),
  jwtAlgorithms: list((one) => algorithms.includes(one))
    .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .meta({ description: `some of ${algorithms.join(', ')}`, effect: 'Lists the signature algorithms that are accepted in tokens.' }),
  quotaElements: digits(1, 1e12)
    .optional()
    .meta(between(1, 1e12))
    .meta({ effect: 'Limits the elements that a client may have computed in a window; without it there is no quota.' }),
  quotaWindowSeconds: integer(1, 86_400, 60).meta({ effect: 'Sets the length of the quota window in seconds.' }),
  redisUrl: z
    .string()
    .refine(isRedisUrl)
    .optional()
    .meta({ description: 'a redis or rediss URL', secret: true, effect: 'Names the Redis that replicas share to count quotas together.' }),
  corsOrigins: list((one) => one === '*' || isOrigin(one))
    .refine((all) => all.length === 1 || !all.includes('*'))
    .optional()
    .meta({
      description: 'origins such as https://example.org, or * alone',
      effect: 'Lists the origins of pages that may call from a browser.',
    }),
  explorer: z
    .enum(['on', 'off'])
    .default('on')
    .meta({ description: 'on or off', effect: 'The value `off` ends the explorer: `/` then leads to Swagger UI.' }),
  trustedProxies: list(isNetwork)
    .optional()
    .meta({ description: 'addresses or networks such as 10.0.0.0/8', effect: 'Lists the proxies whose `X-Forwarded-For` is believed.' }),
  ...jobSettingRows(cores),
  // OpenTelemetry's own, which its package reads too: here they only tell whether it is wanted
  otelExporterOtlpEndpoint: text('the URL of a collector').meta({ effect: 'Turns traces on and names the collector that receives them.' }),
  otelTracesExporter: text('names of exporters').meta({ effect: 'Turns traces on and selects exporters; `none` turns them off.' }),
  otelSdkDisabled: text('true or false').meta({ effect: 'The value `true` turns traces off.' }),
});

/** Whether a host is reachable from its own machine only. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}

function isJwksUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
