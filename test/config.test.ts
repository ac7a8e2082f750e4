import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig, sourceSettings, wantsTraces } from '../src/config.ts';

const gibibyte = 2 ** 30;
const large = { memory: 16 * gibibyte, heap: 4 * gibibyte, cores: 3 };

test('an empty environment gives the documented defaults', () => {
  assert.deepEqual(readConfig({}, large), {
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
    bodyLimitBytes: 67_108_864,
    maxElements: 8_388_608,
    inlineLimitBytes: 32_768,
    workers: 3,
    workerHeapMb: 1024,
    smallQueue: 64,
    largeQueue: 16,
    streams: 32,
    bytesInFlight: 8 * gibibyte - 104 * 2 ** 20,
    elementsInFlight: 67_108_864,
    requestTimeoutMs: 20_000,
    shutdownDelayMs: 1_000,
    auth: undefined,
    apiKeysFile: undefined,
    apiKeysSecret: undefined,
    jwtJwksUrl: undefined,
    jwtIssuer: undefined,
    jwtAudience: undefined,
    jwtAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    quotaElements: undefined,
    quotaWindowSeconds: 60,
    redisUrl: undefined,
    corsOrigins: undefined,
    explorer: 'on',
    trustedProxies: undefined,
    jobSources: undefined,
    jobOutputs: undefined,
    jobs: 'local',
    jobsDir: 'jobs',
    jobsRedisUrl: undefined,
    jobWorkers: 3,
    jobRetentionSeconds: 604_800,
    jobPrivateNetworks: undefined,
    s3Endpoint: undefined,
    s3Region: 'us-east-1',
    awsAccessKeyId: undefined,
    awsSecretAccessKey: undefined,
    awsSessionToken: undefined,
    otelExporterOtlpEndpoint: '',
    otelTracesExporter: '',
    otelSdkDisabled: '',
  });
});

test('in a small container the defaults are what its memory allows', () => {
  const config = readConfig({}, { memory: gibibyte / 2, heap: gibibyte / 4, cores: 1 });
  const { bodyLimitBytes, maxElements, workerHeapMb, bytesInFlight, elementsInFlight } = config;
  assert.deepEqual(
    [bodyLimitBytes, maxElements, workerHeapMb, bytesInFlight, elementsInFlight],
    [33_554_432, 2_097_152, 128, 159_383_552, 2_097_152],
  );
});

test('a small container takes fewer streams at once, since each takes memory that is not counted', () => {
  const streams = (memory: number) => readConfig({}, { memory, heap: memory / 2, cores: 2 }).streams;
  assert.deepEqual([streams(gibibyte / 4), streams(gibibyte / 2), streams(16 * gibibyte)], [8, 16, 32]);
});

