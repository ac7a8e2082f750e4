import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingRows } from '../src/config.ts';
import { misspeltSettings } from '../src/misspelt-settings.ts';
import { started } from './service-process.ts';

const settings = settingRows({ memory: 2 ** 34, heap: 2 ** 32, cores: 2 }).map(({ variable }) => variable);

const misspelt = (names: readonly string[]) => misspeltSettings(Object.fromEntries(names.map((name) => [name, 'x'])), settings);

for (const [variable, meant] of [
  ['LARGE_QEUE', 'LARGE_QUEUE'],
  ['JOB_SOURCE', 'JOB_SOURCES'],
  ['API_KEY_FILE', 'API_KEYS_FILE'],
  ['REDIS_URI', 'REDIS_URL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['log_level', 'LOG_LEVEL'],
  // names of earlier versions
  ['JOB_RETENTION_S', 'JOB_RETENTION_SECONDS'],
  ['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT_MS'],
  ['QUOTA_WINDOW', 'QUOTA_WINDOW_SECONDS'],
  ['WORKER_HEAP', 'WORKER_HEAP_MB'],
  ['BODY_LIMIT', 'BODY_LIMIT_BYTES'],
] as const) {
  test(`${variable} is near to ${meant}`, () => {
    assert.deepEqual(misspelt([variable]), [{ variable, meant }]);
  });
}

test('a setting that is set itself is not what another variable meant', () => {
  assert.deepEqual(misspelt(['REDIS_URI', 'REDIS_URL']), []);
});

const foreign = {
  'of shells and systemd':
    'PATH HOME USER LOGNAME SHELL SHLVL PWD OLDPWD TERM LANG LANGUAGE LC_ALL TZ HOSTNAME HOSTTYPE HOST_IP HOSTS PORTS HTTP_PORT MAIL EDITOR TMPDIR ' +
    'LS_COLORS XDG_RUNTIME_DIR XDG_DATA_DIRS SSH_AUTH_SOCK INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS STATE_DIRECTORY ' +
    'HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE',
  'of Node and npm':
    'NODE_ENV NODE_VERSION NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_COMPILE_CACHE UV_THREADPOOL_SIZE YARN_VERSION INIT_CWD COLOR NO_COLOR ' +
    'npm_config_port npm_config_loglevel npm_config_user_agent npm_package_name npm_lifecycle_event npm_execpath',
  'of build servers':
    'CI GITHUB_ACTIONS GITHUB_JOB GITHUB_TOKEN RUNNER_OS CI_JOB_ID CI_JOB_TOKEN JOB JOB_ID JOB_NAME JOB_URL JOB_BASE_NAME BUILD_ID BUILD_URL ' +
    'WORKSPACE JENKINS_URL EXECUTOR_NUMBER',
  'of clouds':
    'AWS_REGION AWS_DEFAULT_REGION AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_PROFILE AWS_SECURITY_TOKEN ' +
    'AWS_ENDPOINT_URL_S3 AWS_S3_ENDPOINT ECS_CONTAINER_METADATA_URI_V4 K_SERVICE K_REVISION DYNO FLY_REGION WEBSITE_HOSTNAME ' +
    'WEB_CONCURRENCY WEB_MEMORY MEMORY_AVAILABLE',
  'of OpenTelemetry':
    'OTEL_SERVICE_NAME OTEL_RESOURCE_ATTRIBUTES OTEL_LOG_LEVEL OTEL_PROPAGATORS OTEL_METRICS_EXPORTER OTEL_LOGS_EXPORTER OTEL_TRACES_SAMPLER ' +
    'OTEL_EXPORTER_OTLP_HEADERS OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_TIMEOUT OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ' +
    'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT OTEL_EXPORTER_ZIPKIN_ENDPOINT',
  'of other programs beside it':
    'DATABASE_URL POSTGRES_URL REDIS_HOST REDIS_DB REDIS_USER REDIS_PASSWORD REDIS_TLS REDIS_SSL LOG_FORMAT LOG_FILE API_KEY API_KEYS API_URL ' +
    'API_SECRET JWT_SECRET AUTHOR AUTH_TOKEN S3_BUCKET S3_ACCESS_KEY TRUSTED_HOSTS MAX_WORKERS NUM_WORKERS WORKER_ID EXPORTER QUEUE TIMEOUT',
};

for (const [whose, names] of Object.entries(foreign)) {
  test(`no variable ${whose} passes for a misspelt setting`, () => {
    assert.deepEqual(misspelt(names.split(' ')), []);
  });
}

test('nor does one that Kubernetes or a link of Docker makes of the name of a service', () => {
  const services = [
    'REDIS',
    'JOBS',
    'JOBS_REDIS',
    'WORKERS',
    'S3',
    'AUTH',
    'STREAMS',
    'API_KEYS',
    'LOG',
    'A',
    'KUBERNETES',
    'KL_DIVERGENCE',
  ];
  const tails = ['HOST', 'NAME', 'ENV_X', 'SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT', 'PORT_80_TCP', 'PORT_3000_TCP_ADDR'];
  assert.deepEqual(misspelt(services.flatMap((service) => tails.map((tail) => `${service}_${tail}`))), []);
});

test('at its start the service names a misspelt setting and the one that was meant', async (t) => {
  const { lines } = await started(t, { LARGE_QEUE: '4', REDIS_PORT: 'tcp://10.0.0.1:6379' });
  assert.deepEqual(
    lines.filter(({ level }) => level === 40).map(({ msg, variable, meant }) => ({ msg, variable, meant })),
    [{ msg: 'unknown setting ignored', variable: 'LARGE_QEUE', meant: 'LARGE_QUEUE' }],
  );
});