test('every variable is read', () => {
  const env = {
    HOST: '::1',
    PORT: '0',
    LOG_LEVEL: 'silent',
    BODY_LIMIT_BYTES: '1',
    MAX_ELEMENTS: '2',
    INLINE_LIMIT_BYTES: '3',
    WORKERS: '4',
    WORKER_HEAP_MB: '50',
    SMALL_QUEUE: '6',
    LARGE_QUEUE: '7',
    STREAMS: '8',
    BYTES_IN_FLIGHT: '9',
    ELEMENTS_IN_FLIGHT: '10',
    REQUEST_TIMEOUT_MS: '100',
    SHUTDOWN_DELAY_MS: '0',
    API_KEYS_FILE: '/keys.json',
    API_KEYS_SECRET: 's'.repeat(32),
    JWT_JWKS_URL: 'https://issuer.example/jwks',
    JWT_ISSUER: 'https://issuer.example',
    JWT_AUDIENCE: 'kl',
    JWT_ALGORITHMS: 'ES256, EdDSA',
    QUOTA_ELEMENTS: '1000',
    QUOTA_WINDOW_SECONDS: '10',
    REDIS_URL: 'rediss://:word@redis:6379/1',
    CORS_ORIGINS: 'https://a.example,http://localhost:8080',
    EXPLORER: 'off',
    TRUSTED_PROXIES: '10.0.0.0/8,::1',
    JOB_SOURCES: 's3://logits/{client}, file:///data',
    JOB_OUTPUTS: 's3://results/{client}/',
    JOBS: 'redis',
    JOBS_DIR: '/jobs',
    JOBS_REDIS_URL: 'redis://jobs:6379',
    JOB_WORKERS: '0',
    JOB_RETENTION_SECONDS: '3600',
    JOB_PRIVATE_NETWORKS: '10.1.0.0/16',
    S3_ENDPOINT: 'https://store.example:9000',
    S3_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'word',
    AWS_SESSION_TOKEN: 'token',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_SDK_DISABLED: 'false',
  };
  assert.deepEqual(readConfig(env), {
    host: '::1',
    port: 0,
    logLevel: 'silent',
    bodyLimitBytes: 1,
    maxElements: 2,
    inlineLimitBytes: 3,
    workers: 4,
    workerHeapMb: 50,
    smallQueue: 6,
    largeQueue: 7,
    streams: 8,
    bytesInFlight: 9,
    elementsInFlight: 10,
    requestTimeoutMs: 100,
    shutdownDelayMs: 0,
    auth: undefined,
    apiKeysFile: '/keys.json',
    apiKeysSecret: 's'.repeat(32),
    jwtJwksUrl: 'https://issuer.example/jwks',
    jwtIssuer: 'https://issuer.example',
    jwtAudience: 'kl',
    jwtAlgorithms: ['ES256', 'EdDSA'],
    quotaElements: 1000,
    quotaWindowSeconds: 10,
    redisUrl: 'rediss://:word@redis:6379/1',
    corsOrigins: ['https://a.example', 'http://localhost:8080'],
    explorer: 'off',
    trustedProxies: ['10.0.0.0/8', '::1'],
    jobSources: ['s3://logits/{client}', 'file:///data'],
    jobOutputs: ['s3://results/{client}/'],
    jobs: 'redis',
    jobsDir: '/jobs',
    jobsRedisUrl: 'redis://jobs:6379',
    jobWorkers: 0,
    jobRetentionSeconds: 3600,
    jobPrivateNetworks: ['10.1.0.0/16'],
    s3Endpoint: 'https://store.example:9000',
    s3Region: 'eu-central-1',
    awsAccessKeyId: 'id',
    awsSecretAccessKey: 'word',
    awsSessionToken: 'token',
    otelExporterOtlpEndpoint: 'http://collector:4318',
    otelTracesExporter: 'otlp',
    otelSdkDisabled: 'false',
  });
});

test('a bad value is named with what it must be, in one line for all of them', () => {
  const env = {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    BODY_LIMIT_BYTES: '64MB',
    MAX_ELEMENTS: '0',
    REQUEST_TIMEOUT_MS: '99',
    SHUTDOWN_DELAY_MS: '-1',
    HOST: '',
    INLINE_LIMIT_BYTES: '1k',
    WORKERS: '0',
    WORKER_HEAP_MB: '1',
  };
  assert.throws(
    () => readConfig(env),
    ({ message }: Error) => {
      assert.match(message, /PORT must be an integer from 0 to 65535, not "70000"/);
      for (const name of Object.keys(env)) assert.ok(message.includes(`${name} must be `), name);
      return !message.includes('\n');
    },
  );
});

const keys = { API_KEYS_FILE: 'keys.json', API_KEYS_SECRET: 's'.repeat(32) };
const tokens = { JWT_JWKS_URL: 'https://a.example/jwks', JWT_ISSUER: 'a', JWT_AUDIENCE: 'b' };

for (const [name, env, complaint] of [
  ['an address that others reach, with nobody asked', { HOST: '0.0.0.0' }, /^HOST is reachable from other machines: set .* or AUTH=none/],
  ['every address of IPv6 likewise', { HOST: '::' }, /^HOST is reachable/],
  ['a name that is not localhost likewise', { HOST: 'localhost.example' }, /^HOST is reachable/],
  ['AUTH with another value', { AUTH: 'off' }, /^AUTH must be none, or not set/],
  ['AUTH=none beside keys', { AUTH: 'none', ...keys }, /^AUTH must not be none/],
  ['AUTH=none beside tokens', { AUTH: 'none', ...tokens }, /^AUTH must not be none/],
  ['a file of keys without the secret', { API_KEYS_FILE: 'keys.json' }, /must be set together/],
  ['tokens without an audience', { ...tokens, JWT_AUDIENCE: undefined }, /must be set together/],
  ['a short secret', { ...keys, API_KEYS_SECRET: 'canary' }, /^API_KEYS_SECRET must be a text of 32 characters or more$/],
  ['a key server without TLS', { ...tokens, JWT_JWKS_URL: 'http://canary.example/jwks' }, /^JWT_JWKS_URL must be an https URL/],
  ['a symmetric algorithm', { ...tokens, JWT_ALGORITHMS: 'RS256,HS256' }, /^JWT_ALGORITHMS must be/],
  ['no algorithm', { ...tokens, JWT_ALGORITHMS: 'none' }, /^JWT_ALGORITHMS must be/],
  ['a Redis that is none', { QUOTA_ELEMENTS: '1', REDIS_URL: 'http://:canary@redis' }, /^REDIS_URL must be a redis or rediss URL$/],
  ['an origin with a path', { CORS_ORIGINS: 'https://a.example/' }, /^CORS_ORIGINS must be/],
  ['every origin and one more', { CORS_ORIGINS: '*,https://a.example' }, /^CORS_ORIGINS must be/],
  ['an explorer that is neither on nor off', { EXPLORER: 'yes' }, /^EXPLORER must be on or off, not "yes"/],
  ['a number of proxies', { TRUSTED_PROXIES: '1' }, /^TRUSTED_PROXIES must be/],
  ['proxies that are anybody', { TRUSTED_PROXIES: '0.0.0.0/0' }, /^TRUSTED_PROXIES must be/],
  ['a prefix with dots', { JOB_SOURCES: 'file:///data/../etc' }, /^JOB_SOURCES must be prefixes/],
  ['a path instead of a prefix', { JOB_SOURCES: '/data' }, /^JOB_SOURCES must be prefixes/],
  ['every source', { JOB_SOURCES: '*' }, /^JOB_SOURCES must be prefixes/],
  ['private networks that are everything', { JOB_PRIVATE_NETWORKS: '0.0.0.0/0' }, /^JOB_PRIVATE_NETWORKS must be/],
  ['outputs by HTTP', { JOB_OUTPUTS: 'https://data.example/' }, /^JOB_OUTPUTS must be prefixes of file: or s3:/],
  ['a prefix of s3: without a store', { JOB_SOURCES: 's3://logits' }, /^JOB_SOURCES and JOB_OUTPUTS with s3: need S3_ENDPOINT$/],
  ['a store without credentials', { S3_ENDPOINT: 'https://canary.example' }, /^S3_ENDPOINT needs AWS_ACCESS_KEY_ID and/],
  ['a store with a path', { S3_ENDPOINT: 'https://s3.example/a' }, /^S3_ENDPOINT must be an origin/],
  ['proxies that are true', { TRUSTED_PROXIES: 'true' }, /^TRUSTED_PROXIES must be/],
] as const) {
  test(`${name}: refused in one line that shows no secret`, () => {
    assert.throws(
      () => readConfig(env),
      ({ message }: Error) => complaint.test(message) && !/\n|canary/.test(message),
    );
  });
}

test('an address that others reach is taken with AUTH=none, with keys, or with tokens; a loopback one as it is', () => {
  for (const env of [{ AUTH: 'none' }, keys, tokens, { ...keys, ...tokens }]) readConfig({ HOST: '0.0.0.0', ...env });
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost']) readConfig({ HOST: host });
});
for (const [wanted, env] of [
  [false, {}],
  [true, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }],
  [true, { OTEL_TRACES_EXPORTER: 'console' }],
  [false, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }],
  [false, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'True' }],
] as const) {
  test(`traces are ${wanted ? '' : 'not '}wanted with ${JSON.stringify(env)}`, () => {
    assert.equal(wantsTraces(readConfig(env)), wanted);
  });
}

test('what jobs may read and write is what the settings say, and nothing without them', () => {
  const none = sourceSettings(readConfig({}));
  assert.deepEqual([none.prefixes, none.outputs, none.privateNetworks, none.s3], [[], [], [], undefined]);
  const store = { S3_ENDPOINT: 'https://s3.example', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'word' };
  const some = sourceSettings(
    readConfig({ JOB_SOURCES: 's3://logits', JOB_OUTPUTS: 's3://results', JOB_PRIVATE_NETWORKS: '::1', ...store }),
  );
  assert.deepEqual([some.prefixes, some.outputs, some.privateNetworks], [['s3://logits'], ['s3://results'], ['::1']]);
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = some.s3 ?? assert.fail();
  assert.deepEqual(
    [endpoint, region, accessKeyId, secretAccessKey, sessionToken],
    ['https://s3.example', 'us-east-1', 'id', 'word', undefined],
  );
});
